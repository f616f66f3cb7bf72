-- Deletes a task, for who may lead its project. Of two at once the second finds nothing to delete.
WITH access AS (
    SELECT leads FROM task_access WHERE task_id = $2 AND user_id = $1
), deleted AS (
    DELETE FROM tasks t USING access WHERE t.id = $2 AND access.leads RETURNING t.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'task_not_found'
           WHEN NOT (SELECT leads FROM access) THEN 'not_team_lead'
           WHEN NOT EXISTS (SELECT FROM deleted) THEN 'task_not_found'
       END AS verdict
