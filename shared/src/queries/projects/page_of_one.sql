-- The one project that the statements behind it are about: $2, for a member of its workspace ($1).
WITH page AS (
    SELECT project_id AS id FROM project_access WHERE project_id = $2 AND user_id = $1
)
