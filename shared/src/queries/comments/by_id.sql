-- One comment, for who may read its task.
WITH comment AS (
    SELECT c.*
      FROM comments c
     WHERE c.id = $2
       AND (SELECT x.visible FROM task_access x WHERE x.task_id = c.task_id AND x.user_id = $1)
)
SELECT CASE WHEN NOT EXISTS (SELECT FROM comment) THEN 'comment_not_found' END AS verdict
