-- The page of tasks that the statement behind it is about: of the project $2, for a member of its workspace ($1), that pass
-- the filters ($6 to $12, each NULL for none), oldest first, after ($3, $4), $5 at most.
WITH page AS (
    SELECT t.id
      FROM project_access x
      JOIN tasks t ON t.project_id = x.project_id
     WHERE x.project_id = $2
       AND x.user_id = $1
       AND (t.created_at, t.id) > (
               coalesce($3::timestamptz, '-infinity'),
               coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
           )
       AND ($6::text IS NULL OR t.status = $6::task_status)
       AND ($7::text IS NULL OR t.type = $7::task_type)
       AND ($8::text IS NULL OR t.priority = $8::priority)
       AND ($9::text IS NULL OR t.assignee_id = $9)
       AND ($10::timestamptz IS NULL OR t.due_date < $10)
       AND ($11::timestamptz IS NULL OR t.due_date >= $11)
       AND ($12::text IS NULL OR strpos(lower(t.title || ' ' || coalesce(t.description, '')), lower($12)) > 0)
     ORDER BY t.created_at, t.id
     LIMIT $5::bigint
)
