-- The memberships of which Clerk told. What was done through our API is left alone: Clerk never knew of it.
SELECT workspace_id, user_id, source
  FROM clerk_memberships
 WHERE NOT deleted AND source <> 'api'
 ORDER BY workspace_id, user_id, source
