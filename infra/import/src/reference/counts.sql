-- How many rows of a table have each fate, each reason for it and each oddity, with the ids of the first.
WITH said AS (
    SELECT fate AS what, reason AS said, old_id, n FROM new_{table} WHERE reason IS NOT NULL
     UNION ALL
    SELECT 'odd', note, old_id, n FROM new_{table} CROSS JOIN unnest(notes) AS note WHERE fate <> 'skipped'
     UNION ALL
    SELECT 'gone', 'is not in the old database any more, and stays', old_id, row_number() OVER (ORDER BY old_id) FROM gone_{table}
), numbered AS (
    SELECT said.*, row_number() OVER (PARTITION BY what, said ORDER BY n) AS place FROM said
)
SELECT 'fate' AS what, fate AS said, count(*) AS rows, NULL::text[] AS examples FROM new_{table} GROUP BY fate
 UNION ALL
SELECT what, said, count(*), array_agg(old_id ORDER BY n) FILTER (WHERE place <= 3) FROM numbered GROUP BY what, said
 ORDER BY 1, 2
