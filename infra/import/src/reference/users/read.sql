-- The old users.
SELECT id,
       name,
       email,
       image,
       "createdAt" AT TIME ZONE 'UTC',
       "updatedAt" AT TIME ZONE 'UTC'
  FROM "User"
