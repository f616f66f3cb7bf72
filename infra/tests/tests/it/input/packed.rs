//! Bodies that are larger than they look.

use cairn_tests::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_packed_stays_packed() {
    let app = TestApp::builder()
        .environments(1)
        .only(&["workspaces", "webhooks"])
        .start()
        .await;
    let user = app.user("Ada Lovelace").await;
    let body = json!({"name": "x".repeat(100)}).to_string();
    let before = app.contents().await;
    for encoding in ["gzip", "x-gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        for path in ["/api/workspace", "/api/webhooks/clerk"] {
            let request = app
                .request(&user, "POST", path)
                .header("content-encoding", encoding);
            let answer = request.body(bomb()).await;
            assert!(
                matches!(answer.status.as_u16(), 400 | 415),
                "{encoding}: {answer}"
            );
        }
    }
    assert_eq!(app.contents().await, before);
    // Nothing was unpacked that says so: a body that is plain is read as it is.
    let answer = app
        .request(&user, "POST", "/api/workspace")
        .header("content-encoding", "gzip")
        .body(body)
        .await;
    let refused: Value = answer.json();
    assert!(
        answer.status == 201 || refused["success"] == false,
        "{answer}"
    );
}

/// 100 MB of spaces around an empty object, in 100 KB of gzip.
fn bomb() -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let spaces = vec![b' '; 1024 * 1024];
    for _ in 0..100 {
        packed.write_all(&spaces).expect("memory");
    }
    packed.write_all(b"{}").expect("memory");
    packed.finish().expect("memory")
}
