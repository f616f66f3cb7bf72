-- Members of a workspace the caller ($1) is in too ($2): the part that all reads of members share.
SELECT m.id,
       m.workspace_id,
       m.role::text AS role,
       m.message,
       m.created_at,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM workspace_members c
  JOIN workspace_members m ON m.workspace_id = c.workspace_id
  JOIN users u ON u.id = m.user_id
 WHERE c.user_id = $1 AND c.workspace_id = $2
