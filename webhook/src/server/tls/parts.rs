//! From PEM to what rustls uses.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::CertifiedKey;
use sovverify::report::escape::show;
use x509_cert::der::Decode as _;

use super::files::Contents;
use crate::metrics::Metrics;

/// Certificates of one chain; an honest one has two or three.
const MAX_CHAIN: usize = 10;
/// Authorities of one file; the public ones are some 150.
const MAX_AUTHORITIES: usize = 1_000;

/// Why certificate, key or authorities cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("expected to read {}, found: {source}", show(&path.to_string_lossy()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is larger than any honest one.
    #[error("expected at most {limit} bytes in {}, found more", show(&path.to_string_lossy()))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that it may have.
        limit: u64,
    },
    /// A file is not PEM, or holds none of what is wanted.
    #[error("expected {expected} in PEM, found {found}")]
    Pem {
        /// What is wanted.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// The key is not that of the certificate, or of a kind that is not known.
    #[error("expected a certificate and its key, found a pair that TLS refuses: {0}")]
    Refused(rustls::Error),
    /// The certificate cannot be read.
    #[error("expected a certificate according to RFC 5280, found something else")]
    Malformed,
    /// The certificate does not count yet.
    #[error("expected a certificate that counts, found one that begins at {0}")]
    NotYet(Timestamp),
    /// The certificate does not count any more.
    #[error("expected a certificate that counts, found one that ended at {0}")]
    Expired(Timestamp),
    /// Nobody could be vouched for by what the file holds.
    #[error("expected authorities of clients, found: {0}")]
    Authorities(rustls::server::VerifierBuilderError),
}

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) key: Arc<CertifiedKey>,
    from: Timestamp,
    until: Timestamp,
}

impl Pair {
    pub(super) fn read(contents: &Contents) -> Result<Self, TlsError> {
        let chain = certificates(&contents.certificate, "a certificate", MAX_CHAIN)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|_| TlsError::Pem {
            expected: "a private key",
            found: "none that can be read",
        })?;
        let leaf = chain.first().ok_or(TlsError::Malformed)?;
        let (from, until) = validity(leaf)?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = CertifiedKey::from_der(chain, key, &provider).map_err(TlsError::Refused)?;
        Ok(Self {
            key: Arc::new(key),
            from,
            until,
        })
    }

    /// Whether a client would take it at `now`.
    pub(super) fn counts_at(&self, now: Timestamp) -> Result<(), TlsError> {
        if now < self.from {
            return Err(TlsError::NotYet(self.from));
        }
        if now > self.until {
            return Err(TlsError::Expired(self.until));
        }
        Ok(())
    }

    pub(super) fn tell(&self, metrics: &Metrics) {
        metrics.certificate(self.from.as_second(), self.until.as_second());
    }
}

fn validity(certificate: &CertificateDer<'_>) -> Result<(Timestamp, Timestamp), TlsError> {
    let certificate =
        x509_cert::Certificate::from_der(certificate).map_err(|_| TlsError::Malformed)?;
    let validity = certificate.tbs_certificate.validity;
    let timestamp = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
        Timestamp::from_second(seconds).ok()
    };
    let from = timestamp(validity.not_before).ok_or(TlsError::Malformed)?;
    let until = timestamp(validity.not_after).ok_or(TlsError::Malformed)?;
    Ok((from, until))
}

/// Whoever lets callers in that show a certificate of the authorities in `pem`, and others as strangers: probes
/// of health show none.
pub(super) fn client_verifier(pem: &[u8]) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, "certificates of authorities", MAX_AUTHORITIES)? {
        roots.add(certificate).map_err(TlsError::Refused)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(TlsError::Authorities)
}

fn certificates(
    pem: &[u8],
    expected: &'static str,
    limit: usize,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| TlsError::Pem {
            expected,
            found: "something that is no PEM",
        })?;
        if found.len() >= limit {
            return Err(TlsError::Pem {
                expected,
                found: "more than any honest file holds",
            });
        }
        found.push(certificate);
    }
    if found.is_empty() {
        return Err(TlsError::Pem {
            expected,
            found: "none",
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_counted_up_to_the_bound_of_their_file() {
        let one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for limit in [MAX_CHAIN, MAX_AUTHORITIES] {
            let read = |count: usize| certificates(one.repeat(count).as_bytes(), "some", limit);
            assert_eq!(read(limit).unwrap().len(), limit);
            let refused = read(limit + 1).unwrap_err();
            assert!(matches!(refused, TlsError::Pem { .. }), "{refused}");
        }
    }
}
