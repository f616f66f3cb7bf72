-- Who is in which of the old workspaces.
SELECT id, "workspaceId", "userId", role::text, message FROM "WorkspaceMember"
