-- What an import brought over that the old database does not hold any more, while Cairn does. It stays.
CREATE TEMP TABLE gone_{table} AS
SELECT i.old_id, i.id
  FROM imported i
  JOIN {table} t ON t.id::text = i.id
 WHERE i.kind = '{table}'
   AND i.old_id NOT LIKE 'lead/%'
   AND NOT EXISTS (SELECT FROM old_{table} o WHERE o.id = i.old_id)
