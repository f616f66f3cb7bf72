-- What was mailed last, or is being mailed; each with its task, if that is still there, and its recipient.
SELECT d.kind,
       d.task_id,
       t.title,
       d.user_id,
       u.display_name AS recipient,
       d.version,
       d.tries,
       d.claimed_until,
       d.sent_at,
       d.message_id
  FROM deliveries d
  LEFT JOIN tasks t ON t.id = d.task_id
  LEFT JOIN users u ON u.id = d.user_id
 ORDER BY coalesce(d.sent_at, d.claimed_until) DESC
 LIMIT 50
