 ORDER BY t.due_date, t.id
 LIMIT $4::bigint
