//! A stand-in for Clerk's Backend API: what its reference says of the lists that are read, and mishaps on request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::instance::Instance;

/// The key of the instance.
pub const KEY: &str = "sk_test_1f2Kk39dJq";

/// What happens at Clerk while it is asked.
type Happening = Box<dyn FnOnce(&mut Instance) + Send>;
/// What becomes of a request instead of an answer, by its number from 1 on and its path.
type Mishap = Box<dyn Fn(usize, &str) -> Option<Response> + Send>;

/// A server on loopback; it ends with the test.
pub struct StandIn {
    url: String,
    shared: Shared,
    server: JoinHandle<()>,
}

type Shared = Arc<Mutex<Inside>>;

struct Inside {
    instance: Instance,
    /// The paths of all requests, with what was asked for.
    requests: Vec<String>,
    happenings: HashMap<usize, Happening>,
    mishap: Mishap,
    /// In no list, but there.
    unlisted: Vec<String>,
}

impl StandIn {
    pub async fn of(instance: Instance) -> Self {
        let shared = Arc::new(Mutex::new(Inside {
            instance,
            requests: Vec::new(),
            happenings: HashMap::new(),
            mishap: Box::new(|_, _| None),
            unlisted: Vec::new(),
        }));
        let router = Router::new()
            .route("/v1/users", get(users))
            .route("/v1/users/count", get(count))
            .route("/v1/users/{id}", get(user))
            .route("/v1/organizations", get(organizations))
            .route("/v1/organizations/{id}", get(organization))
            .route("/v1/organizations/{id}/memberships", get(members))
            .route("/v1/organization_memberships", get(memberships))
            .layer(from_fn_with_state(Arc::clone(&shared), gate))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            url,
            shared,
            server,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// What is at Clerk, to look at or to change.
    pub fn change<T>(&self, change: impl FnOnce(&mut Instance) -> T) -> T {
        change(&mut inside(&self.shared).instance)
    }

    /// Lets something happen at Clerk just before request number `request` is answered.
    pub fn at_request(
        &self,
        request: usize,
        happening: impl FnOnce(&mut Instance) + Send + 'static,
    ) {
        inside(&self.shared)
            .happenings
            .insert(request, Box::new(happening));
    }

    /// Lets requests go wrong.
    pub fn mishap(&self, mishap: impl Fn(usize, &str) -> Option<Response> + Send + 'static) {
        inside(&self.shared).mishap = Box::new(mishap);
    }

    /// Leaves a user out of the list, as if it had been made after that was read.
    pub fn unlist(&self, id: String) {
        inside(&self.shared).unlisted.push(id);
    }

    /// How many requests there were so far.
    pub fn requests(&self) -> Vec<String> {
        inside(&self.shared).requests.clone()
    }

    /// Ends it: connections are refused from now on.
    pub async fn die(self) {
        self.server.abort();
        let _ = self.server.await;
    }
}

/// A refusal as Clerk words it.
pub fn refusal(status: StatusCode, code: &str) -> Response {
    let error = json!({"message": "no", "long_message": "It is not so.", "code": code});
    let body = json!({"errors": [error], "clerk_trace_id": "0123456789abcdef"});
    (status, Json(body)).into_response()
}

/// Too many requests: come again after `seconds`.
pub fn throttled(seconds: u32) -> Response {
    let mut refusal = refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_requests");
    let headers = refusal.headers_mut();
    headers.insert(header::RETRY_AFTER, seconds.into());
    refusal
}

fn inside(shared: &Shared) -> MutexGuard<'_, Inside> {
    shared.lock().expect("no test panics inside")
}

/// What every request goes through.
async fn gate(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let mishap = {
        let mut inside = inside(&shared);
        inside.requests.push(request.uri().to_string());
        let number = inside.requests.len();
        if let Some(happening) = inside.happenings.remove(&number) {
            happening(&mut inside.instance);
        }
        (inside.mishap)(number, request.uri().path())
    };
    let refused = refusal_of(request.headers());
    match refused.or(mishap) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

/// Why a request with these headers gets no answer.
fn refusal_of(headers: &HeaderMap) -> Option<Response> {
    let key = format!("Bearer {KEY}");
    if headers
        .get(header::AUTHORIZATION)
        .is_none_or(|given| given != &key)
    {
        return Some(refusal(StatusCode::UNAUTHORIZED, "clerk_key_invalid"));
    }
    let named =
        headers.contains_key(header::USER_AGENT) && headers.contains_key("clerk-api-version");
    (!named).then(|| refusal(StatusCode::BAD_REQUEST, "api_version_missing"))
}

type Parameters = Query<HashMap<String, String>>;

/// All users, or those of the ones who are named that there are.
async fn users(
    State(shared): State<Shared>,
    Query(named): Query<Vec<(String, String)>>,
    query: Parameters,
) -> Response {
    let inside = inside(&shared);
    let named: Vec<_> = named
        .iter()
        .filter_map(|(name, value)| (name == "user_id").then_some(value))
        .collect();
    if !named.is_empty() {
        let users = inside.instance.users.iter();
        let found = users.filter(|user| named.iter().any(|id| user["id"] == id.as_str()));
        let limit = query.get("limit").and_then(|limit| limit.parse().ok());
        let found: Vec<_> = found.take(limit.unwrap_or(10)).collect();
        return match named.len() {
            ..=100 => Json(found).into_response(),
            _ => invalid(),
        };
    }
    let listed = inside.instance.users.iter().filter(|user| {
        let id = user["id"].as_str().unwrap_or_default();
        !inside.unlisted.iter().any(|unlisted| unlisted == id)
    });
    let listed: Vec<_> = listed.cloned().collect();
    page(&listed, &query).map_or_else(invalid, |page| Json(page).into_response())
}

async fn count(State(shared): State<Shared>) -> Json<Value> {
    let inside = inside(&shared);
    let count = inside.instance.users.len() - inside.unlisted.len();
    Json(json!({"object": "total_count", "total_count": count}))
}

async fn organizations(State(shared): State<Shared>, query: Parameters) -> Response {
    counted_page(&inside(&shared).instance.organizations, &query)
}

async fn memberships(State(shared): State<Shared>, query: Parameters) -> Response {
    counted_page(&inside(&shared).instance.memberships, &query)
}

async fn user(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    one(&inside(&shared).instance.users, &id)
}

async fn organization(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    one(&inside(&shared).instance.organizations, &id)
}

/// The memberships of one organization, of one user if one is named.
async fn members(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    query: Parameters,
) -> Response {
    let inside = inside(&shared);
    if !inside
        .instance
        .organizations
        .iter()
        .any(|o| o["id"] == id.as_str())
    {
        return refusal(StatusCode::NOT_FOUND, "resource_not_found");
    }
    let user = query.get("user_id");
    let found: Vec<&Value> = inside
        .instance
        .memberships
        .iter()
        .filter(|membership| membership["organization"]["id"] == id.as_str())
        .filter(|membership| {
            user.is_none_or(|user| membership["public_user_data"]["user_id"] == user.as_str())
        })
        .take(10)
        .collect();
    Json(json!({"data": found, "total_count": found.len()})).into_response()
}

fn one(objects: &[Value], id: &str) -> Response {
    match objects.iter().find(|object| object["id"] == id) {
        Some(object) => Json(object).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "resource_not_found"),
    }
}

fn counted_page(objects: &[Value], query: &Parameters) -> Response {
    page(objects, query).map_or_else(invalid, |page| {
        Json(json!({"data": page, "total_count": objects.len()})).into_response()
    })
}

/// The answer to parameters that Clerk does not take.
fn invalid() -> Response {
    refusal(StatusCode::UNPROCESSABLE_ENTITY, "form_param_invalid")
}

/// A page as Clerk makes it. It only knows the order of creation, from the oldest on: that of the lists here.
fn page<'a>(objects: &'a [Value], query: &Parameters) -> Option<&'a [Value]> {
    let number = |name: &str, default: usize| {
        query
            .get(name)
            .map_or(Some(default), |text| text.parse().ok())
    };
    let limit = number("limit", 10).filter(|limit| (1..=500).contains(limit))?;
    let from = number("offset", 0)?.min(objects.len());
    let ordered = query
        .get("order_by")
        .is_some_and(|order| order == "+created_at");
    ordered.then(|| &objects[from..objects.len().min(from + limit)])
}
