-- Ends the claim of the try $5 on the mail ($1 to $4), which may have been sent: the next one may try, and knows of this try.
UPDATE deliveries
   SET claimed_until = now()
 WHERE kind = $1 AND task_id = $2 AND user_id = $3 AND version = $4 AND claim = $5 AND sent_at IS NULL
