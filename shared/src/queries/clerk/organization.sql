-- An organization as Clerk describes it ($2, $3: the version), unless something newer is known already: see user.sql. Who
-- made it gets a stub row if nobody has told of them yet, also from an old event: what is stored must not depend on which
-- came first. A row if it was news.
WITH newest AS (
    INSERT INTO clerk_objects (kind, id, version, tie) VALUES ('organization', $1, $2, $3)
    ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, tie = excluded.tie
     WHERE NOT clerk_objects.deleted
       AND (excluded.version, excluded.tie) > (clerk_objects.version, clerk_objects.tie)
    RETURNING id
), creator AS (
    INSERT INTO users (id, created_at, updated_at)
    SELECT $7, 'epoch', 'epoch' WHERE $7 IS NOT NULL
    ON CONFLICT (id) DO NOTHING
)
INSERT INTO workspaces (id, name, slug, image_url, owner_id, created_at, updated_at)
SELECT id, $4, $5, $6, $7, $8, $9 FROM newest
ON CONFLICT (id) DO UPDATE
SET name = excluded.name,
    slug = excluded.slug,
    image_url = excluded.image_url,
    owner_id = excluded.owner_id,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at
RETURNING id
