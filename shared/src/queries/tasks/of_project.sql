-- A page of the tasks of the project $2 for a member of its workspace ($1): those that pass the filters ($6 to $12, each NULL
-- for none), oldest first, after ($3, $4), $5 at most; with their comments, the project, and everybody in them once. For a
-- stranger there is no row, not even the project's. One statement, so that the page is looked for once, and a person's row is
-- read and sent once and not with every task and comment. What comes behind it finishes the page's conditions.
WITH project AS MATERIALIZED (
    SELECT p.id, p.name, p.status, p.priority, p.team_lead, p.workspace_id
      FROM project_access x
      JOIN projects p ON p.id = x.project_id
     WHERE x.project_id = $2 AND x.user_id = $1
), page AS MATERIALIZED (
    SELECT t.*
      FROM tasks t
     WHERE t.project_id = $2
       AND EXISTS (SELECT FROM project)
       AND (t.created_at, t.id) > (
               coalesce($3::timestamptz, '-infinity'),
               coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
           )
       -- As one, in this form, since the server then expects that nearly all pass. Where it expects few it would rather read and
       -- sort all tasks of the project than go through the index until the page is full.
       AND nullif(
               ($7::text IS NULL OR t.type = $7::task_type)
               AND ($8::text IS NULL OR t.priority = $8::priority)
               AND ($9::text IS NULL OR t.assignee_id = $9)
               AND ($10::timestamptz IS NULL OR t.due_date < $10)
               AND ($11::timestamptz IS NULL OR t.due_date >= $11)
               AND ($12::text IS NULL OR strpos(lower(t.title || ' ' || coalesce(t.description, '')), lower($12)) > 0),
               false
           ) IS NOT NULL
