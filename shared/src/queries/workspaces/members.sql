-- Who is in the workspace $2, for somebody who is in it too ($1): those after ($3, $4), longest-standing first, $5 at most.
-- Whoever may see the list gets a row at least, without an id if nobody is on it.
SELECT l.id,
       l.role,
       l.created_at,
       l.user_id,
       l.user_name,
       l.user_email,
       l.user_image
  FROM workspace_members x
  LEFT JOIN LATERAL (
        SELECT m.id,
               m.role::text AS role,
               m.created_at,
               u.id AS user_id,
               u.display_name AS user_name,
               coalesce(u.email, '') AS user_email,
               u.image AS user_image
          FROM workspace_members m
          JOIN users u ON u.id = m.user_id
         WHERE m.workspace_id = $2
           AND (m.created_at, m.user_id) > (coalesce($3::timestamptz, '-infinity'), coalesce($4::text, ''))
         ORDER BY m.created_at, m.user_id
         LIMIT $5::bigint
       ) l ON true
 WHERE x.workspace_id = $2 AND x.user_id = $1
 ORDER BY l.created_at, l.user_id
