//! People, as Clerk's events would have put them into the database.

use cairn_dev::clerk_events::Person;
use tokio_postgres::Client;
use uuid::Uuid;

/// Somebody who signed up and whose address is verified.
#[derive(Clone, Debug)]
pub struct User {
    /// Clerk's id of the user.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// The primary address.
    pub email: String,
    /// The picture's URL.
    pub image: String,
}

impl User {
    /// The same person as Clerk's events describe them.
    pub fn at_clerk(&self) -> Person<'_> {
        let (first_name, last_name) = self.name.split_once(' ').expect("two names");
        Person {
            id: &self.id,
            first_name,
            last_name,
            email: &self.email,
            image_url: &self.image,
        }
    }

    /// A new person in the database. Id and address are unique, so that tests on one database do not meet.
    pub async fn insert(database: &Client, name: &str) -> Self {
        let user = Self::unsynced(name);
        database
            .execute(
                "INSERT INTO users (id, name, email, email_verified, image, version) VALUES ($1, $2, $3, true, $4, 1)",
                &[&user.id, &user.name, &user.email, &user.image],
            )
            .await
            .expect("a user can be inserted");
        user
    }

    /// Somebody who can sign in but of whom no event has arrived yet.
    pub fn unsynced(name: &str) -> Self {
        let unique = Uuid::now_v7().simple().to_string();
        let address = name.to_lowercase().replace(' ', ".");
        Self {
            id: format!("user_{unique}"),
            name: name.to_owned(),
            email: format!("{address}.{unique}@example.com"),
            image: format!("https://img.example.com/{unique}"),
        }
    }
}
