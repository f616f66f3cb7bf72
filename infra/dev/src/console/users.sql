-- People whose id, name or address contains $1, the longest known first, each with the workspaces they are in. Enums as text.
SELECT u.id,
       u.display_name,
       u.email,
       u.email_verified,
       u.deleted_at IS NOT NULL AS deleted,
       coalesce(array_agg(w.name ORDER BY w.name, w.id) FILTER (WHERE w.id IS NOT NULL), '{}') AS workspaces,
       coalesce(array_agg(m.role::text ORDER BY w.name, w.id) FILTER (WHERE w.id IS NOT NULL), '{}') AS roles
  FROM users u
  LEFT JOIN workspace_members m ON m.user_id = u.id
  LEFT JOIN workspaces w ON w.id = m.workspace_id
 WHERE strpos(lower(concat_ws(' ', u.id, u.display_name, u.email)), lower($1)) > 0
 GROUP BY u.id
 ORDER BY u.created_at, u.id
 LIMIT 101
