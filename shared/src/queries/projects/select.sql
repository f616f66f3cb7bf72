-- The projects of the page, each with its team lead.
SELECT p.id,
       p.name,
       p.description,
       p.status::text AS status,
       p.priority::text AS priority,
       p.progress,
       p.start_date,
       p.end_date,
       p.team_lead,
       p.workspace_id,
       p.created_at,
       p.updated_at,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM page
  JOIN projects p ON p.id = page.id
  JOIN users u ON u.id = p.team_lead
 ORDER BY p.created_at DESC, p.id DESC
