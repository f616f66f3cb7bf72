-- What the functions' statements expect of this database, where nobody has said otherwise for it. New connections have it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT
                     FROM pg_db_role_setting s
                     JOIN pg_database d ON d.oid = s.setdatabase
                     CROSS JOIN unnest(s.setconfig) AS setting
                    WHERE d.datname = current_database() AND s.setrole = 0 AND setting LIKE 'plan\_cache\_mode=%') THEN
        EXECUTE format('ALTER DATABASE %I SET plan_cache_mode = force_generic_plan', current_database());
    END IF;
END
$$
