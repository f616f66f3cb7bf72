-- Writes the memberships from $1 to $2 as planned, those excepted that something was said of since. Answers how many.
--
-- They are kept among what was said of memberships, too (clerk_memberships), as the oldest there is: whatever Clerk says wins,
-- also the end of a membership under an id that was never heard of. They stand there as an accepted invitation does: of Clerk,
-- but without the membership's id. So the comparison with Clerk (`cargo import clerk`) finds those that ended long ago, of
-- which the old system took no notice. Those with a message were not Clerk's: only an ADMIN who added somebody there could
-- leave one. They stand as what was done through our API, of which Clerk's lists need to know nothing.
WITH batch AS (
    SELECT * FROM new_workspace_members WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated')
), inserted AS (
    INSERT INTO workspace_members (id, workspace_id, user_id, role, message, created_at, updated_at)
    SELECT id, workspace_id, user_id, role::workspace_role, message, since, since
      FROM batch b
     WHERE fate = 'inserted'
       AND NOT EXISTS (
               SELECT
                 FROM clerk_objects c
                WHERE c.deleted AND (c.kind, c.id) IN (('organization', b.workspace_id), ('user', b.user_id))
           )
       AND NOT EXISTS (
               SELECT FROM clerk_memberships c WHERE c.workspace_id = b.workspace_id AND c.user_id = b.user_id AND c.version > 0
           )
     ORDER BY workspace_id, user_id
    ON CONFLICT DO NOTHING
    RETURNING workspace_id, user_id, role, message, created_at, updated_at
), updated AS (
    UPDATE workspace_members m
       SET role = b.role::workspace_role, message = b.message, created_at = b.since, updated_at = b.since
      FROM batch b
     WHERE b.fate = 'updated' AND m.workspace_id = b.workspace_id AND m.user_id = b.user_id AND m.updated_at = b.seen
       AND NOT EXISTS (
               SELECT FROM clerk_memberships c WHERE c.workspace_id = b.workspace_id AND c.user_id = b.user_id AND c.version > 0
           )
    RETURNING m.workspace_id, m.user_id, m.role, m.message, m.created_at, m.updated_at
), written AS (
    SELECT i.*, CASE WHEN message <> '' THEN 'api' ELSE 'invitation' END AS source FROM inserted i
     UNION ALL
    SELECT u.*, CASE WHEN message <> '' THEN 'api' ELSE 'invitation' END FROM updated u
), unsaid AS (
    -- What an import said before the message came, or went.
    DELETE FROM clerk_memberships c
     USING written w
     WHERE (c.workspace_id, c.user_id) = (w.workspace_id, w.user_id)
       AND c.source IN ('invitation', 'api')
       AND c.source <> w.source
       AND c.version = 0
), said AS (
    INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
    SELECT workspace_id, user_id, source, 0, '', false, role, created_at FROM written
    ON CONFLICT (workspace_id, user_id, source) DO UPDATE SET role = excluded.role, since = excluded.since
     WHERE clerk_memberships.version = 0
), remembered AS (
    INSERT INTO cairn_import.imported (kind, old_id, id, fingerprint, updated_at)
    SELECT 'workspace_members', b.old_id, b.id::text, b.fingerprint, w.updated_at
      FROM written w
      JOIN batch b USING (workspace_id, user_id)
    ON CONFLICT (kind, old_id) DO UPDATE SET fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
)
SELECT count(*) FROM written
