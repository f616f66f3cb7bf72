-- Renews the promises about tasks whose due date is the old system's: what was due until this import began has reminded there,
-- and what was promised later than it was due does not remind here.
UPDATE outbox o
   SET created_at = began.at
  FROM began, cairn_import.imported i, tasks t
 WHERE i.kind = 'tasks'
   AND t.id::text = i.id
   -- Whoever sets another date in Cairn stamps it with the time of that.
   AND t.due_set_at = i.updated_at
   AND o.task_id = t.id
   AND o.created_at < began.at
