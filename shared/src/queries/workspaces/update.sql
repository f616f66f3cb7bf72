-- Changes what is given of a workspace, for an ADMIN. NULL leaves a column as it is; the description, which may become
-- NULL, has a parameter of its own that says whether to set it.
WITH access AS (
    SELECT role = 'ADMIN' AS admin FROM workspace_members WHERE workspace_id = $2 AND user_id = $1
), updated AS (
    UPDATE workspaces w
       SET name = coalesce($3, w.name),
           slug = coalesce($4, w.slug),
           description = CASE WHEN $5 THEN $6 ELSE w.description END,
           image_url = coalesce($7, w.image_url),
           timezone = coalesce($8, w.timezone),
           reminder_time = coalesce($9::text::time, w.reminder_time),
           admins_manage_projects = coalesce($10, w.admins_manage_projects),
           updated_at = now()
      FROM access
     WHERE w.id = $2 AND access.admin
    RETURNING w.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'workspace_not_found'
           WHEN NOT (SELECT admin FROM access) THEN 'not_workspace_admin'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'workspace_not_found'
       END AS verdict
