
-- Those after ($2, $3) in the order of their names, $4 at most. A person is in few workspaces: no index is needed.
   AND ($2::text IS NULL OR (lower(w.name), w.id) > ($2, $3::text))
 ORDER BY lower(w.name), w.id
 LIMIT $4::bigint
