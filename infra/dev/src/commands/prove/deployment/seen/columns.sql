-- Every column of the schema: two deployments with the same answer have the same tables.
SELECT table_name || '.' || column_name
FROM information_schema.columns
WHERE table_schema = 'public'
ORDER BY 1
