-- What tasks that are not done need to remind, by due date from $1 (and id $2) on, $3 of them. Also those of a project that is
-- over: it may be opened again, and nothing else would schedule them then.
SELECT t.id, t.due_date, w.timezone, w.reminder_time
  FROM tasks t
  JOIN projects p ON p.id = t.project_id
  JOIN workspaces w ON w.id = p.workspace_id
 WHERE t.status <> 'DONE' AND (t.due_date, t.id) > ($1, $2)
 ORDER BY t.due_date, t.id
 LIMIT $3
