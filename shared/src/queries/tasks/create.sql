-- Makes a task, for who may lead its project, and gives it to someone in the project; the outbox promises, in the same
-- breath, that its assignee will be told. The row that already has the task's id (a repetition) is left as it is.
-- `outbox_id` is the row to publish.
WITH access AS (
    SELECT leads FROM project_access WHERE project_id = $2 AND user_id = $1
), repeated AS (
    SELECT FROM tasks WHERE id = $3 AND project_id = $2
), assignee AS (
    SELECT user_id FROM project_access WHERE project_id = $2 AND user_id = $9 AND in_project
), task AS (
    INSERT INTO tasks (id, project_id, title, description, status, type, priority, assignee_id, due_date)
    SELECT $3, $2, $4, $5, $6::text::task_status, $7::text::task_type, $8::text::priority, assignee.user_id, $10
      FROM access, assignee
     WHERE access.leads
    ON CONFLICT (id) DO UPDATE SET id = excluded.id
    RETURNING id, xmax = 0 AS is_new
), promise AS (
    INSERT INTO outbox (id, kind, task_id, next_attempt_at)
    SELECT $11, 'task_change', id, now() + interval '15 minutes' FROM task WHERE is_new
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'project_not_found'
           WHEN EXISTS (SELECT FROM repeated) THEN NULL
           WHEN NOT (SELECT leads FROM access) THEN 'not_team_lead'
           WHEN NOT EXISTS (SELECT FROM assignee) THEN 'assignee_not_in_project'
       END AS verdict,
       -- Written by an attempt before, if the connection broke after its commit.
       coalesce((SELECT id FROM promise), (SELECT id FROM outbox WHERE id = $11)) AS outbox_id
