//! The mails of the product with invented contents: what `cargo dev mail preview` shows, the unusual ones among them.

use jiff::Timestamp;
use serde::Serialize;
use shared::mail::{MailKind, Rendered, TaskMail, TaskUrl};
use shared::model::{Priority, ProjectId, TaskId, WorkspaceId};
use uuid::Uuid;

/// A mail as it is sent, with what it is a sample of.
#[derive(Debug, Serialize)]
pub struct Sample {
    /// Short, and fit for a file.
    pub name: &'static str,
    /// What one should look at.
    pub shows: &'static str,
    /// The subject.
    pub subject: String,
    /// The part for mail clients that show HTML.
    pub html: String,
    /// The part for all others.
    pub text: String,
}

/// All of them, with links into the web client at `frontend`. The error is a sentence that names `FRONTEND_URL`.
pub fn rendered(frontend: &str) -> Result<Vec<Sample>, String> {
    let usual = usual(&TaskUrl::parse(frontend, None)?);
    samples(&usual)
        .into_iter()
        .map(|(name, shows, mail)| {
            let Rendered {
                subject,
                html,
                text,
            } = mail.render().map_err(|error| error.to_string())?;
            Ok(Sample {
                name,
                shows,
                subject,
                html,
                text,
            })
        })
        .collect()
}

/// What the others are variations of.
fn usual(urls: &TaskUrl) -> TaskMail {
    let id = |number: u128| Uuid::from_u128(0x0193_6f2e_8a50_7c3e_9b1a_5d0f_3c6a_7b00 + number);
    TaskMail {
        kind: MailKind::Assignment,
        recipient_name: "Ada Lovelace".to_owned(),
        task_title: "Check the tables of Bernoulli numbers".to_owned(),
        task_description: Some(
            "Note G is with the printer on Thursday.\n\nCompare the seventh column with the variables on the cards, and \
             tell Charles what differs."
                .to_owned(),
        ),
        project_name: "Notes on the Analytical Engine".to_owned(),
        workspace_name: "Difference & Daughters".to_owned(),
        priority: Priority::High,
        due_date: at("2027-03-04T15:30:00Z"),
        timezone: "Europe/London".to_owned(),
        task_url: urls.url(
            &WorkspaceId::from("org_2f8Qd1sXkE7bT0cW9aZ4mN6pR3y".to_owned()),
            ProjectId::from(id(1)),
            TaskId::from(id(2)),
        ),
    }
}

fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

fn samples(usual: &TaskMail) -> Vec<(&'static str, &'static str, TaskMail)> {
    let mut all = ordinary(usual);
    all.extend(long(usual));
    all.extend(scripts(usual));
    all.extend(hostile(usual));
    all
}

type Named = (&'static str, &'static str, TaskMail);

fn ordinary(usual: &TaskMail) -> Vec<Named> {
    let of_a_day = TaskMail {
        task_description: None,
        priority: Priority::Low,
        due_date: at("2027-03-04T00:00:00Z"),
        ..usual.clone()
    };
    vec![
        (
            "assignment",
            "Somebody was given a task. Due at a time of day, with a description",
            usual.clone(),
        ),
        (
            "reminder",
            "The same task is due",
            TaskMail {
                kind: MailKind::Reminder,
                ..usual.clone()
            },
        ),
        (
            "assignment-of-a-day",
            "Due on a day without a time; no description",
            of_a_day.clone(),
        ),
        (
            "reminder-of-a-day",
            "The same: the reminder of a day, no description",
            TaskMail {
                kind: MailKind::Reminder,
                ..of_a_day
            },
        ),
        (
            "short",
            "As little as there can be: names and title of one letter",
            TaskMail {
                recipient_name: "B".to_owned(),
                task_title: "x".to_owned(),
                task_description: Some("?".to_owned()),
                project_name: "P".to_owned(),
                workspace_name: "W".to_owned(),
                priority: Priority::Medium,
                timezone: "UTC".to_owned(),
                ..usual.clone()
            },
        ),
    ]
}

fn long(usual: &TaskMail) -> Vec<Named> {
    let paragraph =
        "Compare each column with the one before it, and write down what differs and by how much. ";
    vec![
        (
            "long-names",
            "Title, names and time zone as long as they may be",
            TaskMail {
                recipient_name: "Wolfeschlegelsteinhausenbergerdorff-Bernhard Johann Maria Nepomuk"
                    .to_owned(),
                task_title: "Ask the printer whether the engravings of the second volume, promised before Easter and then again \
                     before Whitsun, can still be bound with the first, or whether both have to wait for the paper"
                    .to_owned(),
                project_name: "Translation of Menabrea's sketch of the engine, with notes by the translator".to_owned(),
                workspace_name: "Society for the Diffusion of Useful Knowledge and Ornamental Engines".to_owned(),
                timezone: "America/Argentina/ComodRivadavia".to_owned(),
                ..usual.clone()
            },
        ),
        (
            "long-word",
            "One word that no line holds, in title, description and names",
            TaskMail {
                recipient_name: "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch".to_owned(),
                task_title: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
                    .repeat(2),
                task_description: Some(format!(
                    "https://files.example.com/{}.pdf",
                    "tables-of-bernoulli-numbers-".repeat(8)
                )),
                project_name: "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz".to_owned(),
                workspace_name: "Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu"
                    .to_owned(),
                ..usual.clone()
            },
        ),
        (
            "long-description",
            "A description of some pages, of which the mail quotes the beginning",
            TaskMail {
                task_description: Some(paragraph.repeat(60)),
                ..usual.clone()
            },
        ),
        (
            "many-lines",
            "A list of forty lines, of which the mail quotes the first",
            TaskMail {
                kind: MailKind::Reminder,
                task_description: Some((1..=40).fold(String::new(), |text, line| {
                    format!("{text}- column {line}\n")
                })),
                ..usual.clone()
            },
        ),
    ]
}

fn scripts(usual: &TaskMail) -> Vec<Named> {
    let of = |recipient: &str, title: &str, description: &str, project: &str, workspace: &str| {
        TaskMail {
            recipient_name: recipient.to_owned(),
            task_title: title.to_owned(),
            task_description: Some(description.to_owned()),
            project_name: project.to_owned(),
            workspace_name: workspace.to_owned(),
            ..usual.clone()
        }
    };
    vec![
        (
            "arabic",
            "Right to left: title and description start at the right, labels stay where they are",
            TaskMail {
                timezone: "Africa/Cairo".to_owned(),
                ..of(
                    "ليلى حسن",
                    "مراجعة جداول الأعداد قبل إرسالها إلى المطبعة",
                    "يجب أن تصل الملاحظات إلى المطبعة يوم الخميس.\nقارن العمود السابع (7) بالبطاقات 1–24.",
                    "ملاحظات حول المحرك التحليلي",
                    "مساحة العمل",
                )
            },
        ),
        (
            "hebrew-and-english",
            "Both directions in one line",
            TaskMail {
                kind: MailKind::Reminder,
                timezone: "Asia/Jerusalem".to_owned(),
                ..of(
                    "נועה (Noa) כהן",
                    "לבדוק את API v2.1 לפני שחרור (release candidate)",
                    "Deploy רק אחרי שהבדיקות עברו: cargo test ואז sam deploy.",
                    "שרת Cairn",
                    "צוות R&D",
                )
            },
        ),
        (
            "japanese",
            "No spaces to break lines at",
            TaskMail {
                timezone: "Asia/Tokyo".to_owned(),
                ..of(
                    "山田 花子",
                    "解析機関に関する覚書の第七欄を確認し、印刷所へ送る前に変数カードの番号と一致しているかどうかを全員で照合すること",
                    "木曜日に印刷所へ渡します。\n数表の第七欄と変数カードを比べて、違いがあればチャールズさんに知らせてください。",
                    "解析機関についての覚書",
                    "株式会社ケルン開発部",
                )
            },
        ),
        (
            "chinese-and-korean",
            "Two scripts beside each other",
            of(
                "김민준",
                "发布前核对第七列数据（第二次）",
                "목요일까지 인쇄소에 보내야 합니다.\n请在周四之前完成。",
                "分析机笔记",
                "케언 팀",
            ),
        ),
        (
            "emoji",
            "Emoji of several code points, flags, skin tones",
            of(
                "Zoë 🦊",
                "🚀 Launch 👩🏽‍💻👨‍👩‍👧‍👦 🇨🇿🏴󠁧󠁢󠁳󠁣󠁴󠁿 before ☕️",
                "✅ fuse\n⚠️ wind\n🔥🔥🔥",
                "Rocket 🛰️",
                "🪨 Cairn",
            ),
        ),
    ]
}

fn hostile(usual: &TaskMail) -> Vec<Named> {
    vec![
        (
            "markup",
            "HTML, template marks and a forged header in what people wrote: all of it is text",
            TaskMail {
                recipient_name: "<b>Eve</b>\r\nBcc: everybody@example.com".to_owned(),
                task_title: "</h1><script>alert(1)</script><img src=x onerror=alert(1)> & \"so on\"".to_owned(),
                task_description: Some(
                    "<table><tr><td>{{ facts.url }} {% if true %}\n<style>* { display: none }</style>\n<!-- \
                     &lt;b&gt; -->"
                        .to_owned(),
                ),
                project_name: "<a href=\"https://elsewhere.example.com\">click here</a>".to_owned(),
                workspace_name: "'; DROP TABLE tasks; --".to_owned(),
                ..usual.clone()
            },
        ),
        (
            "turned-round",
            "Characters that turn the direction of writing round, and others that show nothing",
            TaskMail {
                kind: MailKind::Reminder,
                recipient_name: "\u{202e}Mallory".to_owned(),
                task_title: "Open \u{202e}fdp.exe\u{2066} now\u{7}".to_owned(),
                task_description: Some("\u{202e}.siht daeR\u{1b}[2J\u{2028}A second line\u{85}and a third".to_owned()),
                project_name: "\u{2067}\u{200b}".to_owned(),
                workspace_name: "\u{202d}Work\u{202c}space".to_owned(),
                ..usual.clone()
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_has_a_name_of_its_own_and_both_parts() {
        let samples = rendered("https://app.example.com").expect("they can be written");
        let names: std::collections::BTreeSet<_> =
            samples.iter().map(|sample| sample.name).collect();
        assert_eq!(names.len(), samples.len());
        for Sample {
            name, html, text, ..
        } in &samples
        {
            let file = name.bytes().all(|c| c.is_ascii_lowercase() || c == b'-');
            assert!(file, "{name} is no name for a file");
            let link = "https://app.example.com/workspace/";
            assert!(html.contains(link) && text.contains(link), "{name}");
        }
    }

    #[test]
    fn a_wrong_address_of_the_web_client_is_named() {
        let refused = rendered("app.example.com").expect_err("it is no URL");
        assert!(refused.contains("FRONTEND_URL"), "{refused}");
    }
}
