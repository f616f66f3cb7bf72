//! Reads the root certificates of Amazon RDS once and for all. Reading them when a function starts would cost as much as all the
//! rest of its start.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

const CERTIFICATES: &str = "src/db/connect/rds-ca.pem";

/// Writes the list of trust anchors that `src/db/connect/roots.rs` includes: of a certificate's parts those that count when
/// another one is verified.
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={CERTIFICATES}");
    let mut anchors = "[\n".to_owned();
    for certificate in CertificateDer::pem_file_iter(CERTIFICATES)? {
        let certificate = certificate?;
        let anchor = webpki::anchor_from_trusted_cert(&certificate)?;
        if anchor.name_constraints.is_some() {
            return Err(
                "a root certificate of Amazon RDS has name constraints, which would get lost"
                    .into(),
            );
        }
        writeln!(
            anchors,
            "TrustAnchor {{ subject: Der::from_slice(&{:?}), subject_public_key_info: Der::from_slice(&{:?}), name_constraints: None }},",
            anchor.subject.as_ref(),
            anchor.subject_public_key_info.as_ref(),
        )?;
    }
    anchors.push(']');
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("rds_roots.rs"),
        anchors,
    )?;
    Ok(())
}
