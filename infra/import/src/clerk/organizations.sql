-- The workspaces that are organizations of Clerk. Those made through our API are none: their ids are UUIDs. Nor are those with
-- other ids, which some other system gave them.
SELECT id FROM workspaces WHERE starts_with(id, 'org_') ORDER BY id
