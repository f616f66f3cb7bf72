
-- The one with the id $2.
 WHERE c.id = $2
