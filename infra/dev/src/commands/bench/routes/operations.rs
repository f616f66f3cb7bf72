//! The operations of the API, each with requests that succeed on the data of data.sql.

mod reads;
mod writes;

use serde_json::Value;

use super::super::dataset::{RESET, SCRATCH, lead};
use super::super::measure::Case;
use super::super::request::{Asked, Expected};
use super::super::stage::Stage;
use super::super::targets::Answer;

/// How many requests of each kind differ from each other. There are as many things of each kind to be deleted.
const REQUESTS: usize = 20;
const QUICK_REQUESTS: usize = 4;

/// An operation, by the numbers of its requests.
pub struct Operation {
    /// As in the document of the API, and what is asked for where there is a choice.
    pub name: &'static str,
    /// How much is in its answer.
    pub answer: Answer,
    status: u16,
    list: Option<(&'static str, usize)>,
    json: bool,
    writes: bool,
    /// Who asks; nobody where no token is needed.
    who: fn(usize) -> String,
    path: fn(usize) -> String,
    body: fn(usize) -> Value,
}

impl Operation {
    /// The requests, with everything that they need.
    pub fn case(&self, stage: &Stage) -> anyhow::Result<Case> {
        let count = if stage.quick {
            QUICK_REQUESTS
        } else {
            REQUESTS
        };
        let requests: Vec<_> = (0..count).map(|n| self.request(stage, n)).collect();
        let expected = Expected::Http {
            status: self.status,
            list: self.list,
            json: self.json,
        };
        let case = Case::of(self.name, &requests, expected)?;
        Ok(Case {
            reset: self.writes.then(|| RESET.to_owned()),
            ..case
        })
    }

    fn request(&self, stage: &Stage, n: usize) -> Asked {
        let who = (self.who)(n);
        Asked {
            method: self.name.split(' ').next().unwrap_or_default(),
            path: (self.path)(n),
            token: (!who.is_empty()).then(|| stage.token(&who)),
            body: (self.body)(n),
        }
    }

    fn read(name: &'static str, who: fn(usize) -> String, path: fn(usize) -> String) -> Self {
        Self {
            name,
            answer: Answer::Small,
            status: 200,
            list: None,
            json: true,
            writes: false,
            who,
            path,
            body: |_| Value::Null,
        }
    }

    fn write(
        name: &'static str,
        who: fn(usize) -> String,
        path: fn(usize) -> String,
        body: fn(usize) -> Value,
    ) -> Self {
        Self {
            writes: true,
            body,
            ..Self::read(name, who, path)
        }
    }

    /// The list in the answer has so many things.
    fn of(mut self, pointer: &'static str, count: usize) -> Self {
        self.list = Some((pointer, count));
        self
    }

    fn created(mut self) -> Self {
        self.status = 201;
        self
    }

    fn fifty(mut self) -> Self {
        self.answer = Answer::Fifty;
        self
    }

    fn larger(mut self) -> Self {
        self.answer = Answer::Larger;
        self
    }

    fn no_json(mut self) -> Self {
        self.json = false;
        self
    }
}

/// A project that is only read and changed, another one for each request, and from workspace to workspace.
fn some(n: usize) -> usize {
    n % SCRATCH * 20 + n
}

fn lead_of_some(n: usize) -> String {
    lead(some(n))
}

/// All of them: reads, then writes.
pub fn all() -> Vec<Operation> {
    reads::all().into_iter().chain(writes::all()).collect()
}

#[cfg(test)]
mod tests {
    use cairn_dev::places::Places;

    use super::*;

    /// An operation of the API that nobody measures is noticed here.
    #[test]
    fn every_operation_is_measured() {
        let file = Places::find().root().join("infra/openapi.json");
        let document = std::fs::read_to_string(file).expect("there is a document");
        let document: Value = serde_json::from_str(&document).expect("it is JSON");
        let measured: Vec<&str> = all()
            .iter()
            .map(|operation| operation.name.split(", ").next().unwrap_or_default())
            .collect();
        for (path, methods) in document["paths"].as_object().expect("it has paths") {
            for method in methods.as_object().expect("it has methods").keys() {
                let operation = format!("{} {path}", method.to_uppercase());
                assert!(
                    measured.contains(&operation.as_str()),
                    "{operation} is not measured: add it to infra/dev/src/commands/bench/routes/operations.rs"
                );
            }
        }
    }

    #[test]
    fn requests_are_about_projects_of_their_own() {
        let mut numbers: Vec<usize> = (0..REQUESTS).map(some).collect();
        assert!(numbers.iter().all(|number| number / 20 < SCRATCH));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), REQUESTS);
    }
}
