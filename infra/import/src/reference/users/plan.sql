-- What becomes of each old user. What Clerk itself has said of somebody since stays; of whom Cairn knows no more than the id,
-- or what a membership says of its user, the rest is filled in. The version stays 0, older than all that Clerk may say: until
-- then the address counts as verified.
CREATE TEMP TABLE new_users AS
WITH mapped AS (
    SELECT id,
           CASE WHEN name ~ '\S' THEN name END AS name,
           CASE WHEN email ~ '\S' AND octet_length(email) <= 320 THEN email END AS email,
           image,
           pg_temp.instant(created_at) AS created_at,
           pg_temp.instant(updated_at) AS updated_at,
           CASE WHEN id = '' OR length(id) > 255 THEN 'has an id that is empty or too long' END AS skip,
           array_remove(ARRAY[
               CASE WHEN name !~ '\S' THEN 'has no name' END,
               CASE WHEN email !~ '\S' OR octet_length(email) > 320 THEN 'has no usable e-mail address' END,
               CASE WHEN email ~ '\S' AND count(*) OVER (PARTITION BY lower(email)) > 1
                    THEN 'shares an e-mail address with another, but for upper and lower case' END
           ], NULL) AS notes
      FROM old_users
), printed AS (
    SELECT m.*, sha256(convert_to(ROW(m.id, m.name, m.email, m.image, m.created_at, m.updated_at)::text, 'UTF8')) AS fingerprint
      FROM mapped m
), compared AS (
    SELECT p.*,
           i.old_id IS NOT NULL AS imported,
           u.id IS NOT NULL AS there,
           i.fingerprint = p.fingerprint AS same,
           u.updated_at = i.updated_at AND u.version = 0 AND u.deleted_at IS NULL AS untouched,
           i.old_id IS NULL AND u.version = 0 AND u.deleted_at IS NULL AS completes,
           u.updated_at AS seen,
           u.version AS version_there,
           coalesce(u.deleted_at IS NOT NULL, false) AS deleted,
           u.name AS name_there,
           u.image AS image_there
      FROM printed p
      LEFT JOIN imported i ON i.kind = 'users' AND i.old_id = p.id
      LEFT JOIN users u ON u.id = p.id
), decided AS (
    SELECT c.*,
           CASE WHEN skip IS NULL AND completes THEN 'updated'
                ELSE pg_temp.fate(skip, imported, there, same, untouched)
           END AS fate
      FROM compared c
)
SELECT row_number() OVER (ORDER BY id) AS n,
       id AS old_id,
       id,
       CASE WHEN completes THEN coalesce(name_there, name) ELSE name END AS name,
       email,
       CASE WHEN completes AND image_there <> '' THEN image_there ELSE image END AS image,
       created_at,
       updated_at,
       fingerprint,
       fate,
       CASE WHEN fate = 'skipped' THEN skip
            WHEN fate = 'kept' AND deleted THEN 'was deleted at Clerk'
            WHEN fate = 'kept' AND version_there > 0 THEN 'is as Clerk says'
            WHEN fate = 'kept' THEN pg_temp.why_kept(imported, there)
       END AS reason,
       CASE WHEN completes THEN notes || 'was known by its id before, and is completed'::text ELSE notes END AS notes,
       seen,
       deleted,
       skip IS NULL AND (there OR NOT imported) AS present
  FROM decided
