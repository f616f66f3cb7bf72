-- Changes what is given of a task, for its assignee or who may lead the project; only the latter may give it to someone
-- else, who must be in the project. NULL leaves a column as it is; the description, which may become NULL, has a parameter
-- of its own that says whether to set it. The assignment counts who it was given to, and so the mails that are due.
WITH access AS (
    SELECT t.id,
           t.project_id,
           x.leads,
           x.leads OR x.assigned AS edits,
           $9::text IS NOT NULL AND $9 <> t.assignee_id AS reassigns
      FROM task_access x
      JOIN tasks t ON t.id = x.task_id
     WHERE x.task_id = $2 AND x.user_id = $1
), assignee AS (
    SELECT p.user_id
      FROM access
      JOIN project_access p ON p.project_id = access.project_id
     WHERE p.user_id = $9 AND p.in_project
), updated AS (
    UPDATE tasks t
       SET title = coalesce($3, t.title),
           description = CASE WHEN $4 THEN $5 ELSE t.description END,
           status = coalesce($6::text::task_status, t.status),
           type = coalesce($7::text::task_type, t.type),
           priority = coalesce($8::text::priority, t.priority),
           assignee_id = coalesce($9, t.assignee_id),
           assignment = t.assignment + CASE WHEN $9 <> t.assignee_id THEN 1 ELSE 0 END,
           due_date = coalesce($10, t.due_date),
           updated_at = now()
      FROM access
     WHERE t.id = access.id
       AND access.edits
       AND (NOT access.reassigns OR (access.leads AND EXISTS (SELECT FROM assignee)))
    RETURNING t.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'task_not_found'
           WHEN NOT (SELECT edits FROM access) THEN 'not_task_editor'
           WHEN (SELECT reassigns AND NOT leads FROM access) THEN 'not_team_lead'
           WHEN (SELECT reassigns FROM access) AND NOT EXISTS (SELECT FROM assignee) THEN 'assignee_not_in_project'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'task_not_found'
       END AS verdict
