-- Writes the memberships in projects from $1 to $2 as planned, those excepted that are there by now, or whose project was deleted since:
-- one that is just being deleted is waited for. Answers how many.
WITH planned AS (
    SELECT * FROM new_project_members WHERE n BETWEEN $1 AND $2 AND fate = 'inserted'
), projects_held AS MATERIALIZED (
    SELECT id AS project_id FROM projects WHERE id IN (SELECT project_id FROM planned) ORDER BY id FOR KEY SHARE
), batch AS (
    SELECT * FROM planned JOIN projects_held USING (project_id)
), written AS (
    INSERT INTO project_members (id, project_id, user_id, created_at)
    SELECT id, project_id, user_id, created_at FROM batch ORDER BY project_id, user_id
    ON CONFLICT DO NOTHING
    RETURNING id
), remembered AS (
    INSERT INTO cairn_import.imported (kind, old_id, id, fingerprint)
    SELECT 'project_members', b.old_id, b.id::text, b.fingerprint FROM written w JOIN batch b USING (id)
    ON CONFLICT (kind, old_id) DO UPDATE SET fingerprint = excluded.fingerprint
)
SELECT count(*) FROM written
