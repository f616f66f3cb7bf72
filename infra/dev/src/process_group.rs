//! A program with all that it starts.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// The process group of a program, which was started with [`lead`]. Dropped, it is killed, with whatever the program left
/// behind.
#[derive(Debug)]
pub struct ProcessGroup(Option<Pid>);

/// Makes a command the leader of a group of its own: so a signal for us reaches it, and all it started, once and in every case.
pub fn lead(command: &mut Command) -> &mut Command {
    command.process_group(0).kill_on_drop(true)
}

impl ProcessGroup {
    /// The group that `child` leads.
    pub fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// Sends a signal to all of it.
    pub fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // It may have ended already.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncBufReadExt as _, BufReader};

    use super::*;

    #[tokio::test]
    async fn what_a_program_started_ends_with_it() {
        let mut child = lead(Command::new("sh").args(["-c", "sleep 60 & echo $!; wait"]))
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let group = ProcessGroup::of(&child);
        let output = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines();
        let line = lines.next_line().await.expect("it can be read");
        let id = line.expect("the shell tells what it started");
        drop(group);
        child.wait().await.expect("it ended");
        let alive = || {
            let asked = std::process::Command::new("kill")
                .args(["-0", &id])
                .output();
            asked.expect("there is a `kill`").status.success()
        };
        // Until somebody has taken note of its end it is still listed.
        for _ in 0..100 {
            if !alive() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{id} still runs");
    }
}
