
-- The task $2, if the caller may read it: `visible` of task_access, asked of the rows that are read anyway, since the view
-- would read them again.
  FROM tasks t
  JOIN projects p ON p.id = t.project_id
  JOIN users u ON u.id = t.assignee_id
 WHERE t.id = $2
   AND (
        SELECT m.role = 'ADMIN'
               OR t.assignee_id = $1
               OR EXISTS (SELECT FROM project_members pm WHERE pm.project_id = p.id AND pm.user_id = $1)
          FROM workspace_members m
         WHERE m.workspace_id = p.workspace_id AND m.user_id = $1
       )
