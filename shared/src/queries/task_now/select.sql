-- A task as it is now, with all that mails and reminders about it depend on. The address is the assignee's, if mail may go
-- there: they still are in the workspace, and it is they who own it. A due date without a time of day is as good as set anew when
-- the workspace's settings move its reminder. Enums as text.
SELECT t.id,
       t.title,
       t.description,
       t.priority::text AS priority,
       t.status = 'DONE' AS done,
       t.assignee_id,
       t.assignment,
       t.self_assigned,
       t.due_date,
       greatest(
           t.due_set_at,
           CASE WHEN (t.due_date AT TIME ZONE 'UTC')::time = '00:00' THEN w.reminders_moved_at END
       ) AS due_set_at,
       p.id AS project_id,
       p.name AS project_name,
       p.status IN ('COMPLETED', 'CANCELLED') AS project_over,
       w.id AS workspace_id,
       w.name AS workspace_name,
       w.timezone,
       w.reminder_time,
       u.display_name AS assignee_name,
       CASE WHEN m.user_id IS NOT NULL AND email_owner(u.email) = u.id THEN u.email END AS address
