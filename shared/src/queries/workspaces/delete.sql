-- Deletes a workspace with everything in it, for its owner. Of two at once the second finds nothing to delete.
WITH access AS (
    SELECT o.user_id = m.user_id AS owner
      FROM workspace_members m
      JOIN workspace_owners o ON o.workspace_id = m.workspace_id
     WHERE m.workspace_id = $2 AND m.user_id = $1
), deleted AS (
    DELETE FROM workspaces w USING access WHERE w.id = $2 AND access.owner RETURNING w.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'workspace_not_found'
           WHEN NOT (SELECT owner FROM access) THEN 'not_workspace_owner'
           WHEN NOT EXISTS (SELECT FROM deleted) THEN 'workspace_not_found'
       END AS verdict
