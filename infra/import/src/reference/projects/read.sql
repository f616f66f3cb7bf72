-- The old projects.
SELECT id,
       "workspaceId",
       name,
       description,
       status::text,
       priority::text,
       progress,
       start_date AT TIME ZONE 'UTC',
       end_date AT TIME ZONE 'UTC',
       team_lead,
       "createdAt" AT TIME ZONE 'UTC',
       "updatedAt" AT TIME ZONE 'UTC'
  FROM "Project"
