-- Who is in the projects of the page (and in their workspace), longest-standing first.
SELECT pm.id,
       pm.project_id,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM page
  JOIN projects p ON p.id = page.id
  JOIN project_members pm ON pm.project_id = p.id
  JOIN workspace_members m ON m.workspace_id = p.workspace_id AND m.user_id = pm.user_id
  JOIN users u ON u.id = pm.user_id
 ORDER BY pm.created_at, pm.id
