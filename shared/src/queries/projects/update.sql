-- Changes what is given of a project, for who may lead it; an ADMIN who may not may only hand it over ($13). NULL leaves a
-- column as it is; columns that may become NULL have a parameter of their own that says whether to set them.
WITH access AS (
    SELECT x.leads, x.admin, p.start_date, p.end_date
      FROM project_access x
      JOIN projects p ON p.id = x.project_id
     WHERE x.project_id = $2 AND x.user_id = $1
), lead AS (
    SELECT user_id FROM project_access WHERE project_id = $2 AND in_project AND user_id = email_owner($12)
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
           start_date = dates.start_date,
           end_date = dates.end_date,
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
           WHEN $12 IS NOT NULL AND NOT EXISTS (SELECT FROM lead) THEN 'lead_not_in_project'
           WHEN (SELECT end_date < start_date FROM dates) THEN 'end_before_start'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'project_not_accessible'
       END AS verdict
