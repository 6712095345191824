//! Certificates: the path to an authority at every verified time, the SCT, and the identity.

mod identity;
mod precertificate;
mod sct;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use sigstore_crypto::WEBPKI_VERIFICATION_ALGS;
use sigstore_types::DerCertificate;
use webpki::{EndEntityCert, KeyUsage, aws_lc_rs};

use super::rejected::{Checked, Rejected};
use crate::claim::CertificateIdentity;
use crate::code::Code;
use crate::trust::algorithm::{self, Link};
use crate::trust::material::AuthorityAnchor;
use crate::trust::{AlgorithmUse, PublicKey, Sct, TrustRoot};

/// `id-kp-codeSigning` (RFC 5280, section 4.2.1.12), DER content.
const CODE_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];

/// What a certificate says about itself, before anything about it is verified.
pub(super) struct Presented {
    identity: CertificateIdentity,
    key: PublicKey,
    link: Link,
}

/// A certificate that chains to an authority at every time it was asked about; born in [`verify`].
pub(super) struct Certified {
    presented: Presented,
    path: BTreeSet<AlgorithmUse>,
    sct: Option<AlgorithmUse>,
}

impl Certified {
    pub(super) const fn key(&self) -> &PublicKey {
        &self.presented.key
    }

    /// The algorithms of every path that was verified.
    pub(super) const fn path(&self) -> &BTreeSet<AlgorithmUse> {
        &self.path
    }

    /// The algorithm of the SCT, where one was verified.
    pub(super) const fn sct(&self) -> Option<&AlgorithmUse> {
        self.sct.as_ref()
    }

    pub(super) fn into_identity(self) -> CertificateIdentity {
        self.presented.identity
    }
}

/// A verified path.
struct Path {
    /// The issuer's public key (SPKI).
    issuer: Vec<u8>,
    algorithms: BTreeSet<AlgorithmUse>,
}

/// Reads the certificate's own key and names.
pub(super) fn read(leaf: &DerCertificate) -> Checked<Presented> {
    identity::read(leaf)
}

/// Verifies the path to an authority of `root` at every one of `times`, and the SCT where the
/// trust root asks for one.
pub(super) fn verify(
    presented: Presented,
    leaf: &DerCertificate,
    intermediates: &[DerCertificate],
    times: &[Timestamp],
    root: &TrustRoot,
) -> Checked<Certified> {
    let mut issuer = None;
    let mut algorithms = BTreeSet::new();
    for time in times {
        let path = path(&presented.link, leaf, intermediates, *time, root)?;
        within_validity(&presented.identity, *time)?;
        issuer = Some(path.issuer);
        algorithms.extend(path.algorithms);
    }
    // Without a time nothing was verified; the callers never ask that, and it fails all the same.
    let Some(issuer) = issuer else {
        return Err(Rejected::new(
            Code::TimestampMissing,
            "a time to judge the certificate at",
            "none",
        ));
    };
    let sct = match root.requirements().sct {
        Sct::Required => Some(sct::verify(leaf, &issuer, root)?),
        Sct::DangerNotRequired => None,
    };
    Ok(Certified {
        presented,
        path: algorithms,
        sct,
    })
}

fn within_validity(identity: &CertificateIdentity, time: Timestamp) -> Checked<()> {
    if time < identity.not_before {
        return Err(not_yet_valid(&identity.not_before.to_string(), time));
    }
    if time > identity.not_after {
        return Err(expired(&identity.not_after.to_string(), time));
    }
    Ok(())
}

fn not_yet_valid(not_before: &str, time: Timestamp) -> Rejected {
    let expected = format!("a signing time of {not_before} or later");
    Rejected::new(Code::CertificateNotYetValid, expected, time.to_string())
}

fn expired(not_after: &str, time: Timestamp) -> Rejected {
    let expected = format!("a signing time of {not_after} or earlier");
    Rejected::new(Code::CertificateExpired, expected, time.to_string())
}

/// Builds and verifies one path (RFC 5280, section 6).
fn path(
    link: &Link,
    leaf: &DerCertificate,
    intermediates: &[DerCertificate],
    time: Timestamp,
    root: &TrustRoot,
) -> Checked<Path> {
    let authorities: Vec<&AuthorityAnchor> = root
        .material()
        .authorities
        .iter()
        .filter(|authority| authority.window.is_none_or(|window| window.contains(time)))
        .flat_map(|authority| &authority.anchors)
        .filter(|anchor| anchor.not_before <= time && time <= anchor.not_after)
        .collect();
    if authorities.is_empty() {
        let expected = format!(
            "an authority of trust root `{}` that is valid at {time}",
            root.name()
        );
        return Err(Rejected::new(Code::CertificateUntrusted, expected, "none"));
    }
    let anchors = authorities.iter().map(|authority| authority.anchor.clone());
    let anchors: Vec<TrustAnchor<'_>> = anchors.collect();
    let der = CertificateDer::from(leaf.as_bytes());
    let end_entity = EndEntityCert::try_from(&der).map_err(|error| {
        Rejected::new(
            Code::CertificateMalformed,
            "an X.509 certificate",
            error.to_string(),
        )
    })?;
    let intermediates: Vec<CertificateDer<'_>> = intermediates
        .iter()
        .map(|certificate| CertificateDer::from(certificate.as_bytes()))
        .collect();
    let seconds = u64::try_from(time.as_second()).unwrap_or(0);
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let usage = KeyUsage::required(CODE_SIGNING);
    let supported: Vec<_> = WEBPKI_VERIFICATION_ALGS
        .iter()
        .copied()
        .chain(P521)
        .collect();
    let path = end_entity
        .verify_for_usage(&supported, &anchors, &intermediates, at, usage, None, None)
        .map_err(|error| path_error(&error, time, root))?;
    Ok(Path {
        issuer: issuer_spki(&path)?,
        algorithms: algorithms_of(&path, link, &authorities),
    })
}

/// Every key and every signature on the path, the signer's own first.
fn algorithms_of(
    path: &webpki::VerifiedPath<'_>,
    leaf: &Link,
    authorities: &[&AuthorityAnchor],
) -> BTreeSet<AlgorithmUse> {
    let intermediates: Vec<Link> = path
        .intermediate_certificates()
        .map(|certificate| Link::certificate(&certificate.der()))
        .collect();
    let authority = authorities
        .iter()
        .find(|authority| authority.anchor == *path.anchor());
    // The anchor is one of those that were handed in; if it were not, nothing should allow it.
    let unread = Link::certificate(&[]);
    let authority = authority.map_or(&unread, |authority| &authority.link);
    let path = std::iter::once(leaf).chain(&intermediates);
    algorithm::along(path.chain(std::iter::once(authority)))
}

/// The curve that sigstore-crypto leaves out.
const P521: [&dyn rustls_pki_types::SignatureVerificationAlgorithm; 3] = [
    aws_lc_rs::ECDSA_P521_SHA256,
    aws_lc_rs::ECDSA_P521_SHA384,
    aws_lc_rs::ECDSA_P521_SHA512,
];

fn path_error(error: &webpki::Error, time: Timestamp, root: &TrustRoot) -> Rejected {
    let authority = format!(
        "a code-signing certificate issued by an authority of trust root `{}`",
        root.name()
    );
    let moment = |time: &UnixTime| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).map_or_else(|_| "?".to_owned(), |time| time.to_string())
    };
    match error {
        webpki::Error::CertExpired { not_after, .. } => expired(&moment(not_after), time),
        webpki::Error::CertNotValidYet { not_before, .. } => {
            not_yet_valid(&moment(not_before), time)
        }
        webpki::Error::BadDer
        | webpki::Error::BadDerTime
        | webpki::Error::ExtensionValueInvalid => Rejected::new(
            Code::CertificateMalformed,
            "an X.509 certificate",
            error.to_string(),
        ),
        other => Rejected::new(Code::CertificateUntrusted, authority, other.to_string()),
    }
}

/// The issuer of the leaf on the verified path, as SPKI: SCTs are over its hash (RFC 6962,
/// section 3.2).
fn issuer_spki(path: &webpki::VerifiedPath<'_>) -> Checked<Vec<u8>> {
    use der::{Any, Encode, Tag};
    if let Some(issuer) = path.intermediate_certificates().next() {
        return Ok(issuer.subject_public_key_info().as_ref().to_vec());
    }
    // An anchor keeps only what is inside the SEQUENCE.
    Any::new(
        Tag::Sequence,
        path.anchor().subject_public_key_info.as_ref(),
    )
    .and_then(|any| any.to_der())
    .map_err(|error| {
        Rejected::new(
            Code::CertificateMalformed,
            "the issuer's public key",
            error.to_string(),
        )
    })
}
