-- The PostgreSQL process that serves the function which connected last. One that was just killed may still be listed.
SELECT pid
  FROM pg_stat_activity
 WHERE datname = $1 AND application_name = 'cairn'
 ORDER BY backend_start DESC
 LIMIT 1
