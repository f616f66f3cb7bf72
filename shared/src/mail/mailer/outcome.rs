//! What an error of SES means for the mail.

use std::error::Error;

use aws_sdk_sesv2::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use hyper_util::client::legacy;

use crate::aws;

/// How long the words of SES may be in a log line.
const LONGEST_CAUSE: usize = 300;

/// Why a mail was not sent, as far as is known. The texts are for the log and hold no address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// It was not sent. Another try may succeed.
    #[error("{0}")]
    Later(String),
    /// It was not sent, nor will it be until somebody mends what is set up wrongly.
    #[error("{0}")]
    Misconfigured(String),
    /// SES will never send this mail to this address.
    #[error("{0}")]
    Refused(String),
    /// It may have been sent: the request left and no answer came.
    #[error("{0}")]
    Unknown(String),
}

impl Unsent {
    pub(super) fn of(error: &SdkError<SendEmailError>, address: &str) -> Self {
        let cause = without_addresses(&aws::describe(error), address);
        match error {
            SdkError::ConstructionFailure(_) => Self::Misconfigured(cause),
            SdkError::DispatchFailure(failure) => {
                let connector = failure.as_connector_error();
                if connector.is_some_and(|error| never_left(error, error.is_other())) {
                    Self::Later(cause)
                } else {
                    Self::Unknown(cause)
                }
            }
            SdkError::ServiceError(refused) => {
                Self::of_answer(refused.raw().status().as_u16(), refused.err(), cause)
            }
            // No answer in time, or one that cannot be read: it may have been a good one.
            _ => Self::Unknown(cause),
        }
    }

    fn of_answer(status: u16, error: &SendEmailError, cause: String) -> Self {
        let said = error.message().unwrap_or_default();
        match error {
            _ if is_throttling(error) || status >= 500 => Self::Later(cause),
            // The same code for contents that SES does not take, and for an identity that is not verified: the sender's, or
            // in the sandbox the recipient's.
            SendEmailError::MessageRejected(_) if !said.contains("not verified") => {
                Self::Refused(cause)
            }
            SendEmailError::BadRequestException(_) if is_about_an_address(said) => {
                Self::Refused(cause)
            }
            _ => Self::Misconfigured(cause),
        }
    }
}

/// Whether SES asks for less haste.
pub(super) fn is_throttling(error: &SendEmailError) -> bool {
    error
        .code()
        .is_some_and(|code| code == "TooManyRequestsException" || code.contains("hrottl"))
}

/// What SES says of an address that cannot be one, such as `Missing final '@domain'`, `Illegal address` or `Local address
/// contains control or whitespace`. (It would say the same of the sender's, which was checked when the function started.)
fn is_about_an_address(said: &str) -> bool {
    let said = said.to_lowercase();
    [
        "address",
        "@domain",
        "domain name",
        "local part",
        "local name",
    ]
    .iter()
    .any(|words| said.contains(words))
}

/// Whether a request that brought no answer did not even begin: no connection could be made, or (`before_http`) the client
/// was not asked for one, for instance for want of credentials.
fn never_left(error: &(dyn Error + 'static), before_http: bool) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<legacy::Error>() {
            return error.is_connect();
        }
        next = error.source();
    }
    before_http
}

/// SES quotes addresses in its errors; they have no business in a log.
fn without_addresses(text: &str, address: &str) -> String {
    let text = text.replace(address, "(address)");
    let words: Vec<_> = text
        .split_whitespace()
        .map(|word| {
            if word.contains('@') && !word.contains("@domain") {
                "(address)"
            } else {
                word
            }
        })
        .collect();
    words.join(" ").chars().take(LONGEST_CAUSE).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::error::ErrorMetadata;
    use aws_sdk_sesv2::types::error::{BadRequestException, MessageRejected};

    use super::*;

    #[test]
    fn no_address_stays_in_a_cause() {
        let said = "Email address is not verified. The following identities failed the check in region X: \
                    ann@example.com, Cairn <no-reply@example.org>, \"odd one\"@example.net";
        let cleaned = without_addresses(said, "\"odd one\"@example.net");
        assert!(
            !cleaned.contains('@') && !cleaned.contains("odd"),
            "{cleaned}"
        );
        assert!(cleaned.starts_with("Email address is not verified."));
        let said = "Missing final '@domain'";
        assert_eq!(without_addresses(said, "ann@example.com"), said);
    }

    fn answered(status: u16, code: &str, message: &str) -> Unsent {
        let meta = ErrorMetadata::builder().code(code).message(message).build();
        let error = match code {
            "MessageRejected" => SendEmailError::MessageRejected(
                MessageRejected::builder()
                    .meta(meta)
                    .message(message)
                    .build(),
            ),
            "BadRequestException" => SendEmailError::BadRequestException(
                BadRequestException::builder()
                    .meta(meta)
                    .message(message)
                    .build(),
            ),
            _ => SendEmailError::generic(meta),
        };
        Unsent::of_answer(status, &error, String::new())
    }

    #[test]
    fn answers_are_told_apart() {
        let (later, misconfigured, refused) = (
            Unsent::Later(String::new()),
            Unsent::Misconfigured(String::new()),
            Unsent::Refused(String::new()),
        );
        for (status, code, message, expected) in [
            (429, "TooManyRequestsException", "", &later),
            (400, "ThrottlingException", "Rate exceeded", &later),
            (400, "Throttling", "Maximum sending rate exceeded.", &later),
            (500, "InternalFailure", "", &later),
            (503, "ServiceUnavailable", "", &later),
            (
                400,
                "MessageRejected",
                "Email address is not verified. Check X",
                &misconfigured,
            ),
            (400, "MessageRejected", "Address blacklisted.", &refused),
            (
                400,
                "BadRequestException",
                "Missing final '@domain'",
                &refused,
            ),
            (400, "BadRequestException", "Illegal address", &refused),
            (
                400,
                "BadRequestException",
                "Local address contains control or whitespace",
                &refused,
            ),
            (
                400,
                "BadRequestException",
                "Invalid tag name",
                &misconfigured,
            ),
            (400, "SendingPausedException", "", &misconfigured),
            (
                404,
                "NotFoundException",
                "Configuration set <x> does not exist.",
                &misconfigured,
            ),
            (
                403,
                "AccessDeniedException",
                "not authorized to perform: ses:SendEmail",
                &misconfigured,
            ),
        ] {
            assert_eq!(
                &answered(status, code, message),
                expected,
                "{code}: {message}"
            );
        }
    }
}
