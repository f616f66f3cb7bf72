-- Changes a comment, for its author, and answers with it.
WITH access AS (
    SELECT c.user_id = $1 AS author
      FROM comments c
     WHERE c.id = $2
       AND (SELECT x.visible FROM task_access x WHERE x.task_id = c.task_id AND x.user_id = $1)
), updated AS (
    UPDATE comments c SET content = $3, updated_at = now() FROM access WHERE c.id = $2 AND access.author RETURNING c.*
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'comment_not_found'
           WHEN NOT (SELECT author FROM access) THEN 'not_comment_author'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'comment_not_found'
       END AS verdict,
       c.id,
       c.task_id,
       c.content,
       c.created_at,
       c.updated_at,
       u.id AS user_id,
       u.display_name AS user_name,
       u.image AS user_image
  FROM (SELECT) always
  LEFT JOIN updated c ON true
  LEFT JOIN users u ON u.id = c.user_id
