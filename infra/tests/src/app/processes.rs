//! The processes of a test's functions, and what they wrote.

use std::time::Duration;

use serde_json::Value;

use super::TestApp;

impl TestApp {
    /// Replaces the processes of all functions: the next request of each is a cold start.
    pub fn replace_environments(&self) {
        for function in &self.running.functions {
            self.running
                .host
                .replace_environments(function)
                .expect("there is such a function");
        }
    }

    /// The processes of all functions.
    pub fn process_ids(&self) -> Vec<u32> {
        let of_function = |function: &&str| {
            let ids = self.running.host.process_ids(function);
            ids.expect("there is such a function")
        };
        self.running
            .functions
            .iter()
            .flat_map(of_function)
            .collect()
    }

    /// Kills the processes of a function, whatever they are doing. The next invocation starts another.
    pub fn kill(&self, function: &str) {
        self.running
            .host
            .kill(function)
            .expect("there is such a function");
    }

    /// Kills the processes of a function, and waits until it is noticed: or an idle one's successor would have its death to answer
    /// for in the next invocation.
    pub async fn kill_and_replace(&self, function: &str) {
        let processes = || {
            let ids = self.running.host.process_ids(function);
            ids.expect("there is such a function")
        };
        let killed = processes();
        self.kill(function);
        while processes().iter().any(|id| killed.contains(id)) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What the functions wrote, all of them together.
    pub fn logs(&self) -> Vec<String> {
        self.running
            .functions
            .iter()
            .flat_map(|function| self.logs_of(function))
            .collect()
    }

    /// What one function wrote.
    pub fn logs_of(&self, function: &str) -> Vec<String> {
        self.running
            .host
            .logs(function)
            .expect("there is such a function")
    }

    /// The sum of a metric over all that a function wrote.
    pub fn metric(&self, function: &str, name: &str) -> u64 {
        let lines = self.logs_of(function).into_iter();
        lines
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
            .filter_map(|line| line[name].as_u64())
            .sum()
    }
}
