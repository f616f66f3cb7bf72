-- Adds the owner of an address to a workspace, for an ADMIN. A membership that is there already stays as it is and keeps
-- its id, which tells it from the one asked for, also when the same request comes twice.
WITH access AS (
    SELECT FROM workspace_members WHERE workspace_id = $2 AND user_id = $1 AND role = 'ADMIN'
), found AS (
    SELECT user_id FROM email_owner($4) AS user_id WHERE user_id IS NOT NULL
), added AS (
    INSERT INTO workspace_members (id, workspace_id, user_id, role, message)
    SELECT $3, $2, found.user_id, $5::text::workspace_role, $6 FROM access, found
    ON CONFLICT (workspace_id, user_id) DO UPDATE SET id = workspace_members.id
    RETURNING id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'not_workspace_admin'
           WHEN NOT EXISTS (SELECT FROM found) THEN 'user_not_found'
           WHEN NOT EXISTS (SELECT FROM added WHERE id = $3) THEN 'already_workspace_member'
       END AS verdict
