-- Forgets what was said of a deleted user's memberships. After erase_user.sql, not with it: a change through our API holds
-- the membership itself before it says so here.
DELETE FROM clerk_memberships WHERE user_id = $1
