-- What becomes of each old task. A due date must be there here as well: the one in 1970, which stood for none, stays.
CREATE TEMP TABLE new_tasks AS
WITH mapped AS (
    SELECT o.id AS old_id,
           pg_temp.uuid_of('task', o.id) AS id,
           p.id AS project_id,
           CASE WHEN o.title ~ '\S' THEN o.title ELSE 'Untitled task' END AS title,
           o.description,
           o.status,
           o.type,
           o.priority,
           o.assignee_id,
           pg_temp.instant(o.due_date) AS due_date,
           pg_temp.instant(o.created_at) AS created_at,
           pg_temp.instant(o.updated_at) AS updated_at,
           CASE WHEN p.present IS NOT TRUE THEN 'is of a project that is not brought over'
                WHEN u.present IS NOT TRUE THEN 'is given to a user who is not brought over'
           END AS skip,
           array_remove(ARRAY[
               CASE WHEN o.id <> pg_temp.uuid_of('task', o.id)::text THEN 'has an id that is no UUID, and gets one' END,
               CASE WHEN o.title !~ '\S' THEN 'has no title, and gets one' END,
               CASE WHEN length(o.title) > 200 OR length(o.description) > 10000 THEN 'is longer than what can be entered' END,
               CASE WHEN o.due_date = 'epoch' THEN 'is due on 1 January 1970, which stood for no date: it stays so' END,
               CASE WHEN pg_temp.instant(o.due_date) <> o.due_date
                    THEN 'has a date outside the years 1 to 9999: it gets the nearest there is' END,
               CASE WHEN m.id IS NULL THEN 'is given to somebody outside the workspace, who does not see it' END
           ], NULL) AS notes
      FROM old_tasks o
      LEFT JOIN new_projects p ON p.old_id = o.project_id
      LEFT JOIN new_users u ON u.id = o.assignee_id
      LEFT JOIN old_workspace_members m ON m.workspace_id = p.workspace_id AND m.user_id = o.assignee_id
), printed AS (
    SELECT m.*,
           sha256(convert_to(ROW(m.id, m.project_id, m.title, m.description, m.status, m.type, m.priority, m.assignee_id, m.due_date,
                                 m.created_at, m.updated_at)::text, 'UTF8')) AS fingerprint
      FROM mapped m
), compared AS (
    SELECT p.*,
           i.old_id IS NOT NULL AS imported,
           t.id IS NOT NULL AS there,
           i.fingerprint = p.fingerprint AS same,
           t.updated_at = i.updated_at AS untouched,
           t.updated_at AS seen,
           t.due_date AS due_there,
           t.status = 'DONE' AS done_there
      FROM printed p
      LEFT JOIN imported i ON i.kind = 'tasks' AND i.old_id = p.old_id
      LEFT JOIN tasks t ON t.id = p.id
), decided AS (
    SELECT c.*, pg_temp.fate(skip, imported, there, same, untouched) AS fate FROM compared c
)
SELECT row_number() OVER (ORDER BY id) AS n,
       old_id,
       id,
       project_id,
       title,
       description,
       status,
       type,
       priority,
       assignee_id,
       due_date,
       created_at,
       updated_at,
       fingerprint,
       fate,
       CASE fate WHEN 'skipped' THEN skip WHEN 'kept' THEN pg_temp.why_kept(imported, there) END AS reason,
       notes,
       seen,
       -- Whether its reminder is news to Cairn.
       status <> 'DONE' AND (NOT there OR done_there OR due_there <> due_date) AS may_remind,
       skip IS NULL AND (there OR NOT imported) AS present
  FROM decided
