-- Lets the task $1 have been due a moment ago, and been given that time before: as if a queue had been down since.
UPDATE tasks
SET due_date = date_trunc('second', now() - interval '2 seconds'), due_set_at = now() - interval '1 minute'
WHERE id = $1
