-- Claims the mail ($1 to $4) until $5, for who is about to send it, and says how things stand. That instant, taken to the
-- microsecond, is also how a repetition of this statement knows the claim as its own.
--   sent         there is nothing to send
--   claimed      the caller is to send it; otherwise somebody else is about to
--   taken_over   somebody tried before, and nobody knows whether that mail went out
-- A row that appeared after this statement began is never taken over, because nothing could be said about it.
WITH before AS (
    SELECT claimed_until, sent_at
      FROM deliveries
     WHERE kind = $1 AND task_id = $2 AND user_id = $3 AND version = $4
), claim AS (
    INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (kind, task_id, user_id, version) DO UPDATE SET claimed_until = excluded.claimed_until
     WHERE deliveries.sent_at IS NULL
       AND EXISTS (SELECT FROM before)
       AND (deliveries.claimed_until <= now() OR deliveries.claimed_until = excluded.claimed_until)
    RETURNING claimed_until
)
SELECT EXISTS (SELECT FROM before WHERE sent_at IS NOT NULL) AS sent,
       EXISTS (SELECT FROM claim) AS claimed,
       EXISTS (SELECT FROM before, claim WHERE before.claimed_until <> claim.claimed_until) AS taken_over
