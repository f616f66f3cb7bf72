-- The tasks with these ids, for the list of their schedules. One that is not here is gone. Enums as text.
SELECT t.id,
       t.title,
       t.status::text AS status,
       p.name AS project,
       p.status::text AS project_status,
       u.display_name AS assignee
  FROM tasks t
  JOIN projects p ON p.id = t.project_id
  JOIN users u ON u.id = t.assignee_id
 WHERE t.id = ANY($1)
