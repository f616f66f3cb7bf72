//! What an error of SES means for the mail.

use std::error::Error;

use aws_sdk_sesv2::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use hyper_util::client::legacy;

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
        match error {
            // It never left.
            SdkError::ConstructionFailure(_) => Self::Misconfigured(words(error, address)),
            SdkError::DispatchFailure(failure) => {
                let connector = failure.as_connector_error();
                if connector.is_some_and(|connector| never_left(connector, connector.is_other())) {
                    Self::Later(words(error, address))
                } else {
                    Self::Unknown(words(error, address))
                }
            }
            SdkError::ServiceError(refused) => {
                let status = refused.raw().status().as_u16();
                let code = refused.err().code().unwrap_or("no code");
                let said = refused.err().message().unwrap_or_default();
                let cause = format!(
                    "SES answered {status} {code}: {}",
                    without_addresses(said, address)
                );
                of_answer(status, refused.err(), said, cause)
            }
            // An answer that cannot be read may have been a good one.
            _ => Self::Unknown(words(error, address)),
        }
    }
}

fn of_answer(status: u16, error: &SendEmailError, said: &str, cause: String) -> Unsent {
    match error {
        _ if is_throttling(error) || status >= 500 => Unsent::Later(cause),
        // The same code for an identity of ours that is not verified (and in the sandbox for the recipient's) and for
        // contents that SES does not take.
        SendEmailError::MessageRejected(_) if !said.contains("not verified") => {
            Unsent::Refused(cause)
        }
        SendEmailError::BadRequestException(_) if is_about_an_address(said) => {
            Unsent::Refused(cause)
        }
        _ => Unsent::Misconfigured(cause),
    }
}

/// Whether SES asks for less haste.
pub(super) fn is_throttling(error: &SendEmailError) -> bool {
    matches!(error, SendEmailError::TooManyRequestsException(_))
        || error.code().is_some_and(|code| code.contains("hrottl"))
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

fn words(error: &SdkError<SendEmailError>, address: &str) -> String {
    without_addresses(&DisplayErrorContext(error).to_string(), address)
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
        assert_eq!(
            without_addresses("Missing final '@domain'", "a"),
            "Missing final '@domain'"
        );
    }
}
