-- Writes the projects from $1 to $2 as planned, those excepted that were changed since the plan, or whose workspace was deleted:
-- one that is just being deleted is waited for. Answers how many.
WITH planned AS (
    SELECT * FROM new_projects WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated')
), workspaces_held AS MATERIALIZED (
    SELECT id AS workspace_id FROM workspaces WHERE id IN (SELECT workspace_id FROM planned) ORDER BY id FOR KEY SHARE
), batch AS (
    SELECT * FROM planned JOIN workspaces_held USING (workspace_id)
), inserted AS (
    INSERT INTO projects (id, workspace_id, name, description, status, priority, progress, start_date, end_date, team_lead,
                          created_at, updated_at)
    SELECT id, workspace_id, name, description, status::project_status, priority::priority, progress, start_date, end_date,
           team_lead, created_at, updated_at
      FROM batch
     WHERE fate = 'inserted'
     ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id, updated_at
), updated AS (
    UPDATE projects p
       SET name = b.name,
           description = b.description,
           status = b.status::project_status,
           priority = b.priority::priority,
           progress = b.progress,
           start_date = b.start_date,
           end_date = b.end_date,
           team_lead = b.team_lead,
           created_at = b.created_at,
           updated_at = b.updated_at
      FROM batch b
     WHERE b.fate = 'updated' AND p.id = b.id AND p.updated_at = b.seen
    RETURNING p.id, p.updated_at
), written AS (
    SELECT * FROM inserted UNION ALL SELECT * FROM updated
), remembered AS (
    INSERT INTO cairn_import.imported (kind, old_id, id, fingerprint, updated_at)
    SELECT 'projects', b.old_id, b.id::text, b.fingerprint, w.updated_at FROM written w JOIN batch b USING (id)
    ON CONFLICT (kind, old_id) DO UPDATE SET fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
)
SELECT count(*) FROM written
