-- Who is known here. All ids of users are Clerk's, also of those whom only a token or somebody else's event named.
SELECT id FROM users WHERE deleted_at IS NULL ORDER BY id
