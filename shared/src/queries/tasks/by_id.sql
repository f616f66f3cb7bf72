
-- The task $2, if the caller may read it.
  FROM task_access x
  JOIN tasks t ON t.id = x.task_id
  JOIN projects p ON p.id = t.project_id
  JOIN users u ON u.id = t.assignee_id
 WHERE x.task_id = $2 AND x.user_id = $1 AND x.visible
