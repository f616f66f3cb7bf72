-- Whether the caller is in the workspace at all; sent with a list, which is empty for a stranger.
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM workspace_members WHERE workspace_id = $2 AND user_id = $1) THEN 'access_denied'
       END AS verdict
