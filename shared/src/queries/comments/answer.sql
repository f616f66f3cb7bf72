       -- What follows a verdict: the comment, if there is one, and its author.
       ,
       c.id,
       c.task_id,
       c.content,
       c.created_at,
       c.updated_at,
       u.id AS user_id,
       u.display_name AS user_name,
       u.image AS user_image
  FROM (SELECT) always
  LEFT JOIN comment c ON true
  LEFT JOIN users u ON u.id = c.user_id
