-- What follows up a change of a task: whom the assignment is news to, and which due times still remind.

-- Whoever takes a task is not mailed about it. Says so of the current assignment; false since the task was made, whose
-- assignee is always mailed.
ALTER TABLE tasks ADD COLUMN self_assigned boolean NOT NULL DEFAULT false;
-- When the due date got its present value: one that was past already then does not remind.
ALTER TABLE tasks ADD COLUMN due_set_at timestamptz NOT NULL DEFAULT now();

-- Each try to send a mail is a claim of its own: a statement that is repeated because its answer was lost knows its own
-- claim, and does not pass for another try.
ALTER TABLE deliveries ADD COLUMN claim uuid;
-- How many tries there were. Where there was more than one, the mail may have been sent before.
ALTER TABLE deliveries ADD COLUMN tries integer NOT NULL DEFAULT 1;

-- Read once a night: the tasks that may still remind.
CREATE INDEX tasks_to_remind ON tasks (due_date, id) WHERE status <> 'DONE';
-- What may be forgotten is found by the outcome, or for want of one by the claim.
CREATE INDEX deliveries_unsent ON deliveries (claimed_until) WHERE sent_at IS NULL;
