-- The old workspaces.
SELECT id,
       name,
       slug,
       description,
       settings::text,
       "ownerId",
       "imageUrl",
       "createdAt" AT TIME ZONE 'UTC',
       "updatedAt" AT TIME ZONE 'UTC'
  FROM "Workspace"
