-- The workspaces that are organizations of Clerk. Those made through our API are not: their ids are UUIDs.
SELECT id
  FROM workspaces
 WHERE id !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
 ORDER BY id
