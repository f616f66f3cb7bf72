-- The tasks of the projects of the page, each with its assignee, oldest first.
SELECT t.id,
       t.project_id,
       t.title,
       t.description,
       t.status::text AS status,
       t.type::text AS type,
       t.priority::text AS priority,
       t.due_date,
       t.created_at,
       t.updated_at,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM page
  JOIN tasks t ON t.project_id = page.id
  JOIN users u ON u.id = t.assignee_id
 ORDER BY t.created_at, t.id
