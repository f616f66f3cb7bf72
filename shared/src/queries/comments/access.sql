-- Whether the caller may read the task; sent with its comments, of which a stranger gets none.
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM task_access WHERE task_id = $2 AND user_id = $1 AND visible)
           THEN 'task_not_accessible'
       END AS verdict
