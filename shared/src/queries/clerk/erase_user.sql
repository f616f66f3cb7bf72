-- Removes the person and keeps the row, for the tasks and comments of others that point at it; a user never heard of gets
-- one too, so that it does not matter what arrives first. The time is the tombstone's.
WITH tombstone AS (
    SELECT id, version, 'epoch'::timestamptz + version * interval '1 millisecond' AS deleted_at
      FROM clerk_objects
     WHERE kind = 'user' AND id = $1
), person AS (
    INSERT INTO users (id, version, deleted_at, created_at, updated_at)
    SELECT id, version, deleted_at, deleted_at, deleted_at FROM tombstone
    ON CONFLICT (id) DO UPDATE
    SET name = NULL,
        email = NULL,
        email_verified = false,
        image = '',
        version = excluded.version,
        deleted_at = excluded.deleted_at,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at
)
DELETE FROM workspace_members WHERE user_id = $1
