//! A Lambda function that answers every request with the same few words.

use lambda_http::{Body, Error, Request, Response, service_fn};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(lambda_http::run(service_fn(answer)))
}

async fn answer(_: Request) -> Result<Response<Body>, Error> {
    let words = r#"{"message":"Server is running successfully!"}"#;
    let answer = Response::builder().header("content-type", "application/json");
    Ok(answer.body(words.into())?)
}
