-- The age of the oldest row that still promises something, in whole seconds; no row counts as 0.
SELECT coalesce(floor(extract(epoch FROM now() - min(created_at)))::bigint, 0) AS seconds
  FROM outbox
 WHERE dead_at IS NULL
