//! The way to the database: migrations, TLS, poolers. Against the embedded server and, where it is installed, the system's.

mod custom_resource;
mod endings;
mod migrations;
mod pooler;
mod system_postgres;
mod tls;
mod together;
