//! What all TLS of ours is spoken with.

use std::sync::Arc;

use rustls::NamedGroup;
use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// aws-lc. It is named wherever TLS begins, because rustls otherwise looks for a process-wide default, which nobody has set.
///
/// The first way to exchange keys is what a client bets on in its first message, and a lost bet costs every cold start
/// another round trip and another key. PostgreSQL before 18 takes P-256 and nothing else unless it is told to, and everybody
/// else takes it as well.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    provider
        .kx_groups
        .sort_by_key(|group| group.name() != NamedGroup::secp256r1);
    Arc::new(provider)
}
