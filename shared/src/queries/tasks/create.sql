-- Makes a task, for who may lead its project, and gives it to someone in the project; the outbox promises, in the same
-- breath, that its assignee will be told. The row that already has the task's id (a repetition) is left as it is.
-- What is new counts among what the caller may write ($12) and have followed up ($13) in a day. `outbox_id` is the row to publish. What comes behind it answers with the task.
WITH access AS (
    SELECT leads, admin OR in_project AS reads FROM project_access WHERE project_id = $2 AND user_id = $1
), repeated AS (
    SELECT t.*, access.reads OR t.assignee_id = $1 AS visible FROM tasks t, access WHERE t.id = $3 AND t.project_id = $2
), assignee AS (
    SELECT user_id FROM project_access WHERE project_id = $2 AND user_id = $9 AND in_project
), counted AS (
    INSERT INTO daily_use AS today (user_id, writings, follow_ups)
    SELECT $1, 1, 1 FROM access, assignee WHERE access.leads AND NOT EXISTS (SELECT FROM repeated)
    ON CONFLICT (user_id, day) DO UPDATE
    SET writings = today.writings + 1, follow_ups = today.follow_ups + 1
     WHERE today.writings < $12 AND today.follow_ups < $13
    RETURNING user_id
), task AS (
    INSERT INTO tasks (id, project_id, title, description, status, type, priority, assignee_id, due_date)
    SELECT $3, $2, $4, $5, $6::text::task_status, $7::text::task_type, $8::text::priority, assignee.user_id, $10
      FROM access, assignee
     WHERE access.leads AND (EXISTS (SELECT FROM counted) OR EXISTS (SELECT FROM repeated))
    ON CONFLICT (id) DO UPDATE SET id = excluded.id
    RETURNING *, xmax = 0 AS is_new
), promise AS (
    INSERT INTO outbox (id, kind, task_id, next_attempt_at)
    SELECT $11, 'task_change', id, now() + interval '15 minutes' FROM task WHERE is_new
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
