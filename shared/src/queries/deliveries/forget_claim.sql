-- Gives up the claim on the mail ($1 to $4), which certainly was not sent, as if it had never been tried.
DELETE FROM deliveries
 WHERE kind = $1 AND task_id = $2 AND user_id = $3 AND version = $4 AND sent_at IS NULL
