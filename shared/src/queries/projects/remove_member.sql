-- Takes a member out of a project, for who may lead it; the lead stays. `removed` is false where there was nobody to remove.
-- Who leads the project is read once it is locked: it may be handed over at this moment.
WITH caller AS (
    SELECT leads FROM project_access WHERE project_id = $2 AND user_id = $1
), project AS MATERIALIZED (
    SELECT p.team_lead FROM projects p, caller WHERE p.id = $2 AND caller.leads FOR NO KEY UPDATE OF p
), access AS (
    SELECT leads, coalesce((SELECT team_lead = $3 FROM project), false) AS is_lead FROM caller
), removed AS (
    DELETE FROM project_members pm
     USING access
     WHERE pm.project_id = $2 AND pm.user_id = $3 AND access.leads AND NOT access.is_lead
    RETURNING pm.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'project_not_accessible'
           WHEN NOT (SELECT leads FROM access) THEN 'not_team_lead'
           WHEN (SELECT is_lead FROM access) THEN 'lead_stays'
       END AS verdict,
       EXISTS (SELECT FROM removed) AS removed
