-- Writes the workspaces from $1 to $2 as planned, those excepted that were changed or deleted since the plan. Answers how
-- many. Of a workspace that is new here ADMINs manage the projects, as in the old system; what its ADMINs set later stays.
WITH batch AS (
    SELECT * FROM new_workspaces WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated')
), inserted AS (
    INSERT INTO workspaces (id, name, slug, description, image_url, owner_id, admins_manage_projects, created_at, updated_at)
    SELECT id, name, slug, description, image_url, owner_id, true, created_at, updated_at
      FROM batch
     WHERE fate = 'inserted' AND NOT EXISTS (SELECT FROM clerk_objects c WHERE c.kind = 'organization' AND c.id = batch.id AND c.deleted)
     ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id, updated_at
), updated AS (
    UPDATE workspaces w
       SET name = b.name,
           slug = b.slug,
           description = b.description,
           image_url = b.image_url,
           owner_id = b.owner_id,
           admins_manage_projects = w.admins_manage_projects OR b.completes,
           created_at = b.created_at,
           updated_at = b.updated_at
      FROM batch b
     WHERE b.fate = 'updated' AND w.id = b.id AND w.updated_at = b.seen
    RETURNING w.id, w.updated_at
), written AS (
    SELECT * FROM inserted UNION ALL SELECT * FROM updated
), remembered AS (
    INSERT INTO cairn_import.imported (kind, old_id, id, fingerprint, updated_at)
    SELECT 'workspaces', b.old_id, b.id, b.fingerprint, w.updated_at FROM written w JOIN batch b USING (id)
    ON CONFLICT (kind, old_id) DO UPDATE SET fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
)
SELECT count(*) FROM written
