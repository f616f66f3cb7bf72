-- Takes a member out of a workspace and its projects, for an ADMIN or for that member. The ADMINs and the member are locked
-- before it by lock_member_to_remove.sql. Who leads projects stays until they are handed over; they are named. The removal is
-- kept among what was said of the membership, as the newest: clerk_memberships.
WITH caller AS (
    SELECT user_id FROM workspace_members WHERE workspace_id = $2 AND user_id = $1
), admins AS MATERIALIZED (
    SELECT user_id
      FROM workspace_members
     WHERE workspace_id = $2 AND role = 'ADMIN' AND EXISTS (SELECT FROM caller)
     ORDER BY user_id
       FOR UPDATE
), access AS (
    SELECT FROM caller WHERE user_id = $3 OR EXISTS (SELECT FROM admins WHERE user_id = $1)
), member AS (
    SELECT user_id FROM workspace_members WHERE workspace_id = $2 AND user_id = $3
), led AS (
    SELECT p.name FROM projects p, access WHERE p.workspace_id = $2 AND p.team_lead = $3
), admin_left AS (
    SELECT WHERE NOT EXISTS (SELECT FROM admins WHERE user_id = $3) OR EXISTS (SELECT FROM admins WHERE user_id <> $3)
), removed AS (
    DELETE FROM workspace_members m
     USING access, admin_left
     WHERE m.workspace_id = $2 AND m.user_id = $3 AND NOT EXISTS (SELECT FROM led)
    RETURNING m.user_id, m.role, m.created_at
), stamp AS (
    INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
    SELECT $2, user_id, 'api', present_membership_version($2, user_id), '~', true, role, created_at FROM removed
    ON CONFLICT (workspace_id, user_id, source) DO UPDATE
    SET version = excluded.version, deleted = true, role = excluded.role, since = excluded.since
), left_projects AS (
    DELETE FROM project_members pm
     USING projects p, removed
     WHERE p.workspace_id = $2 AND pm.project_id = p.id AND pm.user_id = removed.user_id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'not_workspace_admin'
           WHEN NOT EXISTS (SELECT FROM member) THEN 'member_not_found'
           WHEN EXISTS (SELECT FROM led) THEN 'leads_projects'
           WHEN NOT EXISTS (SELECT FROM admin_left) THEN 'last_admin'
           WHEN NOT EXISTS (SELECT FROM removed) THEN 'member_not_found'
       END AS verdict,
       ARRAY(SELECT name FROM led ORDER BY name) AS names
