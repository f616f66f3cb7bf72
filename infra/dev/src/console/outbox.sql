-- The promises that are not kept yet, those given up first, then the oldest; each with its task, if that is still there.
SELECT o.id,
       o.kind,
       o.task_id,
       t.title,
       o.created_at,
       o.attempts,
       o.next_attempt_at,
       o.dead_at
  FROM outbox o
  LEFT JOIN tasks t ON t.id = o.task_id
 ORDER BY o.dead_at DESC NULLS LAST, o.created_at
 LIMIT 100
