
-- The one with the id $2.
   AND w.id = $2
