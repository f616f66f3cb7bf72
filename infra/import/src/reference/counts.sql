-- How many rows of a table have each fate, each reason for it and each oddity, with the ids of the first.
SELECT 'fate' AS what, fate AS said, count(*) AS rows, NULL::text[] AS examples FROM new_{table} GROUP BY fate
 UNION ALL
SELECT fate, reason, count(*), (array_agg(old_id ORDER BY n))[1:3] FROM new_{table} WHERE reason IS NOT NULL GROUP BY fate, reason
 UNION ALL
SELECT 'odd', note, count(*), (array_agg(old_id ORDER BY n))[1:3]
  FROM new_{table}
 CROSS JOIN unnest(notes) AS note
 WHERE fate <> 'skipped'
 GROUP BY note
 UNION ALL
SELECT 'gone', 'is not in the old database any more, and stays', count(*), (array_agg(old_id ORDER BY old_id))[1:3]
  FROM gone_{table}
HAVING count(*) > 0
 ORDER BY 1, 2
