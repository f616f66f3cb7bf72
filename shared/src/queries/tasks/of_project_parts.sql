     ORDER BY t.created_at, t.id
     LIMIT $5::bigint
), said AS MATERIALIZED (
    SELECT c.*
      FROM page
     CROSS JOIN LATERAL (SELECT c.* FROM comments c WHERE c.task_id = page.id ORDER BY c.created_at, c.id) c
)
SELECT 'task' AS kind,
       t.id,
       t.project_id,
       t.title,
       t.description,
       t.status::text AS status,
       t.type::text AS type,
       t.priority::text AS priority,
       t.due_date,
       t.created_at,
       t.updated_at,
       t.assignee_id AS user_id,
       NULL::uuid AS task_id,
       NULL AS content,
       NULL AS user_name,
       NULL AS user_email,
       NULL AS user_image,
       NULL AS name,
       NULL AS workspace_id
  FROM page t
UNION ALL
SELECT 'comment', c.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, c.created_at, c.updated_at, c.user_id, c.task_id, c.content,
       NULL, NULL, NULL, NULL, NULL
  FROM said c
UNION ALL
SELECT 'person', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, u.id, NULL, NULL,
       u.display_name, coalesce(u.email, ''), u.image, NULL, NULL
  FROM users u
 WHERE u.id = ANY (ARRAY(SELECT assignee_id FROM page UNION SELECT user_id FROM said))
UNION ALL
SELECT 'project', p.id, NULL, NULL, NULL, p.status::text, NULL, p.priority::text, NULL, NULL, NULL, p.team_lead, NULL, NULL,
       NULL, NULL, NULL, p.name, p.workspace_id
  FROM project p
