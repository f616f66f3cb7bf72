-- The comment $2 with its author, for a caller ($1) who may read its task.
SELECT c.id,
       c.task_id,
       c.content,
       c.created_at,
       c.updated_at,
       u.id AS user_id,
       u.display_name AS user_name,
       u.image AS user_image
  FROM comments c
  JOIN users u ON u.id = c.user_id
 WHERE c.id = $2
   AND (SELECT x.visible FROM task_access x WHERE x.task_id = c.task_id AND x.user_id = $1)
