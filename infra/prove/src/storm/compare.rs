//! What the database holds in the end, beside what it should.

use std::collections::{BTreeMap, BTreeSet};

use cairn_tests::TestApp;
use tokio_postgres::Row;

use super::clerk::Clerk;
use crate::findings::Findings;

/// Everything is as in the database that followed each event once and in order.
pub async fn with_oracle(app: &TestApp, oracle: &TestApp, findings: &mut Findings) {
    let (stored, expected) = (app.contents().await, oracle.contents().await);
    let (mut rows, mut lost, mut more) = (0, 0, 0);
    for (table, expected) in &expected {
        let stored = &stored[table];
        rows += expected.len();
        lost += expected.iter().filter(|row| !stored.contains(row)).count();
        more += stored.iter().filter(|row| !expected.contains(row)).count();
        // Rows that are alike, which sets would hide.
        more += stored.len().saturating_sub(expected.len());
        findings.check(stored == expected, || {
            format!("{table} is not as after the events in their order")
        });
    }
    findings.figure(format!(
        "{rows} rows in all tables, {lost} lost and {more} more than after the events once and in order"
    ));
}

/// It says what is so at Clerk, as counted here without any of the code that follows events.
pub async fn with_truth(app: &TestApp, clerk: &Clerk, findings: &mut Findings) {
    let users = rows(
        app,
        "SELECT id, name || ' ' || email FROM users WHERE deleted_at IS NULL",
    );
    let users: BTreeMap<String, String> = users.await.iter().map(pair).collect();
    let expected = clerk.users.iter();
    let expected = expected.map(|(id, (name, email))| (id.clone(), format!("{name} {email}")));
    findings.check(users == expected.collect(), || {
        "the people are not those of Clerk".to_owned()
    });

    let workspaces = rows(app, "SELECT id, name FROM workspaces").await;
    let workspaces: BTreeMap<String, String> = workspaces.iter().map(pair).collect();
    findings.check(workspaces == clerk.organizations, || {
        "the workspaces are not Clerk's organizations".to_owned()
    });

    let members = "SELECT workspace_id || ' ' || user_id, role::text FROM workspace_members";
    let members: BTreeSet<(String, String)> = rows(app, members).await.iter().map(pair).collect();
    let expected = clerk.members.iter().map(|((place, who), (role, _))| {
        let role = if *role == "org:admin" {
            "ADMIN"
        } else {
            "MEMBER"
        };
        (format!("{place} {who}"), role.to_owned())
    });
    findings.check(members == expected.collect(), || {
        "the members are not those of Clerk".to_owned()
    });
    findings.figure(format!(
        "{} people, {} workspaces and {} memberships are those of Clerk",
        clerk.users.len(),
        clerk.organizations.len(),
        clerk.members.len()
    ));
}

async fn rows(app: &TestApp, query: &str) -> Vec<Row> {
    let rows = app.database().query(query, &[]).await;
    rows.unwrap_or_else(|error| panic!("{query}: {error:?}"))
}

fn pair(row: &Row) -> (String, String) {
    (row.get(0), row.get(1))
}
