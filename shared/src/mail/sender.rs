//! The addresses of the configuration.

/// Whether `text` can stand in `From` or `Reply-To`: an address, or a name before one in angle brackets. Checked when a function
/// starts, because SES refuses a wrong one in the same words as a recipient's.
pub(crate) fn is_sender(text: &str) -> bool {
    let address = match text.split_once('<') {
        Some((_name, rest)) => match rest.strip_suffix('>') {
            Some(address) => address,
            None => return false,
        },
        None => text,
    };
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_graphic() && !"<>@,;:\"()[]\\".contains(c))
    };
    plain(local) && plain(domain) && !text.contains(['\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_name_are_taken() {
        for sender in [
            "no-reply@example.com",
            "Cairn <no-reply@example.com>",
            "\"Cairn, Inc.\" <no.reply+cairn@mail.example.com>",
        ] {
            assert!(is_sender(sender), "{sender}");
        }
    }

    #[test]
    fn what_ses_would_refuse_in_every_mail_is_not_taken() {
        for sender in [
            "",
            "Cairn",
            "no-reply@",
            "@example.com",
            "Cairn <no-reply@example.com",
            "Cairn no-reply@example.com",
            "a@example.com, b@example.com",
            "Cairn\n <no-reply@example.com>",
        ] {
            assert!(!is_sender(sender), "{sender}");
        }
    }
}
