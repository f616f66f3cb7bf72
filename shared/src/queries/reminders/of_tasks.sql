-- What of the tasks $1 those need to remind that are not done.
SELECT t.id, t.due_date, w.timezone, w.reminder_time
  FROM tasks t
  JOIN projects p ON p.id = t.project_id
  JOIN workspaces w ON w.id = p.workspace_id
 WHERE t.id = ANY ($1) AND t.status <> 'DONE'
