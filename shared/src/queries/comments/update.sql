-- Changes a comment, for its author.
WITH access AS (
    SELECT c.user_id = $1 AS author
      FROM comments c
     WHERE c.id = $2
       AND (SELECT x.visible FROM task_access x WHERE x.task_id = c.task_id AND x.user_id = $1)
), comment AS (
    UPDATE comments c SET content = $3, updated_at = now() FROM access WHERE c.id = $2 AND access.author RETURNING c.*
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'comment_not_found'
           WHEN NOT (SELECT author FROM access) THEN 'not_comment_author'
           WHEN NOT EXISTS (SELECT FROM comment) THEN 'comment_not_found'
       END AS verdict
