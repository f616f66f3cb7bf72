-- Who is in which of the old projects.
SELECT id, "projectId", "userId" FROM "ProjectMember"
