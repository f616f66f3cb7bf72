//! Whom a TLS connection to the database trusts.

use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, Der, TrustAnchor, pem::PemObject as _};
use tokio_postgres::config::Host;

use super::InvalidDatabaseUrl;

/// The root certificates of Amazon RDS and Aurora. They are private to AWS, so that no browser's list has them; AWS publishes
/// them at <https://truststore.pki.rds.amazonaws.com/>. Regions that were opened after our copy of them (`rds-ca.pem`, which the
/// build script reads) was made need `sslrootcert`.
const RDS_ROOTS: &[TrustAnchor<'static>] = &include!(concat!(env!("OUT_DIR"), "/rds_roots.rs"));

/// Mozilla's roots (what Neon, Supabase and RDS Proxy use chains up to these), those of RDS for its hosts, and those of a
/// file of the operator's own.
pub(super) fn trusted_for(
    hosts: &[Host],
    file: Option<&str>,
) -> Result<RootCertStore, InvalidDatabaseUrl> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    if hosts.iter().any(is_on_rds) {
        roots.extend(RDS_ROOTS.iter().cloned());
    }
    // `system` is libpq's word for the roots that everybody trusts: Mozilla's are these here.
    if let Some(file) = file.filter(|file| *file != "system") {
        add_file(&mut roots, Path::new(file))?;
    }
    Ok(roots)
}

fn is_on_rds(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name
            .trim_end_matches('.')
            .to_ascii_lowercase()
            .ends_with(".rds.amazonaws.com"),
        Host::Unix(_) => false,
    }
}

fn add_file(roots: &mut RootCertStore, file: &Path) -> Result<(), InvalidDatabaseUrl> {
    let unusable =
        |reason: String| InvalidDatabaseUrl(format!("the file of its sslrootcert {reason}"));
    let pem = std::fs::read(file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate =
            certificate.map_err(|error| unusable(format!("is no valid PEM: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(format!("has an unusable certificate: {error}")))?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err(unusable("holds no certificate in PEM".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots_for(host: &str) -> RootCertStore {
        trusted_for(&[Host::Tcp(host.into())], None).unwrap()
    }

    #[test]
    fn every_rds_root_in_the_file_is_trusted() {
        let file = CertificateDer::pem_slice_iter(include_bytes!("rds-ca.pem"));
        let certificates: Vec<_> = file.collect::<Result<_, _>>().unwrap();
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots.add(certificate.clone()).unwrap();
        }
        assert!(certificates.len() > 70);
        assert_eq!(roots.roots, RDS_ROOTS);
    }

    #[test]
    fn rds_roots_are_trusted_for_hosts_of_rds_alone() {
        let public = roots_for("ep-cool-moon-123.eu-central-1.aws.neon.tech").len();
        assert!(roots_for("cairn.c1abc.eu-central-1.rds.amazonaws.com").len() > public + 70);
        assert!(roots_for("CAIRN.cluster-c1abc.eu-west-1.RDS.amazonaws.com.").len() > public + 70);
        assert_eq!(roots_for("rds.amazonaws.com.example.org").len(), public);
        assert_eq!(roots_for("evilrds.amazonaws.com").len(), public);
    }
}
