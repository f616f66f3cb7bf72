-- Holds the organizations and users of memberships in the order in which an event about a membership holds them: it waits,
-- and then sees these memberships.
INSERT INTO clerk_objects (kind, id, version)
SELECT DISTINCT object.kind, object.id, 0
  FROM new_workspace_members
 CROSS JOIN LATERAL (VALUES ('organization', workspace_id), ('user', user_id)) AS object (kind, id)
 WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated')
 ORDER BY 1, 2
ON CONFLICT (kind, id) DO UPDATE SET version = clerk_objects.version
