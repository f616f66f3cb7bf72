-- What the functions' statements expect of this database, where nobody has said otherwise for it. New connections have it.
DO $$
DECLARE
    expected record;
BEGIN
    FOR expected IN SELECT * FROM (VALUES
        -- One plan of each statement, made once.
        ('plan_cache_mode', 'force_generic_plan'),
        -- What such a plan is thought to cost says nothing of a request: one over the threshold would be compiled for each.
        ('jit', 'off')
    ) AS settings (name, value) LOOP
        IF NOT EXISTS (SELECT
                         FROM pg_db_role_setting s
                         JOIN pg_database d ON d.oid = s.setdatabase
                         CROSS JOIN unnest(s.setconfig) AS setting
                        WHERE d.datname = current_database()
                          AND s.setrole = 0
                          AND split_part(setting, '=', 1) = expected.name) THEN
            EXECUTE format('ALTER DATABASE %I SET %I = %L', current_database(), expected.name, expected.value);
        END IF;
    END LOOP;
END
$$
