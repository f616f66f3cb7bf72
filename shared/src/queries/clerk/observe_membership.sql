-- Keeps what the event says of the membership, if it is the newest of its source, and makes or completes the stubs of
-- workspace and user where no more is known of them ($3: see member_objects.sql; empty where the event says nothing of them
-- but their ids). A deleted one of the two is not made again, and the membership then is nothing to keep.
--
-- It waits for what is just being done to this membership through our API: membership.sql has to see it. That comes first,
-- then the rest in the order in which it is counted below: the order of the locks, for all who take more than one of them.
-- `observed` is 1 if the event was news.
WITH workspace AS (
    INSERT INTO workspaces (id, name, slug, image_url, created_at, updated_at)
    SELECT $1, $10, $11, $12, $13, $13 FROM clerk_objects WHERE kind = 'organization' AND id = $1 AND NOT deleted
    ON CONFLICT (id) DO UPDATE
    SET name = excluded.name,
        slug = excluded.slug,
        image_url = excluded.image_url,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at
     WHERE EXISTS (SELECT FROM clerk_objects WHERE kind = 'organization' AND id = $1 AND version = 0 AND tie = $3 AND tie <> '')
    RETURNING id
), person AS (
    INSERT INTO users (id, name, image, created_at, updated_at)
    SELECT $2, $14, $15, $16, $16 FROM clerk_objects WHERE kind = 'user' AND id = $2 AND NOT deleted
    ON CONFLICT (id) DO UPDATE
    SET name = excluded.name,
        image = excluded.image,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at
     WHERE users.version = 0
       AND EXISTS (SELECT FROM clerk_objects WHERE kind = 'user' AND id = $2 AND version = 0 AND tie = $3 AND tie <> '')
    RETURNING id
), observed AS (
    INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
    SELECT $1, $2, $4, $5, $6, $7, $8::text::workspace_role, $9
     WHERE NOT EXISTS (
               SELECT FROM clerk_objects WHERE deleted AND (kind, id) IN (('organization', $1), ('user', $2))
           )
    ON CONFLICT (workspace_id, user_id, source) DO UPDATE
    SET version = excluded.version,
        tie = excluded.tie,
        deleted = excluded.deleted,
        role = excluded.role,
        since = excluded.since
     WHERE (excluded.version, excluded.tie) > (clerk_memberships.version, clerk_memberships.tie)
    RETURNING source
), being_added AS MATERIALIZED (
    SELECT FROM users WHERE id = $2 FOR UPDATE
), being_changed AS MATERIALIZED (
    SELECT FROM workspace_members WHERE workspace_id = $1 AND user_id = $2 FOR UPDATE
)
SELECT (SELECT count(*) FROM being_added) AS added,
       (SELECT count(*) FROM being_changed) AS changed,
       (SELECT count(*) FROM workspace) AS workspaces,
       (SELECT count(*) FROM person) AS people,
       (SELECT count(*) FROM observed) AS observed
