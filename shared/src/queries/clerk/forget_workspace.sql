-- Forgets what was said of a deleted workspace's memberships, once it is gone: see forget_user.sql. Of a workspace that was
-- not deleted nothing is forgotten, so that it does not matter whether the statement before this one refused.
DELETE FROM clerk_memberships
 WHERE workspace_id = $1
   AND EXISTS (SELECT FROM clerk_objects WHERE kind = 'organization' AND id = $1 AND deleted)
