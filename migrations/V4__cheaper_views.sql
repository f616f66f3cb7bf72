-- The views say the same as before, and cost less.
--
-- Rights: what only some columns need is looked up where such a column is read, instead of being joined for every reader. The
-- server plans a statement anew wherever it is not prepared, and the time that takes grows steeply with the number of tables
-- joined: it was many times that of running the statement.

-- The views are replaced in the order in which statements lock them: task_access, and project_access behind it.

-- Who sees which task, and what they may do there. One row for each task and each member of its workspace.
--   visible      may read the task and its comments, and comment: who is in the project, an ADMIN, and the assignee, who
--                stays able to work on a task after being taken out of the project
--   assigned     the assignee
CREATE OR REPLACE VIEW task_access AS
SELECT t.id AS task_id,
       t.project_id,
       x.user_id,
       x.leads,
       x.admin,
       t.assignee_id = x.user_id AS assigned,
       x.admin OR t.assignee_id = x.user_id OR x.in_project AS visible
  FROM tasks t
  JOIN project_access x ON x.project_id = t.project_id;

-- Who is in which project, and what they may do there. One row for each project and each member of its workspace: no row
-- means that for this person the project does not exist.
--   in_project   in the project, and in its workspace
--   leads        may do what the team lead may: the lead, or an ADMIN where the workspace lets ADMINs manage projects
--   admin        ADMIN of the workspace
CREATE OR REPLACE VIEW project_access AS
SELECT p.id AS project_id,
       p.workspace_id,
       p.team_lead,
       m.user_id,
       EXISTS (SELECT FROM project_members pm WHERE pm.project_id = p.id AND pm.user_id = m.user_id) AS in_project,
       m.role = 'ADMIN' AS admin,
       m.user_id = p.team_lead
       OR (m.role = 'ADMIN' AND (SELECT w.admins_manage_projects FROM workspaces w WHERE w.id = p.workspace_id)) AS leads
  FROM projects p
  JOIN workspace_members m ON m.workspace_id = p.workspace_id;

-- The owner of each workspace: the stored one while a member, else the longest-standing ADMIN, else the longest-standing
-- member. The members are looked through only where the stored one is none; OFFSET keeps the server from asking twice.
CREATE OR REPLACE VIEW workspace_owners AS
SELECT w.id AS workspace_id, o.user_id
  FROM workspaces w
 CROSS JOIN LATERAL (
        SELECT coalesce(
                   (SELECT m.user_id FROM workspace_members m WHERE m.workspace_id = w.id AND m.user_id = w.owner_id),
                   (
                    SELECT m.user_id
                      FROM workspace_members m
                     WHERE m.workspace_id = w.id
                     ORDER BY m.role, m.created_at, m.user_id
                     LIMIT 1
                   )
               ) AS user_id
        OFFSET 0
       ) o
 WHERE o.user_id IS NOT NULL;
