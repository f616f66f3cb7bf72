-- What becomes of each old workspace. Of one that Clerk has described since, name, slug, picture and owner stay as Clerk says;
-- the description, and that ADMINs manage projects, are filled in. One that was deleted does not come back.
CREATE TEMP TABLE new_workspaces AS
WITH mapped AS (
    SELECT o.id,
           CASE WHEN o.name ~ '\S' THEN o.name ELSE 'Workspace' END AS name,
           CASE WHEN o.slug ~ '\S' THEN o.slug
                ELSE 'workspace-' || right(regexp_replace(lower(o.id), '[^a-z0-9]', '', 'g'), 6)
           END AS slug,
           o.description,
           o.image_url,
           CASE WHEN owner.present THEN o.owner_id END AS owner_id,
           pg_temp.instant(o.created_at) AS created_at,
           pg_temp.instant(o.updated_at) AS updated_at,
           CASE WHEN o.id = '' OR length(o.id) > 255 THEN 'has an id that is empty or too long' END AS skip,
           array_remove(ARRAY[
               CASE WHEN o.name !~ '\S' THEN 'has no name, and gets one' END,
               CASE WHEN o.slug !~ '\S' THEN 'has no slug, and gets one' END,
               CASE WHEN o.settings <> '{}' THEN 'has settings, which Cairn has no place for' END,
               CASE WHEN members.of_owner IS NOT TRUE
                    THEN 'has an owner who is no member: the longest-standing ADMIN counts as the owner' END,
               CASE WHEN members.of_admin IS NOT TRUE THEN 'has no ADMIN' END
           ], NULL) AS notes
      FROM old_workspaces o
      LEFT JOIN new_users owner ON owner.id = o.owner_id
      LEFT JOIN (
               SELECT m.workspace_id, bool_or(m.user_id = w.owner_id) AS of_owner, bool_or(m.role = 'ADMIN') AS of_admin
                 FROM old_workspace_members m
                 JOIN old_workspaces w ON w.id = m.workspace_id
                GROUP BY m.workspace_id
           ) members ON members.workspace_id = o.id
), printed AS (
    SELECT m.*,
           sha256(convert_to(ROW(m.id, m.name, m.slug, m.description, m.image_url, m.owner_id, m.created_at, m.updated_at)::text,
                             'UTF8')) AS fingerprint
      FROM mapped m
), compared AS (
    SELECT p.*,
           i.old_id IS NOT NULL OR coalesce(c.deleted, false) AS imported,
           w.id IS NOT NULL AS there,
           i.fingerprint = p.fingerprint AS same,
           w.updated_at = i.updated_at AND c.version = 0 AND c.tie = '' AS untouched,
           i.old_id IS NULL AND w.id IS NOT NULL AS completes,
           w.id IS NOT NULL AND (c.version > 0 OR c.tie <> '') AS described,
           w.updated_at AS seen,
           w.name AS name_there,
           w.slug AS slug_there,
           w.description AS description_there,
           w.image_url AS image_there,
           w.owner_id AS owner_there,
           w.created_at AS created_there
      FROM printed p
      LEFT JOIN imported i ON i.kind = 'workspaces' AND i.old_id = p.id
      LEFT JOIN workspaces w ON w.id = p.id
      LEFT JOIN clerk_objects c ON c.kind = 'organization' AND c.id = p.id
), decided AS (
    SELECT c.*,
           CASE WHEN skip IS NULL AND completes THEN 'updated'
                ELSE pg_temp.fate(skip, imported, there, same, untouched)
           END AS fate,
           completes AND coalesce(described, false) AS keeps
      FROM compared c
)
SELECT row_number() OVER (ORDER BY id) AS n,
       id AS old_id,
       id,
       CASE WHEN keeps THEN name_there ELSE name END AS name,
       CASE WHEN keeps THEN slug_there ELSE slug END AS slug,
       CASE WHEN completes THEN coalesce(description_there, description) ELSE description END AS description,
       CASE WHEN keeps THEN image_there ELSE image_url END AS image_url,
       CASE WHEN completes THEN coalesce(owner_there, owner_id) ELSE owner_id END AS owner_id,
       CASE WHEN keeps THEN created_there ELSE created_at END AS created_at,
       CASE WHEN keeps THEN seen ELSE updated_at END AS updated_at,
       fingerprint,
       fate,
       CASE fate WHEN 'skipped' THEN skip WHEN 'kept' THEN pg_temp.why_kept(imported, there) END AS reason,
       CASE WHEN completes THEN notes || 'was in Cairn before, and is completed'::text ELSE notes END AS notes,
       seen,
       completes,
       skip IS NULL AND (there OR NOT imported) AS present
  FROM decided
