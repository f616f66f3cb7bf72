-- Registers workspaces among Clerk's objects, as the oldest there is, and holds them: what Clerk says of them, or their
-- deletion, waits and then wins.
INSERT INTO clerk_objects (kind, id, version)
SELECT 'organization', id, 0 FROM new_workspaces WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated') ORDER BY id
ON CONFLICT (kind, id) DO UPDATE SET version = clerk_objects.version
