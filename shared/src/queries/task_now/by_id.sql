-- The task $1.
  FROM tasks t
  JOIN projects p ON p.id = t.project_id
  JOIN workspaces w ON w.id = p.workspace_id
  JOIN users u ON u.id = t.assignee_id
  LEFT JOIN workspace_members m ON m.workspace_id = w.id AND m.user_id = u.id
 WHERE t.id = $1
