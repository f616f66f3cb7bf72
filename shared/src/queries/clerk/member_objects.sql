-- An event about a membership speaks of an organization and a user on the side. What it says of them is less than anything
-- they say themselves (version 0) and more than what an older event about a membership said ($3). Both rows are locked until
-- the transaction ends, the organization's first: whatever else concerns them waits.
INSERT INTO clerk_objects (kind, id, version, tie) VALUES ('organization', $1, 0, $3), ('user', $2, 0, $3)
ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, tie = excluded.tie
 WHERE NOT clerk_objects.deleted
   AND (excluded.version, excluded.tie) > (clerk_objects.version, clerk_objects.tie)
