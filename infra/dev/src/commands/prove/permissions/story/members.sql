-- How many members the workspace $1 has whose address is known: both of a member's events have been applied.
SELECT count(*)
FROM workspace_members m
JOIN users u ON u.id = m.user_id
WHERE m.workspace_id = $1 AND u.email IS NOT NULL
