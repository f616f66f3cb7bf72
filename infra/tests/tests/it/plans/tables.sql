-- What was read of each table since the counters were reset: rows by reading it from its start, and blocks, those of its
-- indexes included.
SELECT relname::text AS name,
       t.seq_tup_read AS rows_in_sequence,
       s.heap_blks_hit + s.heap_blks_read + coalesce(s.idx_blks_hit + s.idx_blks_read, 0) AS blocks
  FROM pg_stat_user_tables t
  JOIN pg_statio_user_tables s USING (relid, relname)
