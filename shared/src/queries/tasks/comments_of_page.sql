-- All comments on the tasks of the page, oldest first.
SELECT c.id,
       c.task_id,
       c.content,
       c.created_at,
       c.updated_at,
       u.id AS user_id,
       u.display_name AS user_name,
       u.image AS user_image
  FROM page
  JOIN comments c ON c.task_id = page.id
  JOIN users u ON u.id = c.user_id
 ORDER BY c.created_at, c.id
