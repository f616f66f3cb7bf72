-- Changes a member's role, for an ADMIN. The ADMINs are locked and counted as they are once the locks are held: of the last
-- two demoting each other, the second finds itself no ADMIN any more. They are locked in one order, against deadlocks.
-- The change is kept among what was said of the membership, as the newest: clerk_memberships.
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
    RETURNING m.user_id, m.role, m.created_at
), stamp AS (
    INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
    SELECT $2, user_id, 'api', present_membership_version($2, user_id), '~', false, role, created_at FROM updated
    ON CONFLICT (workspace_id, user_id, source) DO UPDATE
    SET version = excluded.version, deleted = false, role = excluded.role, since = excluded.since
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'not_workspace_admin'
           WHEN NOT EXISTS (SELECT FROM member) THEN 'member_not_found'
           WHEN $4 <> 'ADMIN' AND NOT EXISTS (SELECT FROM admins WHERE user_id <> $3) THEN 'last_admin'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'member_not_found'
       END AS verdict
