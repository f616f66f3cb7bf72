-- Makes a workspace whose owner and first ADMIN is the caller. A caller whom Clerk has not told us of yet gets a stub row,
-- to be completed by the user's own event; one who was deleted at Clerk makes nothing. The row that already has the id
-- (a repetition) is left as it is. The membership is kept among what was said of memberships, too: clerk_memberships. So many
-- can be made in a day ($8); that is counted before the user is locked, as by all who count.
WITH repeated AS (
    SELECT FROM workspaces WHERE id = $2
), counted AS (
    INSERT INTO daily_use AS today (user_id, workspaces)
    SELECT $1, 1 WHERE NOT EXISTS (SELECT FROM repeated)
    ON CONFLICT (user_id, day) DO UPDATE SET workspaces = today.workspaces + 1 WHERE today.workspaces < $8
    RETURNING user_id
), caller AS (
    INSERT INTO users (id)
    SELECT $1 WHERE EXISTS (SELECT FROM counted) OR EXISTS (SELECT FROM repeated)
    ON CONFLICT (id) DO UPDATE SET id = excluded.id
    RETURNING id, deleted_at
), workspace AS (
    INSERT INTO workspaces (id, name, slug, description, image_url, owner_id)
    SELECT $2, $3, $4, $5, $6, id FROM caller WHERE deleted_at IS NULL
    ON CONFLICT (id) DO UPDATE SET id = excluded.id
    RETURNING id, xmax = 0 AS is_new
), membership AS (
    INSERT INTO workspace_members (id, workspace_id, user_id, role)
    SELECT $7, id, $1, 'ADMIN' FROM workspace WHERE is_new
    RETURNING workspace_id, user_id, role, created_at
), stamp AS (
    INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
    SELECT workspace_id, user_id, 'api', present_version(), '~', false, role, created_at FROM membership
    ON CONFLICT (workspace_id, user_id, source) DO UPDATE
    SET version = excluded.version, deleted = false, role = excluded.role, since = excluded.since
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM caller) THEN 'too_many_workspaces'
           WHEN NOT EXISTS (SELECT FROM workspace) THEN 'unauthorized'
       END AS verdict
