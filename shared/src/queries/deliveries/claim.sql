-- Claims the mail ($1 to $4) for the try $5, for who is about to send it, and says how things stand. The claim holds for a
-- minute, beyond the time-out of the functions that send. A repetition of this statement is of the same try.
--   sent      there is nothing to send
--   tries     the caller is to send it, as the first or not; NULL: somebody else is about to
WITH claim AS (
    INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until, claim)
    VALUES ($1, $2, $3, $4, now() + interval '1 minute', $5)
    ON CONFLICT (kind, task_id, user_id, version) DO UPDATE
       SET claimed_until = excluded.claimed_until,
           claim = excluded.claim,
           tries = deliveries.tries + CASE WHEN deliveries.claim = excluded.claim THEN 0 ELSE 1 END
     WHERE deliveries.sent_at IS NULL
       AND (deliveries.claimed_until <= now() OR deliveries.claim = excluded.claim)
    RETURNING tries
)
SELECT EXISTS (SELECT
                 FROM deliveries
                WHERE kind = $1 AND task_id = $2 AND user_id = $3 AND version = $4 AND sent_at IS NOT NULL) AS sent,
       (SELECT tries FROM claim) AS tries
