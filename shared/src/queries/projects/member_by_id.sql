-- The membership $3 of the project $2, for a member of its workspace ($1).
SELECT pm.id,
       pm.project_id,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM project_access x
  JOIN project_members pm ON pm.project_id = x.project_id
  JOIN users u ON u.id = pm.user_id
 WHERE x.project_id = $2 AND x.user_id = $1 AND pm.id = $3
