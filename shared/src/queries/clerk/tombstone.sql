-- A user or an organization ($1: which of the two) was deleted at Clerk, and stays deleted whatever else arrives. The row
-- is locked until the transaction ends: events that concern the same object wait and then find the tombstone. A row if it
-- was news.
INSERT INTO clerk_objects (kind, id, version, tie, deleted) VALUES ($1, $2, $3, $4, true)
ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, tie = excluded.tie, deleted = true
 WHERE NOT clerk_objects.deleted
    OR (excluded.version, excluded.tie) > (clerk_objects.version, clerk_objects.tie)
RETURNING id
