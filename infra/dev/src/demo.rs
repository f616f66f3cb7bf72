//! The demo data: people and organizations arrive as Clerk's events, through the webhook; what they then did stands in
//! `infra/local/demo.sql`, because it has dates in the past, which the API does not let anybody set.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tokio_postgres::{Client, NoTls};

use crate::clerk_events::{self, Organization, Person};
use crate::places::Places;
use crate::webhooks::{self, WebhookSecret};

/// How long the worker may take until everybody is there.
const SYNC_TIMEOUT: Duration = Duration::from_secs(30);
const SYNC_PAUSE: Duration = Duration::from_millis(100);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

const PEOPLE: [Person<'static>; 6] = [
    Person {
        id: "user_ada",
        first_name: "Ada",
        last_name: "Okafor",
        email: "ada@example.com",
        image_url: "https://api.dicebear.com/9.x/initials/svg?seed=Ada+Okafor",
    },
    Person {
        id: "user_bruno",
        first_name: "Bruno",
        last_name: "Keller",
        email: "bruno@example.com",
        image_url: "https://api.dicebear.com/9.x/initials/svg?seed=Bruno+Keller",
    },
    Person {
        id: "user_chiara",
        first_name: "Chiara",
        last_name: "Conti",
        email: "chiara@example.com",
        image_url: "",
    },
    Person {
        id: "user_dmitri",
        first_name: "Dmitri",
        last_name: "Volkov",
        email: "dmitri@example.com",
        image_url: "",
    },
    Person {
        id: "user_elif",
        first_name: "Elif",
        last_name: "Yıldız",
        email: "elif@example.com",
        image_url: "https://api.dicebear.com/9.x/initials/svg?seed=Elif",
    },
    Person {
        id: "user_farid",
        first_name: "Farid",
        last_name: "Rahmani",
        email: "farid@example.com",
        image_url: "",
    },
];

const HARBOR: Organization<'static> = Organization {
    id: "org_harbor",
    name: "Harbor Studio",
    slug: "harbor-studio",
    created_by: "user_ada",
};
const ATLAS: Organization<'static> = Organization {
    id: "org_atlas",
    name: "Atlas Bikes",
    slug: "atlas-bikes",
    created_by: "user_elif",
};

/// Who is where, in the order in which they came: the person's place in [`PEOPLE`].
const MEMBERSHIPS: [(Organization<'static>, usize, &str); 8] = [
    (HARBOR, 0, "org:admin"),
    (HARBOR, 1, "org:member"),
    (HARBOR, 2, "org:member"),
    (HARBOR, 3, "org:member"),
    (ATLAS, 4, "org:admin"),
    (ATLAS, 0, "org:admin"),
    (ATLAS, 5, "org:member"),
    (ATLAS, 3, "org:member"),
];

/// Loads the demo data where nobody is yet: what was changed or deleted since the first time stays so. Says whether it did.
pub async fn load(
    database_url: &str,
    webhook_url: &str,
    secret: &WebhookSecret,
    places: &Places,
) -> anyhow::Result<bool> {
    let (client, connection) = tokio_postgres::connect(database_url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let due = client
        .query_one(include_str!("demo/is_due.sql"), &[])
        .await?
        .get(0);
    if due {
        for event in events() {
            let body = event.to_string().into_bytes();
            let (status, answer) = webhooks::deliver(webhook_url, secret, body).await?;
            ensure!(
                status == 200,
                "The webhook answered {status} to an event of the demo data: {}",
                answer.trim()
            );
        }
        wait_for_sync(&client).await?;
        let file = places.scripts().join("demo.sql");
        let sql = std::fs::read_to_string(&file)
            .with_context(|| format!("Cannot read {}", file.display()))?;
        client
            .batch_execute(&sql)
            .await
            .with_context(|| format!("{} failed", file.display()))?;
    }
    drop(client);
    connection.await??;
    Ok(due)
}

/// What Clerk would have told of the people and organizations, over the last hundred days.
pub fn events() -> Vec<Value> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let days_ago = |days: i64| i64::try_from(now).unwrap_or_default() - days * DAY_MS;
    let people = PEOPLE
        .iter()
        .map(|person| clerk_events::user("user.created", days_ago(100), person));
    let organizations = [(HARBOR, 90), (ATLAS, 70)].map(|(organization, days)| {
        clerk_events::organization("organization.created", days_ago(days), &organization)
    });
    let memberships = (0..)
        .zip(&MEMBERSHIPS)
        .map(|(number, (organization, person, role))| {
            let kind = "organizationMembership.created";
            let at = days_ago(60) + number * MINUTE_MS;
            clerk_events::membership(kind, at, organization, &PEOPLE[*person], role)
        });
    people.chain(organizations).chain(memberships).collect()
}

async fn wait_for_sync(client: &Client) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let synced: bool = client
            .query_one(include_str!("demo/is_synced.sql"), &[])
            .await?
            .get(0);
        if synced {
            return Ok(());
        }
        if began.elapsed() > SYNC_TIMEOUT {
            bail!(
                "The people of the demo data did not arrive in the database: see aws/functions.log beside this system's data."
            );
        }
        tokio::time::sleep(SYNC_PAUSE).await;
    }
}
