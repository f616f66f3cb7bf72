-- The tables, so that all rows can be counted. The outbox is left out: the relay works it off meanwhile.
SELECT quote_ident(table_name)
FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'outbox'
ORDER BY 1
