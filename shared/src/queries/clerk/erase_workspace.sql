-- Removes a workspace with everything in it, once its tombstone stands.
WITH said AS (
    DELETE FROM clerk_memberships WHERE workspace_id = $1
)
DELETE FROM workspaces WHERE id = $1
