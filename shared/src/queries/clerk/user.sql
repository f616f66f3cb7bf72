-- A user as Clerk describes it ($2, $3: the version), unless something newer is known already. One statement: who comes
-- second waits for the row of clerk_objects and then compares with what the first left there. A row if it was news.
WITH newest AS (
    INSERT INTO clerk_objects (kind, id, version, tie) VALUES ('user', $1, $2, $3)
    ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, tie = excluded.tie
     WHERE NOT clerk_objects.deleted
       AND (excluded.version, excluded.tie) > (clerk_objects.version, clerk_objects.tie)
    RETURNING id
)
INSERT INTO users (id, name, email, email_verified, image, version, created_at, updated_at)
SELECT id, $4, $5, $6, $7, $2, $8, $9 FROM newest
ON CONFLICT (id) DO UPDATE
SET name = excluded.name,
    email = excluded.email,
    email_verified = excluded.email_verified,
    image = excluded.image,
    version = excluded.version,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at
RETURNING id
