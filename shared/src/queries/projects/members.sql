-- Who is in the project $2 (and in its workspace), for a member of that workspace ($1): those after ($3, $4),
-- longest-standing first, $5 at most.
SELECT pm.id,
       pm.project_id,
       pm.created_at,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM project_access x
  JOIN project_members pm ON pm.project_id = x.project_id
  JOIN workspace_members m ON m.workspace_id = x.workspace_id AND m.user_id = pm.user_id
  JOIN users u ON u.id = pm.user_id
 WHERE x.project_id = $2
   AND x.user_id = $1
   AND (pm.created_at, pm.id) > (
           coalesce($3::timestamptz, '-infinity'),
           coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
       )
 ORDER BY pm.created_at, pm.id
 LIMIT $5::bigint
