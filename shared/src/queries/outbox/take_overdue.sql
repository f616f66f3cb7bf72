-- Takes up to $1 rows whose time has come, for the relay to publish. Each gets its next time at once, later after every
-- attempt; one that was published often enough, or is too old, is dead: it stays for people to look at and is not taken again.
-- Whatever its age it is published once, so that somebody can give an old one another try by setting its attempts to 0.
-- Rows that another relay is taking are passed over.
WITH overdue AS (
    SELECT id, attempts >= 8 OR (attempts > 0 AND created_at < now() - interval '14 days') AS dies
      FROM outbox
     WHERE dead_at IS NULL AND next_attempt_at <= now()
     ORDER BY next_attempt_at
     LIMIT $1
       FOR UPDATE SKIP LOCKED
)
UPDATE outbox o
   SET attempts = o.attempts + CASE WHEN overdue.dies THEN 0 ELSE 1 END,
       next_attempt_at = now() + interval '15 minutes' * power(2, least(o.attempts, 4)),
       dead_at = CASE WHEN overdue.dies THEN now() END
  FROM overdue
 WHERE o.id = overdue.id
RETURNING o.id, o.task_id, overdue.dies
