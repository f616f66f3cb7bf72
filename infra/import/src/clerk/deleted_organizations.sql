-- The organizations that were deleted, here or at Clerk. They stay deleted whatever Clerk says of them.
SELECT id FROM clerk_objects WHERE kind = 'organization' AND deleted ORDER BY id
