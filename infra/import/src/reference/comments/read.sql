-- The old comments.
SELECT id, "taskId", "userId", content, "createdAt" AT TIME ZONE 'UTC' FROM "Comment"
