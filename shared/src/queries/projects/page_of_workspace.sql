-- The page of projects that the statements behind it are about: of the workspace $2, for a member of it ($1), newest first,
-- after ($3, $4), $5 at most.
WITH page AS (
    SELECT p.id
      FROM projects p
      JOIN workspace_members c ON c.workspace_id = p.workspace_id AND c.user_id = $1
     WHERE p.workspace_id = $2
       AND (p.created_at, p.id) < (
               coalesce($3::timestamptz, 'infinity'),
               coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
           )
     ORDER BY p.created_at DESC, p.id DESC
     LIMIT $5::bigint
)
