
-- The membership with the id $3.
   AND m.id = $3
