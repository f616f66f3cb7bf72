//! What a command tells while it works: a line that moves on a terminal, plain lines elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use console::{Term, style};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::AbortHandle;

/// Elsewhere than on a terminal: after how long a step is announced, so that quick ones are one line.
const ANNOUNCED_AFTER: Duration = Duration::from_secs(2);
/// And how long it may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// All lines that move, so that what is said meanwhile stands above them.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Says something on standard error while steps may be under way.
pub fn say(text: &str) {
    BARS.suspend(|| eprintln!("{text}"));
}

/// Starts steps, and decides once how they are shown.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    terminal: bool,
}

impl Progress {
    /// Shows steps on standard error, as that is or is not a terminal.
    pub fn new() -> Self {
        Self {
            terminal: Term::stderr().is_term() && !console::is_dumb(),
        }
    }

    /// Begins a step, named like "Starting the database".
    pub fn step(self, name: impl Into<String>) -> Step {
        let name = name.into();
        let shown = if self.terminal {
            let style = ProgressStyle::with_template(
                "{spinner:.cyan} {prefix} ({elapsed}) {wide_msg:.dim}",
            )
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = BARS.add(
                ProgressBar::new_spinner()
                    .with_style(style)
                    .with_prefix(name.clone()),
            );
            bar.enable_steady_tick(Duration::from_millis(100));
            Shown::Bar(bar)
        } else {
            Shown::Lines(Lines::begin(&name))
        };
        Step {
            name,
            shown,
            started: Instant::now(),
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
    shown: Shown,
    started: Instant,
}

#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    Lines(Lines),
}

/// How a step is shown where nothing can be written over.
#[derive(Debug)]
struct Lines {
    announced: Arc<AtomicBool>,
    /// When something was told last.
    told: Option<Instant>,
    /// Announces the step if it takes long. None outside an asynchronous runtime.
    waiting: Option<AbortHandle>,
}

impl Step {
    /// Tells what is being done right now. Elsewhere than on a terminal each of these is a line, so only what takes long
    /// should be told.
    pub fn tell(&mut self, message: &str) {
        match &mut self.shown {
            Shown::Bar(bar) => bar.set_message(message.to_owned()),
            Shown::Lines(lines) => lines.tell(&self.name, message),
        }
    }

    /// Tells one of many small things. Elsewhere than on a terminal only now and then, so that a log is not full of them.
    pub fn tell_in_passing(&mut self, message: &str) {
        match &self.shown {
            Shown::Lines(Lines {
                told: Some(told), ..
            }) if told.elapsed() < SILENCE => {}
            _ => self.tell(message),
        }
    }

    /// Ends the step, with how long it took.
    pub fn done(self) {
        self.done_with("");
    }

    /// Ends the step, with what came of it.
    pub fn done_with(mut self, result: &str) {
        self.hide();
        let result = if result.is_empty() {
            String::new()
        } else {
            format!(": {result}")
        };
        let took = format!("({})", seconds(self.started.elapsed()));
        say(&format!(
            "{} {}{result} {}",
            style("✓").green().for_stderr(),
            self.name,
            style(took).dim().for_stderr()
        ));
    }

    fn hide(&mut self) {
        match &self.shown {
            Shown::Bar(bar) => {
                bar.finish_and_clear();
                BARS.remove(bar);
            }
            Shown::Lines(lines) => {
                if let Some(waiting) = &lines.waiting {
                    waiting.abort();
                }
            }
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.hide();
    }
}

impl Lines {
    fn begin(name: &str) -> Self {
        let announced = Arc::new(AtomicBool::new(false));
        let waiting = tokio::runtime::Handle::try_current().ok().map(|runtime| {
            let waits = announce_later(name.to_owned(), Arc::clone(&announced));
            runtime.spawn(waits).abort_handle()
        });
        Self {
            announced,
            told: None,
            waiting,
        }
    }

    fn tell(&mut self, name: &str, message: &str) {
        announce(name, &self.announced);
        eprintln!("    {message}");
        self.told = Some(Instant::now());
    }
}

fn announce(name: &str, announced: &AtomicBool) {
    if !announced.swap(true, Ordering::Relaxed) {
        eprintln!("  {name} …");
    }
}

async fn announce_later(name: String, announced: Arc<AtomicBool>) {
    let began = Instant::now();
    tokio::time::sleep(ANNOUNCED_AFTER).await;
    announce(&name, &announced);
    loop {
        tokio::time::sleep(SILENCE).await;
        eprintln!("    {} so far", seconds(began.elapsed()));
    }
}

/// A duration as people say it.
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    match whole {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        3600..86400 => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86400, whole % 86400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_the_units_that_fit() {
        let of = |seconds_| seconds(Duration::from_secs_f64(seconds_));
        assert_eq!(of(0.04), "0.0 s");
        assert_eq!(of(59.9), "59.9 s");
        assert_eq!(of(61.0), "1 min 01 s");
        assert_eq!(of(7_260.0), "2 h 01 min");
        assert_eq!(of(200_000.0), "2 d 7 h");
    }
}
