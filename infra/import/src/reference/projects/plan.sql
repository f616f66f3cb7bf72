-- What becomes of each old project. The old system checked neither progress nor dates, and stored a date that was not given
-- as the first instant of 1970. A lead who is not in the workspace stays named, and has no rights there.
CREATE TEMP TABLE new_projects AS
WITH mapped AS (
    SELECT o.id AS old_id,
           pg_temp.uuid_of('project', o.id) AS id,
           o.workspace_id,
           CASE WHEN o.name ~ '\S' THEN o.name ELSE 'Untitled project' END AS name,
           o.description,
           o.status,
           o.priority,
           least(greatest(o.progress, 0), 100) AS progress,
           dates.starts AS start_date,
           CASE WHEN dates.ends < dates.starts THEN NULL ELSE dates.ends END AS end_date,
           o.team_lead,
           pg_temp.instant(o.created_at) AS created_at,
           pg_temp.instant(o.updated_at) AS updated_at,
           CASE WHEN w.present IS NOT TRUE THEN 'is of a workspace that is not brought over'
                WHEN lead.present IS NOT TRUE THEN 'is led by a user who is not brought over'
           END AS skip,
           array_remove(ARRAY[
               CASE WHEN o.id <> pg_temp.uuid_of('project', o.id)::text THEN 'has an id that is no UUID, and gets one' END,
               CASE WHEN o.name !~ '\S' THEN 'has no name, and gets one' END,
               CASE WHEN length(o.name) > 200 OR length(o.description) > 10000 THEN 'is longer than what can be entered' END,
               CASE WHEN o.progress NOT BETWEEN 0 AND 100 THEN 'has a progress outside 0 to 100: it gets the nearer of the two' END,
               CASE WHEN 'epoch' IN (o.start_date, o.end_date) THEN 'has a date in 1970 that stood for none: it gets none' END,
               CASE WHEN dates.ends < dates.starts THEN 'ends before it starts: it gets no end' END,
               CASE WHEN pg_temp.instant(o.start_date) <> o.start_date OR pg_temp.instant(o.end_date) <> o.end_date
                    THEN 'has a date outside the years 1 to 9999: it gets the nearest there is' END,
               CASE WHEN m.id IS NULL THEN 'is led from outside the workspace: an ADMIN can hand it over' END
           ], NULL) AS notes
      FROM old_projects o
     CROSS JOIN LATERAL (
               SELECT nullif(pg_temp.instant(o.start_date), 'epoch') AS starts, nullif(pg_temp.instant(o.end_date), 'epoch') AS ends
           ) dates
      LEFT JOIN new_workspaces w ON w.id = o.workspace_id
      LEFT JOIN new_users lead ON lead.id = o.team_lead
      LEFT JOIN old_workspace_members m ON m.workspace_id = o.workspace_id AND m.user_id = o.team_lead
), printed AS (
    SELECT m.*,
           sha256(convert_to(ROW(m.id, m.workspace_id, m.name, m.description, m.status, m.priority, m.progress, m.start_date,
                                 m.end_date, m.team_lead, m.created_at, m.updated_at)::text, 'UTF8')) AS fingerprint
      FROM mapped m
), compared AS (
    SELECT p.*,
           i.old_id IS NOT NULL AS imported,
           t.id IS NOT NULL AS there,
           i.fingerprint = p.fingerprint AS same,
           t.updated_at = i.updated_at AS untouched,
           t.updated_at AS seen,
           t.team_lead AS lead_there
      FROM printed p
      LEFT JOIN imported i ON i.kind = 'projects' AND i.old_id = p.old_id
      LEFT JOIN projects t ON t.id = p.id
), decided AS (
    SELECT c.*, pg_temp.fate(skip, imported, there, same, untouched) AS fate FROM compared c
)
SELECT row_number() OVER (ORDER BY id) AS n,
       old_id,
       id,
       workspace_id,
       name,
       description,
       status,
       priority,
       progress,
       start_date,
       end_date,
       team_lead,
       created_at,
       updated_at,
       fingerprint,
       fate,
       CASE fate WHEN 'skipped' THEN skip WHEN 'kept' THEN pg_temp.why_kept(imported, there) END AS reason,
       notes,
       seen,
       CASE WHEN fate IN ('inserted', 'updated') THEN team_lead ELSE lead_there END AS lead_then,
       skip IS NULL AND (there OR NOT imported) AS present
  FROM decided
