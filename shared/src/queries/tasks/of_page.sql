
-- Those of the page.
  FROM page
  JOIN tasks t ON t.id = page.id
  JOIN projects p ON p.id = t.project_id
  JOIN users u ON u.id = t.assignee_id
 ORDER BY t.created_at, t.id
