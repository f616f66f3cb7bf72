//! What is refused, in a sentence that says what to do; and runs that write nothing.

use cairn_tests::TestDatabase;
use tokio::process::Command;

use crate::instance::{New, Old, SMALL};

async fn fails(command: &mut Command) -> String {
    let output = command.output().await.expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr)
        .expect("text")
        .trim()
        .to_owned()
}

#[tokio::test]
async fn another_source() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.run(r#"DROP TABLE "Comment"; ALTER TABLE "Task" DROP COLUMN due_date"#)
        .await;
    let before = new.contents().await;
    assert_eq!(
        fails(&mut old.importer(&new.url())).await,
        "The source is not a database of that system: it has not the column \"due_date\" of \"Task\", the table \"Comment\"."
    );
    assert_eq!(new.contents().await, before);

    let old = Old::with(SMALL).await;
    old.run(r#"ALTER TYPE "TaskStatus" ADD VALUE 'BLOCKED'"#)
        .await;
    assert_eq!(
        fails(&mut old.importer(&new.url())).await,
        "The source has values that Cairn does not know: BLOCKED of \"TaskStatus\"."
    );
}

#[tokio::test]
async fn a_target_without_tables() {
    let (old, bare) = (Old::with(SMALL).await, TestDatabase::create().await);
    let client = bare.connect().await;
    let drop = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    client.batch_execute(drop).await.expect("it can be emptied");
    let said = fails(&mut old.importer(&bare.url())).await;
    assert!(
        said.starts_with("Cairn's tables are missing in the target database"),
        "{said}"
    );
    assert!(said.contains("migrate"), "{said}");
}

#[tokio::test]
async fn urls_that_lead_nowhere() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    let mut without_target = old.importer("");
    // What is in DATABASE_URL may be a pooler.
    let said = fails(without_target.env("DATABASE_URL", new.url())).await;
    assert!(
        said.starts_with("DIRECT_URL has to be set") && said.contains("one session"),
        "{said}"
    );

    let mut importer = Command::new(env!("CARGO_BIN_EXE_cairn-import"));
    importer
        .args([
            "reference",
            "--source",
            "postgres://secret:word@127.0.0.1:1/old",
        ])
        .env("DIRECT_URL", new.url());
    let said = fails(&mut importer).await;
    assert!(
        said.starts_with("The old database cannot be reached"),
        "{said}"
    );
    assert!(!said.contains("secret") && !said.contains("word"), "{said}");
}

#[tokio::test]
async fn a_second_import_beside_the_first() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    new.run(&format!(
        "SELECT pg_advisory_lock({})",
        0x0063_6169_726e_i64
    ))
    .await;
    assert_eq!(
        fails(&mut old.importer(&new.url())).await,
        "Another import is writing to this database."
    );
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_says_the_same() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.run(r#"UPDATE "Project" SET progress = 101"#).await;
    let before = new.contents().await;
    let dry = old.import_with(&new.url(), &["--dry-run"]).await;
    assert_eq!(new.contents().await, before);
    assert_eq!(
        new.text("SELECT coalesce(to_regnamespace('cairn_import')::text, 'none')")
            .await,
        "none"
    );
    assert!(
        dry.text
            .ends_with("This was a dry run: nothing was written.\n"),
        "{}",
        dry.text
    );
    let wet = old.import(&new.url()).await;
    assert_eq!(dry.json["tables"], wet.json["tables"]);
    assert_eq!(dry.json["rows"], wet.json["rows"]);
    // Also between two imports.
    old.run(r#"UPDATE "Project" SET progress = 7"#).await;
    let before = new.contents().await;
    let dry = old.import_with(&new.url(), &["--dry-run"]).await;
    assert_eq!(dry.count("projects", "updated"), 1);
    assert_eq!(new.contents().await, before);
}
