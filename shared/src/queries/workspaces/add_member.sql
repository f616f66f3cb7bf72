-- Adds the owner of an address to a workspace, for an ADMIN. A membership that is there already stays as it is and keeps
-- its id, which tells it from the one asked for, also when the same request comes twice. The addition is kept among what
-- was said of the membership, as the newest: clerk_memberships. The lock waits for a deletion of the user at Clerk. Each try
-- counts, since the answer tells whether there is such an account: so many can be made in a day ($7).
WITH access AS (
    SELECT FROM workspace_members WHERE workspace_id = $2 AND user_id = $1 AND role = 'ADMIN'
), counted AS (
    INSERT INTO daily_use AS today (user_id, additions)
    SELECT $1, 1 FROM access
    ON CONFLICT (user_id, day) DO UPDATE SET additions = today.additions + 1 WHERE today.additions < $7
    RETURNING user_id
), found AS (
    SELECT id AS user_id
      FROM users
     WHERE id = email_owner($4) AND deleted_at IS NULL AND EXISTS (SELECT FROM counted)
       FOR KEY SHARE
), added AS (
    INSERT INTO workspace_members (id, workspace_id, user_id, role, message)
    SELECT $3, $2, found.user_id, $5::text::workspace_role, $6 FROM access, found
    ON CONFLICT (workspace_id, user_id) DO UPDATE SET id = workspace_members.id
    RETURNING id, user_id, role, created_at
), stamp AS (
    INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
    SELECT $2, user_id, 'api', present_membership_version($2, user_id), '~', false, role, created_at
      FROM added
     WHERE id = $3
    ON CONFLICT (workspace_id, user_id, source) DO UPDATE
    SET version = excluded.version, deleted = false, role = excluded.role, since = excluded.since
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'not_workspace_admin'
           WHEN NOT EXISTS (SELECT FROM counted) THEN 'too_many_additions'
           WHEN NOT EXISTS (SELECT FROM found) THEN 'user_not_found'
           WHEN NOT EXISTS (SELECT FROM added WHERE id = $3) THEN 'already_workspace_member'
       END AS verdict
