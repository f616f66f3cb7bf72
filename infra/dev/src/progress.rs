//! What a command tells while it works: a line that moves on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Starts steps, and decides once how they are shown.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    terminal: bool,
}

impl Progress {
    /// Shows steps on standard error, as that is or is not a terminal.
    pub fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Begins a step, named like "Starting the database".
    pub fn step(self, name: impl Into<String>) -> Step {
        let name = name.into();
        let bar = self.terminal.then(|| {
            let style =
                ProgressStyle::with_template("{spinner} {prefix} ({elapsed}) {wide_msg:.dim}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::new_spinner()
                .with_style(style)
                .with_prefix(name.clone());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Step {
            name,
            bar,
            started: Instant::now(),
            announced: false,
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// A step that is under way. Dropped before `done`, it disappears: then an error tells what happened.
#[derive(Debug)]
pub struct Step {
    name: String,
    bar: Option<ProgressBar>,
    started: Instant,
    announced: bool,
}

impl Step {
    /// Tells what is being done right now. Elsewhere than on a terminal each of these is a line, so only what takes long
    /// should be told.
    pub fn tell(&mut self, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(message.to_owned());
            return;
        }
        if !self.announced {
            eprintln!("  {} …", self.name);
            self.announced = true;
        }
        eprintln!("    {message}");
    }

    /// Ends the step, with how long it took.
    pub fn done(self) {
        self.done_with("");
    }

    /// Ends the step, with what came of it.
    pub fn done_with(self, result: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let result = if result.is_empty() {
            String::new()
        } else {
            format!(": {result}")
        };
        eprintln!(
            "✓ {}{result} ({})",
            self.name,
            seconds(self.started.elapsed())
        );
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
