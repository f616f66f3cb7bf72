-- The memberships in organizations of Clerk of which Clerk told, or the old system when moving in. What was done through our
-- API is left alone: Clerk never knew of it.
--
-- An accepted invitation (so is called what the old system told, too) names no membership, and nothing that Clerk tells ends
-- it: it counts as long as nothing newer was said of this person here, and while no membership of Clerk's stands for it.
SELECT o.workspace_id, o.user_id, o.source
  FROM clerk_memberships o
 WHERE NOT o.deleted
   AND o.source <> 'api'
   AND starts_with(o.workspace_id, 'org_')
   AND NOT (
           o.source = 'invitation'
           AND EXISTS (
                   SELECT
                     FROM clerk_memberships n
                    WHERE n.workspace_id = o.workspace_id
                      AND n.user_id = o.user_id
                      AND n.source <> 'invitation'
                      AND ((n.version, n.tie) > (o.version, o.tie) OR (n.source <> 'api' AND NOT n.deleted))
               )
       )
 ORDER BY o.workspace_id, o.user_id, o.source
