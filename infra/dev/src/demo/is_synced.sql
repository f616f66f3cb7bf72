-- Whether all people, organizations and memberships of the demo data have arrived.
SELECT (SELECT count(*) FROM users WHERE email_verified) = 6
   AND (SELECT count(*) FROM workspaces WHERE name IN ('Harbor Studio', 'Atlas Bikes')) = 2
   AND (SELECT count(*) FROM workspace_members) = 8
