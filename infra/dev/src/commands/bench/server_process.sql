-- The PostgreSQL process that serves the program of this name ($2) which connected last. One that was just killed may still be
-- listed.
SELECT pid
  FROM pg_stat_activity
 WHERE datname = $1 AND application_name = $2
 ORDER BY backend_start DESC
 LIMIT 1
