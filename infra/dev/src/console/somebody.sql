-- Somebody who may do much: in most workspaces as an ADMIN.
SELECT user_id AS id
  FROM workspace_members
 GROUP BY user_id
 ORDER BY count(*) FILTER (WHERE role = 'ADMIN') DESC, user_id
 LIMIT 1
