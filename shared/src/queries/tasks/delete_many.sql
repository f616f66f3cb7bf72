-- Deletes the tasks $2 (each once), all or none, for who may lead their one project. They are locked first, in one order:
-- one that somebody else deletes at the same time is not found, and then none is deleted.
WITH found AS MATERIALIZED (
    SELECT t.id, t.project_id, x.leads
      FROM tasks t
      JOIN project_access x ON x.project_id = t.project_id AND x.user_id = $1
     WHERE t.id = ANY ($2)
     ORDER BY t.id
       FOR UPDATE OF t
), decision AS (
    SELECT CASE
               WHEN count(*) < cardinality($2) THEN 'some_tasks_not_found'
               WHEN count(DISTINCT project_id) > 1 THEN 'several_projects'
               WHEN NOT bool_and(leads) THEN 'not_team_lead'
           END AS verdict
      FROM found
), deleted AS (
    DELETE FROM tasks t USING found, decision WHERE t.id = found.id AND decision.verdict IS NULL RETURNING t.id
)
SELECT verdict FROM decision
