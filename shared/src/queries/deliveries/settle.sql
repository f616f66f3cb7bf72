-- Marks the mail ($1 to $4) as sent, with SES's id of it, or as given up, without. It is not sent again.
UPDATE deliveries
   SET sent_at = now(), message_id = $5
 WHERE kind = $1 AND task_id = $2 AND user_id = $3 AND version = $4 AND sent_at IS NULL
