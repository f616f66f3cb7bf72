-- Puts rows ($1) back that were taken but not published: the attempt does not count, and the next one comes soon.
UPDATE outbox
   SET attempts = greatest(attempts - 1, 0), next_attempt_at = now() + interval '1 minute'
 WHERE id = ANY ($1) AND dead_at IS NULL
