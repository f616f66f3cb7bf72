-- Comments with their authors, on tasks the caller ($1) may read: the part that all reads of comments share.
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
  JOIN task_access x ON x.task_id = c.task_id AND x.user_id = $1 AND x.visible
