-- Forgets rows that died a month ago: whoever wanted to look at them has.
DELETE FROM outbox WHERE dead_at < now() - interval '30 days' RETURNING id
