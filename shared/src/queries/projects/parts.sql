-- The projects of the page, who is in them (and in their workspace), their tasks, and everybody in them once. One statement,
-- so that the page is looked for once, and a person's row is read and sent once and not with every task. LATERAL with an
-- order keeps to the index: a plain join reads the whole table of tasks as soon as it expects many of them.
, member AS MATERIALIZED (
    SELECT pm.*
      FROM page
     CROSS JOIN LATERAL (
            SELECT pm.*
              FROM project_members pm
             WHERE pm.project_id = page.id
               AND (SELECT true FROM workspace_members m WHERE m.workspace_id = page.workspace_id AND m.user_id = pm.user_id)
             ORDER BY pm.created_at, pm.id
           ) pm
), task AS MATERIALIZED (
    SELECT t.*
      FROM page
     CROSS JOIN LATERAL (SELECT t.* FROM tasks t WHERE t.project_id = page.id ORDER BY t.created_at, t.id) t
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
       NULL AS user_name,
       NULL AS user_email,
       NULL AS user_image,
       NULL AS name,
       NULL::integer AS progress,
       NULL::timestamptz AS start_date,
       NULL::timestamptz AS end_date,
       NULL AS workspace_id
  FROM task t
UNION ALL
SELECT 'member', pm.id, pm.project_id, NULL, NULL, NULL, NULL, NULL, NULL, pm.created_at, NULL, pm.user_id, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL
  FROM member pm
UNION ALL
SELECT 'person', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, u.id, u.display_name, coalesce(u.email, ''), u.image,
       NULL, NULL, NULL, NULL, NULL
  FROM users u
 WHERE u.id = ANY (ARRAY(SELECT team_lead FROM page UNION SELECT user_id FROM member UNION SELECT assignee_id FROM task))
UNION ALL
SELECT 'project', p.id, NULL, NULL, p.description, p.status::text, NULL, p.priority::text, NULL, p.created_at, p.updated_at,
       p.team_lead, NULL, NULL, NULL, p.name, p.progress, p.start_date, p.end_date, p.workspace_id
  FROM page p
