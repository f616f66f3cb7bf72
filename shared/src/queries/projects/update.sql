-- Changes what is given of a project, for who may lead it; an ADMIN who may not may only hand it over ($13). NULL leaves a
-- column as it is; columns that may become NULL have a parameter of their own that says whether to set them. A hand-over locks
-- the project, and then the new lead's memberships in workspace and project, in the order of those who remove them, so that nobody
-- leads a project they just left. Who is no ADMIN must still be the lead then.
WITH access AS (
    SELECT x.leads, x.admin, p.start_date, p.end_date
      FROM project_access x
      JOIN projects p ON p.id = x.project_id
     WHERE x.project_id = $2 AND x.user_id = $1
), handed_over AS MATERIALIZED (
    SELECT p.id, p.workspace_id
      FROM projects p, access
     WHERE p.id = $2
       AND $12 IS NOT NULL
       AND (access.leads OR (access.admin AND $13))
       AND (access.admin OR p.team_lead = $1)
       FOR NO KEY UPDATE OF p
), in_workspace AS MATERIALIZED (
    SELECT handed_over.id, m.user_id
      FROM handed_over
      JOIN workspace_members m ON m.workspace_id = handed_over.workspace_id AND m.user_id = email_owner($12)
       FOR KEY SHARE OF m
), lead AS MATERIALIZED (
    SELECT pm.user_id
      FROM in_workspace
      JOIN project_members pm ON pm.project_id = in_workspace.id AND pm.user_id = in_workspace.user_id
       FOR KEY SHARE OF pm
), dates AS (
    SELECT CASE WHEN $8 THEN $9 ELSE start_date END AS start_date,
           CASE WHEN $10 THEN $11 ELSE end_date END AS end_date
      FROM access
), updated AS (
    UPDATE projects p
       SET name = coalesce($3, p.name),
           description = CASE WHEN $4 THEN $5 ELSE p.description END,
           status = coalesce($6::text::project_status, p.status),
           priority = coalesce($7::text::priority, p.priority),
           progress = coalesce($14, p.progress),
           -- Not from `dates`, which may be older than the row: another request may have changed the other date meanwhile.
           start_date = CASE WHEN $8 THEN $9 ELSE p.start_date END,
           end_date = CASE WHEN $10 THEN $11 ELSE p.end_date END,
           team_lead = coalesce((SELECT user_id FROM lead), p.team_lead),
           updated_at = now()
      FROM access, dates
     WHERE p.id = $2
       AND (access.leads OR (access.admin AND $13))
       AND ($12 IS NULL OR EXISTS (SELECT FROM lead))
       AND (dates.end_date < dates.start_date) IS NOT TRUE
    RETURNING p.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'project_not_accessible'
           WHEN NOT (SELECT leads OR (admin AND $13) FROM access) THEN 'not_team_lead'
           WHEN $12 IS NOT NULL AND NOT EXISTS (SELECT FROM handed_over) THEN 'not_team_lead'
           WHEN $12 IS NOT NULL AND NOT EXISTS (SELECT FROM lead) THEN 'lead_not_in_project'
           WHEN (SELECT end_date < start_date FROM dates) THEN 'end_before_start'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'project_not_accessible'
       END AS verdict
