-- Locks what is known of the user $1: an event about them has to wait.
SELECT
FROM clerk_objects
WHERE id = $1
FOR UPDATE
