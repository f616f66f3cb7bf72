
-- Those after ($3, $4), longest-standing first, $5 at most.
   AND (m.created_at, m.user_id) > (coalesce($3::timestamptz, '-infinity'), coalesce($4::text, ''))
 ORDER BY m.created_at, m.user_id
 LIMIT $5::bigint
