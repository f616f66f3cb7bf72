       -- Behind the columns of select.sql: which rule refused, and the promise.
       ,
       CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'project_not_found'
           WHEN EXISTS (SELECT FROM repeated WHERE NOT visible) THEN 'project_not_found'
           WHEN EXISTS (SELECT FROM repeated) THEN NULL
           WHEN NOT (SELECT leads FROM access) THEN 'not_team_lead'
           WHEN NOT EXISTS (SELECT FROM assignee) THEN 'assignee_not_in_project'
           WHEN NOT EXISTS (SELECT FROM counted) THEN 'too_many_tasks'
       END AS verdict,
       -- Written by an attempt before, if the connection broke after its commit.
       coalesce((SELECT id FROM promise), (SELECT id FROM outbox WHERE id = $11)) AS outbox_id
  FROM (SELECT) always
  LEFT JOIN (
        SELECT id, project_id, title, description, status, type, priority, assignee_id, due_date, created_at, updated_at
          FROM task
         UNION ALL
        SELECT id, project_id, title, description, status, type, priority, assignee_id, due_date, created_at, updated_at
          FROM repeated
         WHERE NOT EXISTS (SELECT FROM task)
       ) t ON true
  LEFT JOIN projects p ON p.id = t.project_id
  LEFT JOIN users u ON u.id = t.assignee_id
