-- What becomes of each old membership. The old system kept no date of joining: that is when both the workspace and the user
-- were there. Where Clerk or somebody in Cairn has said anything of this pair, be it that it ended, that stands.
CREATE TEMP TABLE new_workspace_members AS
WITH mapped AS (
    SELECT o.id AS old_id,
           pg_temp.uuid_of('workspace_member', o.id) AS id,
           o.workspace_id,
           o.user_id,
           o.role,
           o.message,
           greatest(pg_temp.instant(w.created_at), pg_temp.instant(u.created_at)) AS since,
           CASE WHEN nw.present IS NOT TRUE THEN 'is of a workspace that is not brought over'
                WHEN nu.present IS NOT TRUE THEN 'is of a user who is not brought over'
                WHEN nu.deleted THEN 'is of a user who was deleted at Clerk'
           END AS skip
      FROM old_workspace_members o
      LEFT JOIN old_workspaces w ON w.id = o.workspace_id
      LEFT JOIN old_users u ON u.id = o.user_id
      LEFT JOIN new_workspaces nw ON nw.id = o.workspace_id
      LEFT JOIN new_users nu ON nu.id = o.user_id
), printed AS (
    SELECT m.*, sha256(convert_to(ROW(m.workspace_id, m.user_id, m.role, m.message, m.since)::text, 'UTF8')) AS fingerprint
      FROM mapped m
), compared AS (
    SELECT p.*,
           i.old_id IS NOT NULL OR said.since_then IS NOT NULL AS imported,
           t.id IS NOT NULL AS there,
           i.fingerprint = p.fingerprint AS same,
           t.updated_at = i.updated_at AND said.since_then IS NULL AS untouched,
           coalesce(said.since_then, false) AS said,
           t.updated_at AS seen
      FROM printed p
      LEFT JOIN imported i ON i.kind = 'workspace_members' AND i.old_id = p.old_id
      LEFT JOIN workspace_members t ON t.workspace_id = p.workspace_id AND t.user_id = p.user_id
      LEFT JOIN LATERAL (
               SELECT bool_or(true) AS since_then
                 FROM clerk_memberships c
                WHERE c.workspace_id = p.workspace_id AND c.user_id = p.user_id AND c.version > 0
           ) said ON true
), decided AS (
    SELECT c.*, pg_temp.fate(skip, imported, there, same, untouched) AS fate FROM compared c
)
SELECT row_number() OVER (ORDER BY workspace_id, user_id) AS n,
       old_id,
       id,
       workspace_id,
       user_id,
       role,
       message,
       since,
       fingerprint,
       fate,
       CASE WHEN fate = 'skipped' THEN skip
            WHEN fate = 'kept' AND said THEN 'is as Clerk or somebody in Cairn says'
            WHEN fate = 'kept' THEN pg_temp.why_kept(imported, there)
       END AS reason,
       '{}'::text[] AS notes,
       seen
  FROM decided
