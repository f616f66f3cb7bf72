-- Deletes a project with its tasks and comments, for who may lead it or an ADMIN. Of two at once the second finds nothing.
WITH access AS (
    SELECT leads OR admin AS allowed FROM project_access WHERE project_id = $2 AND user_id = $1
), deleted AS (
    DELETE FROM projects p USING access WHERE p.id = $2 AND access.allowed RETURNING p.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'project_not_found'
           WHEN NOT (SELECT allowed FROM access) THEN 'not_admin_or_team_lead'
           WHEN NOT EXISTS (SELECT FROM deleted) THEN 'project_not_found'
       END AS verdict
