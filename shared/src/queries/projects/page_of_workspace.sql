-- The page of projects that the statement is about: of the workspace $2, for a member of it ($1), newest first, after
-- ($3, $4), $5 at most.
WITH page AS MATERIALIZED (
    SELECT p.*
      FROM projects p
     WHERE p.workspace_id = $2
       AND EXISTS (SELECT FROM workspace_members WHERE workspace_id = $2 AND user_id = $1)
       AND (p.created_at, p.id) < (
               coalesce($3::timestamptz, 'infinity'),
               coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
           )
     ORDER BY p.created_at DESC, p.id DESC
     LIMIT $5::bigint
)
