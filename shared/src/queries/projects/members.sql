-- Who is in the project $2 (and in its workspace), for a member of that workspace ($1): those after ($3, $4),
-- longest-standing first, $5 at most. Whoever may see the list gets a row at least, without an id if nobody is on it.
SELECT l.id,
       x.project_id,
       l.created_at,
       l.user_id,
       l.user_name,
       l.user_email,
       l.user_image
  FROM project_access x
  LEFT JOIN LATERAL (
        SELECT pm.id,
               pm.created_at,
               u.id AS user_id,
               u.display_name AS user_name,
               coalesce(u.email, '') AS user_email,
               u.image AS user_image
          FROM project_members pm
          JOIN users u ON u.id = pm.user_id
         WHERE pm.project_id = $2
           AND EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = x.workspace_id AND m.user_id = pm.user_id)
           AND (pm.created_at, pm.id) > (
                   coalesce($3::timestamptz, '-infinity'),
                   coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
               )
         ORDER BY pm.created_at, pm.id
         LIMIT $5::bigint
       ) l ON true
 WHERE x.project_id = $2 AND x.user_id = $1
 ORDER BY l.created_at, l.id
