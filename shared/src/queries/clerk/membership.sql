-- Makes the membership what follows from all that was said of it (clerk_memberships), in whatever order it arrived.
-- What names no membership of Clerk's, an accepted invitation or a change through our API, holds until Clerk says something
-- newer. Of what Clerk said since, one membership that still exists makes a member, the newest first; if all have ended,
-- nobody is.
WITH decisive AS (
    SELECT o.deleted, o.role, o.since, o.version
      FROM clerk_memberships o
     WHERE o.workspace_id = $1
       AND o.user_id = $2
       AND NOT EXISTS (
               SELECT
                 FROM clerk_memberships n
                WHERE n.workspace_id = $1
                  AND n.user_id = $2
                  AND n.source IN ('invitation', 'api')
                  AND (n.version, n.tie) > (o.version, o.tie)
           )
     ORDER BY o.source IN ('invitation', 'api'), o.deleted, o.version DESC, o.tie DESC
     LIMIT 1
), member AS (
    INSERT INTO workspace_members (id, workspace_id, user_id, role, created_at, updated_at)
    SELECT $3, $1, $2, role, since, 'epoch'::timestamptz + version * interval '1 millisecond'
      FROM decisive
     WHERE NOT deleted
    ON CONFLICT (workspace_id, user_id) DO UPDATE
    SET role = excluded.role, created_at = excluded.created_at, updated_at = excluded.updated_at
)
DELETE FROM workspace_members
 WHERE workspace_id = $1 AND user_id = $2 AND EXISTS (SELECT FROM decisive WHERE deleted)
