       -- Behind the columns of select.sql: which rule refused, and the promise.
       ,
       CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'task_not_found'
           WHEN NOT (SELECT edits FROM access) OR NOT (SELECT edits FROM rights) THEN 'not_task_editor'
           WHEN (SELECT reassigns AND NOT leads FROM rights) THEN 'not_team_lead'
           WHEN (SELECT reassigns FROM rights) AND NOT EXISTS (SELECT FROM assignee) THEN 'assignee_not_in_project'
           WHEN EXISTS (SELECT FROM allowed WHERE to_follow_up) AND NOT EXISTS (SELECT FROM counted) THEN 'too_many_follow_ups'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'task_not_found'
       END AS verdict,
       -- Written by an attempt before, if the connection broke after its commit.
       coalesce((SELECT id FROM promise), (SELECT id FROM outbox WHERE id = $11)) AS outbox_id
  FROM (SELECT) always
  LEFT JOIN updated t ON true
  LEFT JOIN projects p ON p.id = t.project_id
  LEFT JOIN users u ON u.id = t.assignee_id
