-- Which of the columns $2 of the tables $1 are not there, in the order in which they are named.
SELECT wanted.table_name, wanted.column_name, there.table_name IS NOT NULL AS table_is_there
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (table_name, column_name, position)
  LEFT JOIN (SELECT DISTINCT table_name::text
               FROM information_schema.columns
              WHERE table_schema = ANY (current_schemas(false))) AS there USING (table_name)
 WHERE NOT EXISTS (
           SELECT
             FROM information_schema.columns c
            WHERE c.table_schema = ANY (current_schemas(false))
              AND c.table_name = wanted.table_name
              AND c.column_name = wanted.column_name
       )
 ORDER BY wanted.position
