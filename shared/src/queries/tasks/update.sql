-- Changes what is given of a task, for its assignee or who may lead the project; only the latter may give it to someone
-- else, who must be in the project. NULL leaves a column as it is; the description, which may become NULL, has a parameter
-- of its own that says whether to set it. Who is the assignee is read once the row is locked: the task may be given to someone
-- else at this moment. The assignment counts who it was given to, and so the mails that are due.
-- What somebody must hear of (another assignee, another due date, a reopening) is told by comparing with the row once it is
-- locked, promised in the outbox by the same statement, and counts among what the caller may have followed up in a day ($12).
-- `outbox_id` is the row to publish. What comes behind it answers with the task.
WITH access AS (
    SELECT t.project_id,
           x.leads,
           x.leads OR x.assigned AS edits
      FROM task_access x
      JOIN tasks t ON t.id = x.task_id
     WHERE x.task_id = $2 AND x.user_id = $1
), assignee AS (
    SELECT p.user_id
      FROM access
      JOIN project_access p ON p.project_id = access.project_id
     WHERE p.user_id = $9 AND p.in_project
), before AS MATERIALIZED (
    SELECT t.id,
           t.assignee_id = $1 AS assigned,
           coalesce($9 <> t.assignee_id, false) AS reassigns,
           coalesce($10 <> t.due_date, false)
           OR (t.status = 'DONE' AND coalesce($6 <> 'DONE', false)) AS changes_reminder
      FROM tasks t
     WHERE t.id = $2 AND EXISTS (SELECT FROM access WHERE edits)
       FOR NO KEY UPDATE
), rights AS (
    SELECT before.id,
           before.reassigns,
           before.reassigns OR before.changes_reminder AS to_follow_up,
           access.leads,
           access.leads OR before.assigned AS edits
      FROM access, before
), allowed AS (
    SELECT id, to_follow_up
      FROM rights
     WHERE edits AND (NOT reassigns OR (leads AND EXISTS (SELECT FROM assignee)))
), counted AS (
    INSERT INTO daily_use AS today (user_id, follow_ups)
    SELECT $1, 1 FROM allowed WHERE to_follow_up
    ON CONFLICT (user_id, day) DO UPDATE SET follow_ups = today.follow_ups + 1 WHERE today.follow_ups < $12
    RETURNING user_id
), updated AS (
    UPDATE tasks t
       SET title = coalesce($3, t.title),
           description = CASE WHEN $4 THEN $5 ELSE t.description END,
           status = coalesce($6::text::task_status, t.status),
           type = coalesce($7::text::task_type, t.type),
           priority = coalesce($8::text::priority, t.priority),
           assignee_id = coalesce($9, t.assignee_id),
           assignment = t.assignment + CASE WHEN $9 <> t.assignee_id THEN 1 ELSE 0 END,
           self_assigned = CASE WHEN $9 <> t.assignee_id THEN $9 = $1 ELSE t.self_assigned END,
           due_date = coalesce($10, t.due_date),
           due_set_at = CASE WHEN $10 <> t.due_date THEN now() ELSE t.due_set_at END,
           updated_at = now()
      FROM allowed
     WHERE t.id = allowed.id AND (NOT allowed.to_follow_up OR EXISTS (SELECT FROM counted))
    RETURNING t.*, allowed.to_follow_up
), promise AS (
    INSERT INTO outbox (id, kind, task_id, next_attempt_at)
    SELECT $11, 'task_change', id, now() + interval '15 minutes' FROM updated WHERE to_follow_up
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
