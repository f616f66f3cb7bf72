-- The memberships in organizations of Clerk of which Clerk told, or the old system when moving in. What was done through our
-- API is left alone: Clerk never knew of it.
SELECT workspace_id, user_id, source
  FROM clerk_memberships
 WHERE NOT deleted AND source <> 'api' AND starts_with(workspace_id, 'org_')
 ORDER BY workspace_id, user_id, source
