-- A hundred rows of the outbox for as many tasks, none of which was mailed about yet.
DELETE FROM deliveries;
DELETE FROM outbox;
INSERT INTO outbox (id, kind, task_id, next_attempt_at)
SELECT ('0f000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'task_change',
       ('0d000000-0000-7000-8000-' || lpad(to_hex(n * 4), 12, '0'))::uuid, now() + interval '15 minutes'
  FROM generate_series(0, 99) n;
