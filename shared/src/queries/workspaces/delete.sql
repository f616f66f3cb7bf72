-- Deletes a workspace with everything in it, for its owner. Of two at once the second finds nothing to delete. The
-- tombstone comes first, as it does for events: one of Clerk's that speaks of the workspace waits, and does not make it again.
WITH access AS (
    SELECT o.user_id = m.user_id AS owner
      FROM workspace_members m
      JOIN workspace_owners o ON o.workspace_id = m.workspace_id
     WHERE m.workspace_id = $2 AND m.user_id = $1
), tombstone AS (
    INSERT INTO clerk_objects (kind, id, version, tie, deleted)
    SELECT 'organization', $2, present_version(), '~', true FROM access WHERE owner
    ON CONFLICT (kind, id) DO UPDATE
    SET version = greatest(excluded.version, clerk_objects.version + 1), tie = excluded.tie, deleted = true
    RETURNING id
), deleted AS (
    DELETE FROM workspaces w USING tombstone WHERE w.id = tombstone.id RETURNING w.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'workspace_not_found'
           WHEN NOT (SELECT owner FROM access) THEN 'not_workspace_owner'
           WHEN NOT EXISTS (SELECT FROM deleted) THEN 'workspace_not_found'
       END AS verdict
