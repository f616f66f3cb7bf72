-- Makes a row due for the relay, because its message did not go out.
UPDATE outbox SET next_attempt_at = now() WHERE id = $1
