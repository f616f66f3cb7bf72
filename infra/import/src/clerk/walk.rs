//! All objects of one of Clerk's lists, while people sign up, leave and change what is in it.

use std::collections::HashSet;

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::Value;

use super::Kind;
use super::api::{Api, Problem};

/// What Clerk gives at most.
const PAGE: usize = 500;
/// Pages share some objects with the one before: see [`Walk::run`].
const OVERLAP: usize = 20;
const STEP: usize = PAGE - OVERLAP;
/// Clerk lets through 10 requests a second with a development key, and a hundred with a production one.
const AT_ONCE: usize = 3;

/// A list on its way. It is in the order of creation, so that what is new comes last.
pub struct Walk<'a> {
    api: &'a Api,
    kind: Kind,
    seen: HashSet<String>,
    /// How many there were, and how many there are.
    counts: Option<(usize, usize)>,
}

/// Users come as they are, everything else with their number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page {
    Bare(Vec<Value>),
    Counted {
        data: Vec<Value>,
        total_count: usize,
    },
}

#[derive(Deserialize)]
struct Count {
    total_count: usize,
}

impl<'a> Walk<'a> {
    pub fn new(api: &'a Api, kind: Kind) -> Self {
        Self {
            api,
            kind,
            seen: HashSet::new(),
            counts: None,
        }
    }

    /// Gives all objects to `take`, each once. Objects that vanish meanwhile draw the later ones nearer, so that one might slip
    /// from the next page to the last one between two requests. Hence every page has to begin with an object that was seen
    /// already: if it does not, or is empty, the pages before it are read again until one does.
    pub async fn run(
        mut self,
        mut take: impl AsyncFnMut(Vec<Value>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Walked> {
        self.count_users().await?;
        let (api, kind) = (self.api, self.kind);
        let mut ahead = stream::iter((1..).map(|page| page * STEP))
            .map(|offset| async move { Ok::<_, Problem>((offset, page(api, kind, offset).await?)) })
            .buffered(AT_ONCE);
        let mut next = Some((0, page(api, kind, 0).await?));
        while let Some((offset, page)) = next {
            let objects = self.note_count(page);
            let is_last = objects.len() < PAGE;
            self.close_gap(offset, objects.first(), &mut take).await?;
            take(self.unseen(objects)).await?;
            if is_last {
                break;
            }
            self.tell_progress();
            next = ahead.try_next().await?;
        }
        drop(ahead);
        self.count_users().await?;
        self.tell_progress();
        let least = self.counts.map_or(0, |(before, after)| before.min(after));
        Ok(Walked {
            overlooked: least.saturating_sub(self.seen.len()),
            seen: self.seen,
        })
    }

    async fn close_gap(
        &mut self,
        mut offset: usize,
        first: Option<&Value>,
        take: &mut impl AsyncFnMut(Vec<Value>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut joined = first.is_some_and(|object| self.is_known(object));
        while !joined && offset > 0 {
            offset = offset.saturating_sub(STEP);
            let page = page(self.api, self.kind, offset).await?;
            let objects = self.note_count(page);
            joined = objects.first().is_some_and(|object| self.is_known(object));
            take(self.unseen(objects)).await?;
        }
        Ok(())
    }

    fn is_known(&self, object: &Value) -> bool {
        id(object).is_some_and(|id| self.seen.contains(id))
    }

    fn unseen(&mut self, mut objects: Vec<Value>) -> Vec<Value> {
        // What has no id is reported as unreadable, and nothing else comes of it.
        objects.retain(|object| id(object).is_none_or(|id| self.seen.insert(id.to_owned())));
        objects
    }

    fn note_count(&mut self, page: Page) -> Vec<Value> {
        match page {
            Page::Bare(objects) => objects,
            Page::Counted { data, total_count } => {
                self.counted(total_count);
                data
            }
        }
    }

    async fn count_users(&mut self) -> anyhow::Result<()> {
        if self.kind == Kind::User {
            let count: Option<Count> = self.api.get(&["users", "count"], &[]).await?;
            let count = count.context("Clerk does not count its users")?;
            self.counted(count.total_count);
        }
        Ok(())
    }

    fn counted(&mut self, now: usize) {
        let before = self.counts.map_or(now, |(before, _)| before);
        self.counts = Some((before, now));
    }

    fn tell_progress(&self) {
        let of = self.counts.map_or(0, |(_, now)| now);
        eprintln!("{}: {} of {of}", self.kind.plural(), self.seen.len());
    }
}

/// What a walk has seen.
pub struct Walked {
    pub seen: HashSet<String>,
    /// How many more there are by Clerk's own count. None, unless the list is not what it is thought to be.
    pub overlooked: usize,
}

async fn page(api: &Api, kind: Kind, offset: usize) -> Result<Page, Problem> {
    let (limit, offset) = (PAGE.to_string(), offset.to_string());
    let query = [
        ("limit", limit.as_str()),
        ("offset", offset.as_str()),
        ("order_by", "+created_at"),
    ];
    let page = api.get(&[kind.list()], &query).await?;
    page.ok_or_else(|| Problem::Strange(format!("it has no list of {}", kind.plural())))
}

/// The id that an object of Clerk's has.
pub fn id(object: &Value) -> Option<&str> {
    object.get("id")?.as_str()
}
