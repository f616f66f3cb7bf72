-- All rows of a table of which there is more to say than that they were brought over.
SELECT old_id, id::text AS id, fate, reason, CASE WHEN fate = 'skipped' THEN '{}' ELSE notes END AS notes
  FROM new_{table}
 WHERE reason IS NOT NULL OR notes <> '{}'
 UNION ALL
SELECT old_id, id, 'gone', 'is not in the old database any more, and stays', '{}' FROM gone_{table}
 ORDER BY 1
