
-- The one who is the user $3.
   AND m.user_id = $3
