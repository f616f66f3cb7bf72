//! Both parts of the mails, as text to be reviewed. Where a change of the wording or the look is meant, look at the new ones
//! in a browser and keep them: `INSTA_UPDATE=always cargo test -p shared mail`.

use insta::assert_snapshot;

use super::*;

fn mail(kind: MailKind) -> TaskMail {
    TaskMail {
        kind,
        recipient_name: "Ann Assignee".to_owned(),
        task_title: "Light the fuse".to_owned(),
        task_description: Some("Stand back.\n\nMind the wind & the <sparks>.".to_owned()),
        project_name: "Rocket".to_owned(),
        workspace_name: "Acme Robotics".to_owned(),
        priority: Priority::High,
        due_date: at("2027-03-01T09:30:00Z"),
        timezone: "Europe/Prague".to_owned(),
        task_url: "https://app.example.com/workspace/org_1/projects/p/tasks/t?a=1&b=2".to_owned(),
    }
}

fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

/// Somebody who tries to break the mail, or was just careless.
fn nasty() -> TaskMail {
    TaskMail {
        recipient_name: "\u{202e}Eve\u{7}<br>".to_owned(),
        task_title: format!(
            "</h1><script>alert(1)</script>\r\nBcc: all@example.com {}",
            "Donaudampfschifffahrt".repeat(6)
        ),
        task_description: Some(format!(
            "{{{{ facts.url }}}} {{% if x %}}\r\n\u{1b}[2J<img src=x onerror=alert(1)>\u{2028}שלום \u{202e}olleh\n\n\n\n{}\n{}",
            "verylongword".repeat(20),
            "and so on ".repeat(1_000)
        )),
        project_name: "\"Quotes\" & 'more' <b>".to_owned(),
        workspace_name: "مساحة العمل".to_owned(),
        task_url: "https://app.example.com/t/%22%3E%3Cscript%3E".to_owned(),
        ..mail(MailKind::Assignment)
    }
}

fn rendered(mail: &TaskMail) -> Rendered {
    mail.render().expect("the mail is written")
}

fn text_with_subject(mail: &TaskMail) -> String {
    let Rendered { subject, text, .. } = rendered(mail);
    format!("Subject: {subject}\n\n{text}")
}

#[test]
fn assignment_text() {
    assert_snapshot!(text_with_subject(&mail(MailKind::Assignment)));
}

#[test]
fn assignment_html() {
    assert_snapshot!(rendered(&mail(MailKind::Assignment)).html);
}

#[test]
fn reminder_text() {
    let mail = TaskMail {
        task_description: None,
        priority: Priority::Low,
        due_date: at("2027-03-01T00:00:00Z"),
        timezone: "America/Los_Angeles".to_owned(),
        ..mail(MailKind::Reminder)
    };
    assert_snapshot!(text_with_subject(&mail));
}

#[test]
fn reminder_html() {
    assert_snapshot!(rendered(&mail(MailKind::Reminder)).html);
}

#[test]
fn nasty_text() {
    assert_snapshot!(text_with_subject(&nasty()));
}

#[test]
fn nasty_html() {
    assert_snapshot!(rendered(&nasty()).html);
}

#[test]
fn a_subject_is_one_line_of_sensible_length() {
    let subject = rendered(&nasty()).subject;
    assert!(!subject.contains(char::is_control), "{subject}");
    assert!(subject.chars().count() <= 100, "{subject}");
}

#[test]
fn what_people_wrote_is_never_markup() {
    let html = rendered(&nasty()).html;
    for markup in ["<script", "<img", "<b>", "{{"] {
        let expected = usize::from(markup == "{{");
        assert_eq!(html.matches(markup).count(), expected, "{markup}");
    }
}

#[test]
fn a_due_date_is_written_in_the_workspaces_zone_with_its_weekday() {
    let due = |instant, zone| due(at(instant), time_zone(zone));
    for (instant, zone, expected) in [
        (
            "2027-03-01T09:30:00Z",
            "UTC",
            "Monday, 1 March 2027 at 09:30 (UTC)",
        ),
        (
            "2027-03-01T20:05:59Z",
            "Asia/Kathmandu",
            "Tuesday, 2 March 2027 at 01:50 (Asia/Kathmandu, UTC+05:45)",
        ),
        (
            "2027-10-31T00:30:00Z",
            "Europe/Prague",
            "Sunday, 31 October 2027 at 02:30 (Europe/Prague, UTC+02:00)",
        ),
        (
            "2027-10-31T01:30:00Z",
            "Europe/Prague",
            "Sunday, 31 October 2027 at 02:30 (Europe/Prague, UTC+01:00)",
        ),
        (
            "2027-03-01T09:30:00Z",
            "Mars/Olympus_Mons",
            "Monday, 1 March 2027 at 09:30 (UTC)",
        ),
    ] {
        assert_eq!(due(instant, zone), expected);
    }
}

#[test]
fn a_day_is_that_day_in_every_zone_and_has_no_time() {
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let due = due(at("2027-03-01T00:00:00Z"), time_zone(zone));
        assert_eq!(due, "Monday, 1 March 2027", "in {zone}");
    }
}
