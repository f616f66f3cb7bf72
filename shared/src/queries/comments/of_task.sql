
-- Those on the task $2 after ($3, $4), oldest first, $5 at most.
 WHERE c.task_id = $2
   AND (c.created_at, c.id) > (
           coalesce($3::timestamptz, '-infinity'),
           coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
       )
 ORDER BY c.created_at, c.id
 LIMIT $5::bigint
