-- Workspaces with the caller's role and the owner: the part that all reads of workspaces share. $1 is the caller.
SELECT w.id,
       w.name,
       lower(w.name) AS sort_name,
       w.slug,
       w.image_url,
       w.description,
       w.timezone,
       to_char(w.reminder_time, 'HH24:MI') AS reminder_time,
       w.admins_manage_projects,
       m.role::text AS role,
       u.id AS user_id,
       u.display_name AS user_name,
       coalesce(u.email, '') AS user_email,
       u.image AS user_image
  FROM workspace_members m
  JOIN workspaces w ON w.id = m.workspace_id
  JOIN workspace_owners o ON o.workspace_id = w.id
  JOIN users u ON u.id = o.user_id
 WHERE m.user_id = $1
