-- Adds the owner of an address to a project, for who may lead it. A membership that is there already stays as it is and
-- keeps its id, which tells it from the one asked for, also when the same request comes twice. The answer tells whether somebody
-- outside the workspace has an account: so many addresses of people who are not in it can be tried in a day ($5).
WITH access AS (
    SELECT leads FROM project_access WHERE project_id = $2 AND user_id = $1
), found AS (
    SELECT user_id FROM email_owner($4) AS user_id WHERE user_id IS NOT NULL
), colleague AS (
    SELECT x.user_id FROM project_access x JOIN found USING (user_id) WHERE x.project_id = $2
), counted AS (
    INSERT INTO daily_use AS today (user_id, additions)
    SELECT $1, 1 FROM access WHERE leads AND NOT EXISTS (SELECT FROM colleague)
    ON CONFLICT (user_id, day) DO UPDATE SET additions = today.additions + 1 WHERE today.additions < $5
    RETURNING user_id
), added AS (
    INSERT INTO project_members (id, project_id, user_id)
    SELECT $3, $2, colleague.user_id FROM access, colleague WHERE access.leads
    ON CONFLICT (project_id, user_id) DO UPDATE SET id = project_members.id
    RETURNING id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'project_not_accessible'
           WHEN NOT (SELECT leads FROM access) THEN 'not_team_lead'
           WHEN NOT EXISTS (SELECT FROM colleague) AND NOT EXISTS (SELECT FROM counted) THEN 'too_many_additions'
           WHEN NOT EXISTS (SELECT FROM found) THEN 'user_not_found'
           WHEN NOT EXISTS (SELECT FROM colleague) THEN 'not_in_workspace'
           WHEN NOT EXISTS (SELECT FROM added WHERE id = $3) THEN 'already_in_project'
       END AS verdict
