
-- Those given to the caller in any workspace that pass the filters ($5 to $11, each NULL for none), by due date, after
-- ($2, $3), $4 at most.
  FROM tasks t
  JOIN projects p ON p.id = t.project_id
  JOIN users u ON u.id = t.assignee_id
 WHERE t.assignee_id = $1
   AND EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = p.workspace_id AND m.user_id = $1)
   AND (t.due_date, t.id) > (
           coalesce($2::timestamptz, '-infinity'),
           coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
       )
   AND ($5::text IS NULL OR t.status = $5::task_status)
   AND ($6::text IS NULL OR t.type = $6::task_type)
   AND ($7::text IS NULL OR t.priority = $7::priority)
   AND ($8::text IS NULL OR t.assignee_id = $8)
   AND ($9::timestamptz IS NULL OR t.due_date < $9)
   AND ($10::timestamptz IS NULL OR t.due_date >= $10)
   AND ($11::text IS NULL OR strpos(lower(t.title || ' ' || coalesce(t.description, '')), lower($11)) > 0)
 ORDER BY t.due_date, t.id
 LIMIT $4::bigint
