-- The labels of the enums $1.
SELECT t.typname::text AS enum, e.enumlabel::text AS label
  FROM pg_type t
  JOIN pg_enum e ON e.enumtypid = t.oid
  JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.typname::text = ANY ($1) AND n.nspname = ANY (current_schemas(false))
 ORDER BY t.typname, e.enumsortorder
