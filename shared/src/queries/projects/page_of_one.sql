-- The one project that the statement is about: $2, for a member of its workspace ($1).
WITH page AS MATERIALIZED (
    SELECT p.*
      FROM project_access x
      JOIN projects p ON p.id = x.project_id
     WHERE x.project_id = $2 AND x.user_id = $1
)
