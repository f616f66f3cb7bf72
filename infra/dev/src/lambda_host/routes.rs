//! Which function serves a request: API Gateway's route keys (`ANY /api/tasks/{proxy+}`) and its rules of precedence.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The route keys of an HTTP API, each with the function that serves it.
#[derive(Clone, Debug, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
    default: Option<String>,
}

#[derive(Clone, Debug)]
struct Route {
    key: String,
    /// Nothing stands for `ANY`.
    method: Option<String>,
    segments: Vec<Segment>,
    function: String,
}

/// In the order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

/// The route that a request took.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Matched<'t> {
    pub key: &'t str,
    pub function: &'t str,
    pub parameters: BTreeMap<&'t str, String>,
}

/// The routes of this product's API, as `template.yaml` has them.
pub fn api_routes() -> RouteTable {
    RouteTable::default()
        .with("ANY /api/workspace", "workspaces")
        .with("ANY /api/workspace/{proxy+}", "workspaces")
        .with("ANY /api/projects", "projects")
        .with("ANY /api/projects/{proxy+}", "projects")
        .with("ANY /api/tasks", "tasks")
        .with("ANY /api/tasks/{proxy+}", "tasks")
        .with("ANY /api/comments", "comments")
        .with("ANY /api/comments/{proxy+}", "comments")
        .with("ANY /api/tasks/{taskId}/comments", "comments")
        .with("$default", "docs")
}

impl RouteTable {
    /// The table with one route more.
    #[must_use]
    pub fn with(mut self, key: &str, function: &str) -> Self {
        match key.split_once(' ') {
            None => self.default = Some(function.to_owned()),
            Some((method, path)) => self.routes.push(Route {
                key: key.to_owned(),
                method: (method != "ANY").then(|| method.to_owned()),
                segments: segments(path).map(Segment::parse).collect(),
                function: function.to_owned(),
            }),
        }
        self
    }

    /// The table without the routes to functions other than these.
    #[must_use]
    pub fn only(mut self, functions: &[&str]) -> Self {
        self.routes
            .retain(|route| functions.contains(&route.function.as_str()));
        self.default = self
            .default
            .filter(|function| functions.contains(&function.as_str()));
        self
    }

    /// The functions that the routes name.
    pub(super) fn functions(&self) -> impl Iterator<Item = &str> {
        self.routes
            .iter()
            .map(|route| route.function.as_str())
            .chain(self.default.as_deref())
    }

    /// The most specific route for a request: literal segments before parameters before greedy ones, a method before
    /// `ANY`, `$default` last.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<Matched<'_>> {
        let path: Vec<&str> = segments(path).collect();
        let matching = self.routes.iter().filter_map(|route| {
            let right_method = route
                .method
                .as_deref()
                .is_none_or(|wanted| wanted == method);
            let parameters = right_method.then(|| route.parameters(&path)).flatten()?;
            Some((route, parameters))
        });
        let best =
            matching.min_by_key(|(route, _)| (route.precedence(), Reverse(route.method.is_some())));
        match best {
            Some((route, parameters)) => Some(Matched {
                key: &route.key,
                function: &route.function,
                parameters,
            }),
            None => self.default.as_deref().map(|function| Matched {
                key: "$default",
                function,
                parameters: BTreeMap::new(),
            }),
        }
    }
}

impl Route {
    /// What the variables of the route stand for in `path`; nothing if it does not match.
    fn parameters(&self, path: &[&str]) -> Option<BTreeMap<&str, String>> {
        let mut parameters = BTreeMap::new();
        for (position, segment) in self.segments.iter().enumerate() {
            let actual = path.get(position)?;
            match segment {
                Segment::Literal(text) if text == actual => {}
                Segment::Literal(_) => return None,
                Segment::Parameter(name) => {
                    parameters.insert(name.as_str(), (*actual).to_owned());
                }
                Segment::Greedy(name) => {
                    parameters.insert(name.as_str(), path[position..].join("/"));
                    return Some(parameters);
                }
            }
        }
        (path.len() == self.segments.len()).then_some(parameters)
    }

    fn precedence(&self) -> Vec<u8> {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Greedy(_) => 2,
        };
        self.segments.iter().map(rank).collect()
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            None => Self::Literal(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Greedy(name.to_owned()),
                None => Self::Parameter(name.to_owned()),
            },
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(method: &str, path: &str) -> String {
        let table = api_routes();
        let matched = table.find(method, path).expect("there is a default route");
        matched.function.to_owned()
    }

    #[test]
    fn the_groups_go_to_their_functions() {
        assert_eq!(function("GET", "/api/workspace"), "workspaces");
        assert_eq!(function("POST", "/api/workspace/add-member"), "workspaces");
        assert_eq!(
            function("GET", "/api/projects/workspace/w/projects"),
            "projects"
        );
        assert_eq!(function("DELETE", "/api/tasks"), "tasks");
        assert_eq!(function("GET", "/api/tasks/project/p/tasks"), "tasks");
        assert_eq!(function("GET", "/api/comments/task/t/comments"), "comments");
    }

    #[test]
    fn the_more_specific_route_wins() {
        assert_eq!(function("GET", "/api/tasks/t/comments"), "comments");
        assert_eq!(function("GET", "/api/tasks/t/comments/more"), "tasks");
        let table = RouteTable::default()
            .with("ANY /a/{id}", "any")
            .with("GET /a/{id}", "get");
        assert_eq!(
            table.find("GET", "/a/1").map(|found| found.function),
            Some("get")
        );
        assert_eq!(
            table.find("PUT", "/a/1").map(|found| found.function),
            Some("any")
        );
    }

    #[test]
    fn everything_else_goes_to_the_default_route() {
        assert_eq!(function("GET", "/"), "docs");
        assert_eq!(function("GET", "/api/taskss"), "docs");
        assert_eq!(RouteTable::default().find("GET", "/"), None);
    }

    #[test]
    fn variables_are_handed_on() {
        let table = api_routes();
        let matched = table
            .find("GET", "/api/projects/p/members")
            .expect("a route");
        assert_eq!(matched.key, "ANY /api/projects/{proxy+}");
        assert_eq!(matched.parameters["proxy"], "p/members");
    }
}
