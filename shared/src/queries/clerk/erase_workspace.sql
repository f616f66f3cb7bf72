-- Removes a workspace with everything in it, once its tombstone stands.
DELETE FROM workspaces WHERE id = $1
