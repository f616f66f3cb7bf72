//! What is in the database in the end: all that was answered, and nothing that is half written.

use std::collections::BTreeMap;

use super::site::Site;
use super::traffic::{COMMENT_LENGTH, MARK, What};
use crate::findings::Findings;

/// A mark is so long.
const MARK_LENGTH: usize = MARK.len() + 32;

/// The marks of all things of a kind, each with whether the thing is whole.
fn query(what: What) -> String {
    match what {
        // With its one ADMIN.
        What::Workspace => "SELECT w.name, count(m.id) = 1 AND bool_and(m.role = 'ADMIN')
               FROM workspaces w LEFT JOIN workspace_members m ON m.workspace_id = w.id GROUP BY w.id"
            .to_owned(),
        // With the lead and the two others.
        What::Project => "SELECT p.name, count(m.id) = 3
               FROM projects p LEFT JOIN project_members m ON m.project_id = p.id GROUP BY p.id"
            .to_owned(),
        // With the promise of its mail, which nobody keeps here.
        What::Task => "SELECT t.title, count(o.id) = 1
               FROM tasks t LEFT JOIN outbox o ON o.task_id = t.id GROUP BY t.id"
            .to_owned(),
        What::Comment => format!(
            "SELECT left(content, {MARK_LENGTH}), length(content) = {COMMENT_LENGTH} FROM comments"
        ),
    }
}

impl Site {
    /// Compares what is there with what was asked for.
    pub async fn compare(&self, findings: &mut Findings) {
        let client = self.database.connect().await;
        let (mut written, mut cut_off) = (0, 0);
        for what in [What::Workspace, What::Project, What::Task, What::Comment] {
            let rows = client.query(&query(what), &[]).await;
            let mut there: BTreeMap<String, usize> = BTreeMap::new();
            for row in rows.expect("the tables can be read") {
                let (mark, whole): (String, bool) = (row.get(0), row.get(1));
                if mark.starts_with(MARK) {
                    findings.check(whole, || format!("a {what:?} is half written: {mark}"));
                    *there.entry(mark).or_default() += 1;
                }
            }
            for asked in self.asked.iter().filter(|asked| asked.what == what) {
                let count = there.remove(&asked.mark).unwrap_or_default();
                let right = if asked.answered {
                    count == 1
                } else {
                    count <= 1
                };
                findings.check(right, || format!("{asked:?} is there {count} times"));
                written += usize::from(asked.answered);
                cut_off += usize::from(!asked.answered && count == 1);
            }
            findings.check(there.is_empty(), || {
                format!("{} {what:?}s that nobody asked for", there.len())
            });
        }
        findings.figure(format!(
            "{written} of {} writes answered and there once, {cut_off} there though their answer was 503, 0 half written",
            self.asked.len()
        ));
    }
}
