-- Gives up the claim of the try $5 on the mail ($1 to $4), which certainly was not sent, as if it had never been tried. By
-- now it may be somebody else's: then it stays.
DELETE FROM deliveries
 WHERE kind = $1 AND task_id = $2 AND user_id = $3 AND version = $4 AND claim = $5 AND sent_at IS NULL
