-- Changes a member's role, for an ADMIN. The ADMINs are locked and counted as they are once the locks are held: of the last
-- two demoting each other, the second finds itself no ADMIN any more. They are locked in one order, against deadlocks.
WITH admins AS MATERIALIZED (
    SELECT user_id
      FROM workspace_members
     WHERE workspace_id = $2
       AND role = 'ADMIN'
       AND EXISTS (SELECT FROM workspace_members WHERE workspace_id = $2 AND user_id = $1)
     ORDER BY user_id
       FOR UPDATE
), access AS (
    SELECT FROM admins WHERE user_id = $1
), member AS (
    SELECT user_id FROM workspace_members WHERE workspace_id = $2 AND user_id = $3
), updated AS (
    UPDATE workspace_members m
       SET role = $4::text::workspace_role, updated_at = now()
      FROM access
     WHERE m.workspace_id = $2
       AND m.user_id = $3
       AND ($4 = 'ADMIN' OR EXISTS (SELECT FROM admins WHERE user_id <> $3))
    RETURNING m.user_id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'not_workspace_admin'
           WHEN NOT EXISTS (SELECT FROM member) THEN 'member_not_found'
           WHEN $4 <> 'ADMIN' AND NOT EXISTS (SELECT FROM admins WHERE user_id <> $3) THEN 'last_admin'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'member_not_found'
       END AS verdict
