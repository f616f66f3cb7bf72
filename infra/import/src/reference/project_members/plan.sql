-- What becomes of each old membership in a project, and of the leads who have none, as a lead always is in the project here.
-- Who is not in the workspace is brought over as well: it counts once they are.
CREATE TEMP TABLE new_project_members AS
WITH mapped AS (
    SELECT o.id AS old_id, pg_temp.uuid_of('project_member', o.id) AS id, o.project_id AS old_project_id, o.user_id, false AS of_lead
      FROM old_project_members o
     UNION ALL
    SELECT lead.old_id, pg_temp.uuid_of('project_member', lead.old_id), p.old_id, p.team_lead, true
      FROM new_projects p
     CROSS JOIN LATERAL (SELECT 'lead/' || p.id || '/' || p.team_lead AS old_id) lead
     WHERE p.lead_then = p.team_lead
       AND (NOT EXISTS (SELECT FROM old_project_members o WHERE o.project_id = p.old_id AND o.user_id = p.team_lead)
            OR EXISTS (SELECT FROM imported i WHERE i.kind = 'project_members' AND i.old_id = lead.old_id))
), placed AS (
    SELECT m.*,
           p.id AS project_id,
           p.created_at,
           CASE WHEN p.present IS NOT TRUE THEN 'is of a project that is not brought over'
                WHEN u.present IS NOT TRUE THEN 'is of a user who is not brought over'
           END AS skip,
           array_remove(ARRAY[
               CASE WHEN m.of_lead THEN 'is a lead''s, who was not in the project' END,
               CASE WHEN w.id IS NULL THEN 'is of somebody outside the workspace: it counts once they are in it' END
           ], NULL) AS notes
      FROM mapped m
      LEFT JOIN new_projects p ON p.old_id = m.old_project_id
      LEFT JOIN new_users u ON u.id = m.user_id
      LEFT JOIN old_workspace_members w ON w.workspace_id = p.workspace_id AND w.user_id = m.user_id
), printed AS (
    SELECT p.*, sha256(convert_to(ROW(p.project_id, p.user_id)::text, 'UTF8')) AS fingerprint FROM placed p
), compared AS (
    SELECT p.*, i.old_id IS NOT NULL AS imported, t.id IS NOT NULL AS there, i.fingerprint = p.fingerprint AS same
      FROM printed p
      LEFT JOIN imported i ON i.kind = 'project_members' AND i.old_id = p.old_id
      LEFT JOIN project_members t ON t.project_id = p.project_id AND t.user_id = p.user_id
), decided AS (
    -- There is nothing in such a row that could change.
    SELECT c.*, pg_temp.fate(skip, imported, there, same, false) AS fate FROM compared c
)
SELECT row_number() OVER (ORDER BY project_id, user_id, of_lead) AS n,
       old_id,
       id,
       project_id,
       user_id,
       created_at,
       fingerprint,
       fate,
       CASE fate WHEN 'skipped' THEN skip WHEN 'kept' THEN pg_temp.why_kept(imported, there) END AS reason,
       notes
  FROM decided
