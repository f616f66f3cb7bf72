-- Statistics for the planner, all rows known to be visible, and nobody who looks at the tables unasked.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_stat_user_tables LOOP
        EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = off)', name);
    END LOOP;
END
$$
