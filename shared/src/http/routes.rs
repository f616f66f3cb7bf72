//! The routes of a group, written once: what `#[utoipa::path]` says of a handler is where it is served, and what the
//! `OpenAPI` document says of it.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use utoipa::openapi::HttpMethod;

#[doc(hidden)]
pub use pastey::paste;

/// Declares the routes of a group by the names of their handlers, each of which has a `#[utoipa::path]`:
///
/// ```
/// #[utoipa::path(get, path = "/api/time", responses((status = 200, description = "The time")))]
/// async fn time() -> &'static str {
///     "late"
/// }
///
/// shared::routes!((): time);
///
/// let routes: axum::Router<()> = router();
/// let document: utoipa::openapi::OpenApi = document();
/// assert!(routes.has_routes() && document.paths.paths.contains_key("/api/time"));
/// ```
///
/// `router()` and `document()` are two functions so that no Lambda function calls the second: then the linker leaves out
/// what describes the API, a sixteenth of a binary.
#[macro_export]
macro_rules! routes {
    ($state:ty: $($handler:ident),+ $(,)?) => {
        /// The routes of the group.
        pub fn router() -> ::axum::Router<$state> {
            let router = ::axum::Router::new();
            $crate::http::paste! {
                $(let router = $crate::http::with_route::<[<__path_ $handler>], _, _, _>(router, $handler);)+
            }
            router
        }

        /// What the `OpenAPI` document says of the group.
        pub fn document() -> ::utoipa::openapi::OpenApi {
            #[derive(::utoipa::OpenApi)]
            #[openapi(paths($($handler),+))]
            struct Document;
            <Document as ::utoipa::OpenApi>::openapi()
        }
    };
}

/// Serves `handler` where `P` says: for [`routes!`](crate::routes).
#[doc(hidden)]
pub fn with_route<P, H, T, S>(router: Router<S>, handler: H) -> Router<S>
where
    P: utoipa::Path,
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let methods = P::methods()
        .iter()
        .map(filter)
        .reduce(MethodFilter::or)
        .expect("`#[utoipa::path]` takes no handler without a method");
    router.route(&P::path(), on(methods, handler))
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
    }
}
