-- Makes a project with its members, for an ADMIN of the workspace. The lead and the members are found by their addresses;
-- all must be in the workspace, those that are not are named. Each brings the id of its membership; who is named twice is
-- added once. The lead's membership is locked, so that nobody leads a project of a workspace they just left. The row that
-- already has the project's id (a repetition) is left as it is, and so are its members. What is new counts among what the
-- caller may write in a day ($15).
WITH access AS (
    SELECT role = 'ADMIN' AS admin FROM workspace_members WHERE workspace_id = $2 AND user_id = $1
), repeated AS (
    SELECT FROM projects WHERE id = $3 AND workspace_id = $2
), lead AS MATERIALIZED (
    SELECT user_id FROM workspace_members WHERE workspace_id = $2 AND user_id = email_owner($11) FOR KEY SHARE
), asked AS (
    SELECT a.email, a.id, m.user_id
      FROM unnest($13::text[], $14::uuid[]) AS a (email, id)
      LEFT JOIN workspace_members m ON m.workspace_id = $2 AND m.user_id = email_owner(a.email)
), counted AS (
    INSERT INTO daily_use AS today (user_id, writings)
    SELECT $1, 1
      FROM access, lead
     WHERE access.admin
       AND NOT EXISTS (SELECT FROM asked WHERE user_id IS NULL)
       AND NOT EXISTS (SELECT FROM repeated)
    ON CONFLICT (user_id, day) DO UPDATE SET writings = today.writings + 1 WHERE today.writings < $15
    RETURNING user_id
), project AS (
    INSERT INTO projects (id, workspace_id, name, description, status, priority, progress, start_date, end_date, team_lead)
    SELECT $3, $2, $4, $5, $6::text::project_status, $7::text::priority, $8, $9, $10, lead.user_id
      FROM access, lead
     WHERE access.admin
       AND NOT EXISTS (SELECT FROM asked WHERE user_id IS NULL)
       AND (EXISTS (SELECT FROM counted) OR EXISTS (SELECT FROM repeated))
    ON CONFLICT (id) DO UPDATE SET id = excluded.id
    RETURNING id, xmax = 0 AS is_new
), members AS (
    INSERT INTO project_members (id, project_id, user_id)
    SELECT DISTINCT ON (person.user_id) person.id, project.id, person.user_id
      FROM project, (SELECT $12 AS id, user_id FROM lead UNION ALL SELECT id, user_id FROM asked) AS person
     WHERE project.is_new
     ORDER BY person.user_id, person.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'workspace_not_found'
           WHEN EXISTS (SELECT FROM repeated) THEN NULL
           WHEN NOT (SELECT admin FROM access) THEN 'not_workspace_admin'
           WHEN NOT EXISTS (SELECT FROM lead) THEN 'team_lead_not_found'
           WHEN EXISTS (SELECT FROM asked WHERE user_id IS NULL) THEN 'not_workspace_members'
           WHEN NOT EXISTS (SELECT FROM counted) THEN 'too_many_writings'
       END AS verdict,
       ARRAY(SELECT email FROM asked WHERE user_id IS NULL) AS names
