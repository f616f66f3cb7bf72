-- The task that the outbox row $1 is about, with the row's age. No row: the promise was kept already. NULLs but for
-- `promised_at`: the task is gone.
     , o.created_at AS promised_at
  FROM outbox o
  LEFT JOIN (tasks t
             JOIN projects p ON p.id = t.project_id
             JOIN workspaces w ON w.id = p.workspace_id
             JOIN users u ON u.id = t.assignee_id
             LEFT JOIN workspace_members m ON m.workspace_id = w.id AND m.user_id = u.id)
         ON t.id = o.task_id
 WHERE o.id = $1
