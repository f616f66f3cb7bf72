-- Whether the project exists for the caller at all; sent with its tasks, of which a stranger gets none.
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM project_access WHERE project_id = $2 AND user_id = $1) THEN 'project_not_found'
       END AS verdict
