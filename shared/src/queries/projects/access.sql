-- Whether the project exists for the caller at all; sent with a list, which is empty for a stranger.
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM project_access WHERE project_id = $2 AND user_id = $1)
           THEN 'project_not_accessible'
       END AS verdict
