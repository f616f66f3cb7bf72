-- A promise $1 to follow up the task $2, made half a minute ago and overdue.
INSERT INTO outbox (id, kind, task_id, created_at, next_attempt_at)
VALUES ($1, 'task_change', $2, now() - interval '30 seconds', now())
