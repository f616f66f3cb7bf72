-- What follows up a change of a task: whom the assignment is news to, and which due times still remind.

-- Whoever takes a task is not mailed about it. Says so of the current assignment; false since the task was made, whose
-- assignee is always mailed.
ALTER TABLE tasks ADD COLUMN self_assigned boolean NOT NULL DEFAULT false;
-- When the due date got its present value: one that was past already then does not remind.
ALTER TABLE tasks ADD COLUMN due_set_at timestamptz NOT NULL DEFAULT now();

-- Read once a night: the tasks that may still remind.
CREATE INDEX tasks_to_remind ON tasks (due_date, id) WHERE status <> 'DONE';
-- What may be forgotten is found by the outcome, or for want of one by the claim.
CREATE INDEX deliveries_unsent ON deliveries (claimed_until) WHERE sent_at IS NULL;
