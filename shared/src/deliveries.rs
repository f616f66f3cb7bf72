//! Sending each mail once: claim it, send it, mark it as sent.
//!
//! SES has no idempotency token. Whoever dies between SES's acceptance and the mark leaves a mail of which nobody knows whether
//! it went out; it is sent again after the claim ran out, and counted in `PossibleSecondMail`.

use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use crate::batch::Failure;
use crate::db::Database;
use crate::mail::{MailKind, Mailer, TaskMail, Unsent};
use crate::metrics::{self, Metric};
use crate::queries::deliveries::{self, Claim, Delivery};
use crate::queries::outbox;

/// How long a mail that somebody else is sending is waited for. Two messages about one task may be in one batch, or reach two
/// workers at once: the one that comes second then finds the mail sent, and need not come back for it.
const WHILE_HELD: Duration = Duration::from_secs(1);
/// The pauses between the tries to mark a mail as sent: all that is between a database that hiccups and a second mail.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// Counts a mail that is not right any more at the moment in which it would be sent.
pub fn count_dropped(kind: MailKind) {
    count(kind, "dropped");
}

fn count(kind: MailKind, result: &'static str) {
    let deliveries = Metric::count("Deliveries", 1).by(&[&["Kind", "Result"]]);
    metrics::report(
        &[deliveries],
        &[("Kind", kind.as_str()), ("Result", result)],
    );
}

/// What a try to send came to, as the metric `Deliveries` tells it.
fn result_of(sent: &Result<String, Unsent>) -> &'static str {
    match sent {
        Ok(_) => "sent",
        Err(Unsent::Refused(_)) => "refused",
        Err(Unsent::Unknown(_)) => "ambiguous",
        Err(Unsent::Later(_) | Unsent::Misconfigured(_)) => "failed",
    }
}

/// Sends `mail`, unless that was done before. Without error there is nothing left to do about it: it is sent, or SES will
/// never take it. The row of the outbox named by `kept`, whose promise is kept with this mail, then is gone as well.
pub async fn send_once(
    db: &Database,
    mailer: &Mailer,
    delivery: &Delivery,
    address: &str,
    mail: &TaskMail,
    kept: Option<Uuid>,
) -> Result<(), Failure> {
    let rendered = mail
        .render()
        .map_err(|_| Failure::Poison("the mail cannot be written".to_owned()))?;
    let attempt = Uuid::now_v7();
    let mut claim = deliveries::claim(db, delivery, attempt).await?;
    if claim == Claim::Held {
        sleep(WHILE_HELD).await;
        claim = deliveries::claim(db, delivery, attempt).await?;
    }
    let unclaim = match claim {
        Claim::Sent => {
            if let Some(promise) = kept {
                outbox::delete(db, promise).await?;
            }
            return Ok(());
        }
        Claim::Held => {
            return Err(Failure::Retry(
                "somebody else is sending this mail".to_owned(),
            ));
        }
        Claim::First => Unclaim::Forget(attempt),
        Claim::TakenOver => {
            metrics::count("PossibleSecondMail", 1);
            log(
                delivery,
                "sending a mail that may have been sent before",
                None,
            );
            Unclaim::Remember(attempt)
        }
    };
    let sent = mailer.send(delivery.kind, address, rendered).await;
    settle(db, delivery, sent, unclaim, kept).await
}

/// What becomes of this try's claim on a mail that certainly was not sent.
enum Unclaim {
    /// Nobody tried before.
    Forget(Uuid),
    /// An earlier try may have sent it.
    Remember(Uuid),
}

async fn settle(
    db: &Database,
    delivery: &Delivery,
    sent: Result<String, Unsent>,
    unclaim: Unclaim,
    kept: Option<Uuid>,
) -> Result<(), Failure> {
    count(delivery.kind, result_of(&sent));
    let unsent = match sent {
        Ok(message_id) => return mark_sent(db, delivery, &message_id, kept).await,
        Err(Unsent::Refused(cause)) => {
            log(delivery, "a mail is given up: SES refuses it", Some(&cause));
            metrics::count("MailRefused", 1);
            return Ok(deliveries::give_up(db, delivery, kept).await?);
        }
        Err(unsent) => unsent,
    };
    let ended = match (&unsent, unclaim) {
        (Unsent::Unknown(_), Unclaim::Forget(attempt)) | (_, Unclaim::Remember(attempt)) => {
            deliveries::end_claim(db, delivery, attempt).await
        }
        (_, Unclaim::Forget(attempt)) => deliveries::forget_claim(db, delivery, attempt).await,
    };
    if let Err(error) = ended {
        // It runs out by itself; the mail then counts as one that may have been sent.
        log(
            delivery,
            "a claim stays until it runs out",
            Some(error.cause()),
        );
    }
    Err(match unsent {
        Unsent::Misconfigured(cause) => Failure::Misconfigured(cause),
        Unsent::Later(cause) | Unsent::Unknown(cause) | Unsent::Refused(cause) => {
            Failure::Retry(cause)
        }
    })
}

/// The mail is sent, whatever becomes of the mark, and a record that failed for want of it would only send the mail again. Only
/// where a promise stands beside it does it fail: then the promise is looked at again, and a claim that was taken over counts.
async fn mark_sent(
    db: &Database,
    delivery: &Delivery,
    message_id: &str,
    kept: Option<Uuid>,
) -> Result<(), Failure> {
    for pause in PAUSES {
        if deliveries::mark_sent(db, delivery, message_id, kept)
            .await
            .is_ok()
        {
            return Ok(());
        }
        sleep(pause).await;
    }
    let Err(error) = deliveries::mark_sent(db, delivery, message_id, kept).await else {
        return Ok(());
    };
    log(
        delivery,
        "a mail was sent, and that cannot be written down",
        Some(error.cause()),
    );
    match kept {
        Some(_) => Err(error.into()),
        None => Ok(()),
    }
}

fn log(delivery: &Delivery, what: &'static str, cause: Option<&str>) {
    let Delivery {
        kind,
        task,
        user,
        version,
    } = delivery;
    tracing::warn!(kind = kind.as_str(), task_id = %task, user_id = user.as_str(), version, cause, "{what}");
}
