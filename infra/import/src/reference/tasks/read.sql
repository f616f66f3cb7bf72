-- The old tasks.
SELECT id,
       "projectId",
       title,
       description,
       status::text,
       type::text,
       priority::text,
       "assigneeId",
       due_date AT TIME ZONE 'UTC',
       "createdAt" AT TIME ZONE 'UTC',
       "updatedAt" AT TIME ZONE 'UTC'
  FROM "Task"
