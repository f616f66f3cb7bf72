-- Claims the mail of the kind $1 about the task $2 to the user $3 in its version $4 until $5.
INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until)
VALUES ($1, $2, $3, $4, $5::text::timestamptz)
