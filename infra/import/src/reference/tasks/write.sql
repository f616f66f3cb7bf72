-- Writes the tasks from $1 to $2 as planned, those excepted that were changed since the plan or whose project was deleted (one
-- that is just being deleted is waited for), and settles the mails that would tell the assignees: they know. Answers with how
-- many there are (`written`) and a row for each of them that may have to remind, from far enough back for every time zone;
-- without any, one row of NULLs.
WITH planned AS (
    SELECT * FROM new_tasks WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated')
), projects_held AS MATERIALIZED (
    SELECT id AS project_id FROM projects WHERE id IN (SELECT project_id FROM planned) ORDER BY id FOR KEY SHARE
), batch AS (
    SELECT * FROM planned JOIN projects_held USING (project_id)
), inserted AS (
    INSERT INTO tasks (id, project_id, title, description, status, type, priority, assignee_id, due_date, due_set_at,
                       created_at, updated_at)
    SELECT id, project_id, title, description, status::task_status, type::task_type, priority::priority, assignee_id, due_date,
           updated_at, created_at, updated_at
      FROM batch
     WHERE fate = 'inserted'
     ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id, updated_at, assignee_id, assignment, created_at
), updated AS (
    UPDATE tasks t
       SET project_id = b.project_id,
           title = b.title,
           description = b.description,
           status = b.status::task_status,
           type = b.type::task_type,
           priority = b.priority::priority,
           assignee_id = b.assignee_id,
           due_date = b.due_date,
           due_set_at = b.updated_at,
           created_at = b.created_at,
           updated_at = b.updated_at
      FROM batch b
     WHERE b.fate = 'updated' AND t.id = b.id AND t.updated_at = b.seen
    RETURNING t.id, t.updated_at, t.assignee_id, t.assignment, t.created_at
), written AS (
    SELECT * FROM inserted UNION ALL SELECT * FROM updated
), settled AS (
    INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until, sent_at)
    SELECT 'assignment', id, assignee_id, assignment, created_at, created_at FROM written
    ON CONFLICT (kind, task_id, user_id, version) DO NOTHING
), remembered AS (
    INSERT INTO cairn_import.imported (kind, old_id, id, fingerprint, updated_at)
    SELECT 'tasks', b.old_id, b.id::text, b.fingerprint, w.updated_at FROM written w JOIN batch b USING (id)
    ON CONFLICT (kind, old_id) DO UPDATE SET fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
), remind AS (
    SELECT b.id, b.due_date, s.timezone, s.reminder_time
      FROM written w
      JOIN batch b USING (id)
      JOIN projects p ON p.id = b.project_id
      JOIN workspaces s ON s.id = p.workspace_id
     WHERE b.may_remind AND b.due_date > now() - interval '2 days'
)
SELECT (SELECT count(*) FROM written) AS written, remind.id, remind.due_date, remind.timezone, remind.reminder_time
  FROM (VALUES (1)) AS one
  LEFT JOIN remind ON true
 ORDER BY remind.due_date, remind.id
