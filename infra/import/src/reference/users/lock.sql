-- Registers users among Clerk's objects, as the oldest there is, and holds them: what Clerk says of them waits and then wins.
INSERT INTO clerk_objects (kind, id, version)
SELECT 'user', id, 0 FROM new_users WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated') ORDER BY id
ON CONFLICT (kind, id) DO UPDATE SET version = clerk_objects.version
