-- Forgets what the measured events of Clerk made.
DELETE FROM workspaces WHERE id LIKE 'org\_clerk\_%';
DELETE FROM users WHERE id LIKE 'user\_clerk\_%';
DELETE FROM clerk_memberships;
DELETE FROM clerk_objects;
