//! What of the database belongs to one history.

use tokio_postgres::Client;

use super::instance::Clerk;

/// Everything of the people and organizations of one history. (What depends on several rows is looked at, too.)
const CONTENTS: &str = "
SELECT 'user ' || u::text FROM users u WHERE u.id = ANY ($1)
UNION ALL
SELECT 'workspace ' || w::text FROM workspaces w WHERE w.id = ANY ($2)
UNION ALL
SELECT 'member ' || m::text FROM workspace_members m WHERE m.user_id = ANY ($1) OR m.workspace_id = ANY ($2)
UNION ALL
SELECT 'owner ' || o::text FROM workspace_owners o WHERE o.workspace_id = ANY ($2)
UNION ALL
SELECT 'address ' || a || ' of ' || coalesce(email_owner(a), 'nobody') FROM unnest($3::text[]) a
UNION ALL
SELECT 'seen ' || c::text FROM clerk_objects c WHERE c.id = ANY ($1) OR c.id = ANY ($2)
UNION ALL
SELECT 'said ' || s::text FROM clerk_memberships s WHERE s.user_id = ANY ($1) OR s.workspace_id = ANY ($2)
 ORDER BY 1";

const FORGET: &str = "
WITH members AS (DELETE FROM workspace_members WHERE user_id = ANY ($1) OR workspace_id = ANY ($2)),
     workspaces AS (DELETE FROM workspaces WHERE id = ANY ($2)),
     objects AS (DELETE FROM clerk_objects WHERE id = ANY ($1) OR id = ANY ($2)),
     said AS (DELETE FROM clerk_memberships WHERE user_id = ANY ($1) OR workspace_id = ANY ($2))
DELETE FROM users WHERE id = ANY ($1)";

/// Removes all of a history.
pub async fn forget(client: &Client, clerk: &Clerk) {
    client
        .execute(FORGET, &[&clerk.users(), &clerk.organizations()])
        .await
        .expect("the rows can be deleted");
}

/// All that is stored of a history, as text.
pub async fn contents(client: &Client, clerk: &Clerk) -> Vec<String> {
    client
        .query(
            CONTENTS,
            &[&clerk.users(), &clerk.organizations(), &clerk.addresses()],
        )
        .await
        .expect("the rows can be read")
        .iter()
        .map(|row| row.get(0))
        .collect()
}
