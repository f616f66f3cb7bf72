-- Waits for those who are just making this user a member of something, and holds off others: a membership's foreign key
-- asks for this row.
SELECT FROM users WHERE id = $1 FOR UPDATE
