-- When the newest reminder of the task went out, and SES's id of it.
SELECT sent_at, message_id
  FROM deliveries
 WHERE kind = 'reminder' AND task_id = $1 AND sent_at IS NOT NULL
 ORDER BY sent_at DESC
 LIMIT 1
