-- Writes the users from $1 to $2 as planned, those excepted that were changed since the plan. Answers how many.
WITH batch AS (
    SELECT * FROM new_users WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated')
), inserted AS (
    INSERT INTO users (id, name, email, email_verified, image, created_at, updated_at)
    SELECT id, name, email, email IS NOT NULL, image, created_at, updated_at
      FROM batch
     WHERE fate = 'inserted'
     ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id, updated_at
), updated AS (
    UPDATE users u
       SET name = b.name,
           email = b.email,
           email_verified = b.email IS NOT NULL,
           image = b.image,
           created_at = b.created_at,
           updated_at = b.updated_at
      FROM batch b
     WHERE b.fate = 'updated' AND u.id = b.id AND u.updated_at = b.seen AND u.version = 0 AND u.deleted_at IS NULL
    RETURNING u.id, u.updated_at
), written AS (
    SELECT * FROM inserted UNION ALL SELECT * FROM updated
), remembered AS (
    INSERT INTO cairn_import.imported (kind, old_id, id, fingerprint, updated_at)
    SELECT 'users', b.old_id, b.id, b.fingerprint, w.updated_at FROM written w JOIN batch b USING (id)
    ON CONFLICT (kind, old_id) DO UPDATE SET fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
)
SELECT count(*) FROM written
