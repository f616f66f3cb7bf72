-- The membership $3 of the project $2, for a member of its workspace ($1).
SELECT pm.id,
       pm.project_id,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM project_members pm
  JOIN users u ON u.id = pm.user_id
 WHERE pm.id = $3
   AND pm.project_id = $2
   AND EXISTS (SELECT FROM project_access WHERE project_id = $2 AND user_id = $1)
