-- The comments on the task $2 with their authors, for a caller ($1) who may read it: those after ($3, $4), oldest first, $5 at
-- most. Whoever may see the list gets a row at least, without an id if nothing is on it.
SELECT l.id,
       x.task_id,
       l.content,
       l.created_at,
       l.updated_at,
       l.user_id,
       l.user_name,
       l.user_image
  FROM task_access x
  LEFT JOIN LATERAL (
        SELECT c.id,
               c.content,
               c.created_at,
               c.updated_at,
               u.id AS user_id,
               u.display_name AS user_name,
               u.image AS user_image
          FROM comments c
          JOIN users u ON u.id = c.user_id
         WHERE c.task_id = $2
           AND (c.created_at, c.id) > (
                   coalesce($3::timestamptz, '-infinity'),
                   coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
               )
         ORDER BY c.created_at, c.id
         LIMIT $5::bigint
       ) l ON true
 WHERE x.task_id = $2 AND x.user_id = $1 AND x.visible
 ORDER BY l.created_at, l.id
