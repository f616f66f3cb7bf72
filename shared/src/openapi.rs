//! What the `OpenAPI` documents of all groups have in common. Each group's operations are derived from its handlers; what
//! every operation may answer is added here, once.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, ResponseBuilder};

/// The name of the security scheme of all operations that need a signed-in user.
pub const SESSION_TOKEN: &str = "sessionToken";

/// The whole document, from the documents of the groups.
pub fn document(groups: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Cairn")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Workspaces, projects, tasks and comments. Every answer is JSON with `success`; every list takes `limit` and \
             `cursor`. Failures that any operation may have are 401, 500 and 503. Who writes more in a day of UTC than anybody \
             does by hand is refused with 429, and `retry-after` until the next day; for too many requests at once 429 comes \
             from the gateway, as `{\"message\": …}`.",
        ))
        .build();
    let mut document = OpenApiBuilder::new().info(info).build();
    for group in groups {
        document.merge(group);
    }
    let scheme = SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("A Clerk session token"))
            .build(),
    );
    document
        .components
        .get_or_insert_default()
        .add_security_scheme(SESSION_TOKEN, scheme);
    for path in document.paths.paths.values_mut() {
        operations(path).for_each(complete);
    }
    document
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut path.get,
        &mut path.post,
        &mut path.put,
        &mut path.patch,
        &mut path.delete,
    ]
    .into_iter()
    .flatten()
}

fn complete(operation: &mut Operation) {
    let mut common = vec![("500", "Something is wrong on our side")];
    if operation.security.is_some() {
        common.push((
            "401",
            "The session token is missing, expired or not one of this system's",
        ));
        common.push((
            "503",
            "The database is away for the moment; try again after `retry-after` seconds",
        ));
    }
    if operation.request_body.is_some() {
        common.push(("400", "The input is wrong; `errors` names the fields"));
        common.push(("413", "The body is over 256 KiB"));
    }
    for (status, description) in common {
        let response = ResponseBuilder::new()
            .description(description)
            .content(
                "application/json",
                ContentBuilder::new()
                    .schema(Some(Ref::from_schema_name("ErrorBody")))
                    .build(),
            )
            .build();
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| response.into());
    }
}
