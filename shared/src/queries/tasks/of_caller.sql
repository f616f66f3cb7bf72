
-- Those given to the caller in any workspace that pass the filters ($5 to $11, each NULL for none), by due date, after
-- ($2, $3), $4 at most. What comes behind it finishes the conditions.
  FROM tasks t
  JOIN projects p ON p.id = t.project_id
  JOIN users u ON u.id = t.assignee_id
 WHERE t.assignee_id = $1
   AND (SELECT true FROM workspace_members m WHERE m.workspace_id = p.workspace_id AND m.user_id = $1)
   AND (t.due_date, t.id) > (
           coalesce($2::timestamptz, '-infinity'),
           coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
       )
   -- Written so that it ends what is read of the index. `dueAfter` ($10) is not asked here: it is where that begins ($2).
   AND t.due_date < coalesce($9::timestamptz, 'infinity')
   -- As one, in this form, as in of_project.sql: so the server expects that nearly all pass, and goes through the index.
   AND nullif(
           ($6::text IS NULL OR t.type = $6::task_type)
           AND ($7::text IS NULL OR t.priority = $7::priority)
           AND ($8::text IS NULL OR t.assignee_id = $8)
           AND ($11::text IS NULL OR strpos(lower(t.title || ' ' || coalesce(t.description, '')), lower($11)) > 0),
           false
       ) IS NOT NULL
