-- Promises the tasks $1 a look, each at its time ($2): the worker then makes the schedule of its reminder.
INSERT INTO outbox (id, kind, task_id, next_attempt_at)
SELECT gen_random_uuid(), 'task_change', task_id, at FROM unnest($1::uuid[], $2::timestamptz[]) AS promise (task_id, at)
