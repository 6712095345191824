//! Evidence: verified, rejected, unsigned, and out of reach.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::super::{
    Algorithms, Anchor, CertificateSigner, ClaimsToBe, Evidence, Gap, Inclusion, KeySigner,
    LogEntry, NamedValue, Origin, Rejected, Role, Signer, SimpleSigning, Time, TimeSource,
    Unsigned,
};
use super::trusted;
use crate::claim::{self, Claim, Content};
use crate::digest::Digest;
use crate::evidence;
use crate::trust::{AlgorithmUse, TrustStore};
use crate::verify::{self, ClaimedKind, Rejection, Verified};

/// The verified evidence in the order of the report, and for each position of the appraisal the
/// one in the report.
pub(super) fn verified(
    claims: &[Verified<Claim>],
    store: &TrustStore,
) -> (Vec<Evidence>, Vec<usize>) {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by_cached_key(|position| {
        claims.get(*position).map(|claim| {
            (
                claim.subject.clone(),
                !claim.content.is_signature(),
                claim.content.predicate_type().map(ToOwned::to_owned),
                // The newest first, as far as times are proven.
                Reverse(claim.times.first().map(|time| time.time)),
                place(&Origin::from(&claim.origin)),
                claim.anchor,
                // Two signers of one payload in one place have nothing else that tells them apart.
                fingerprint(&claim.signer).clone(),
            )
        })
    });
    let mut positions = vec![0; claims.len()];
    for (new, old) in order.iter().enumerate() {
        if let Some(position) = positions.get_mut(*old) {
            *position = new;
        }
    }
    let evidence = order
        .iter()
        .filter_map(|position| claims.get(*position))
        .map(|claim| one(claim, store))
        .collect();
    (evidence, positions)
}

const fn fingerprint(signer: &claim::Signer) -> &Digest {
    match signer {
        claim::Signer::Certificate(identity) => &identity.fingerprint,
        claim::Signer::Key(key) => &key.fingerprint,
    }
}

/// What places are ordered by.
pub(super) fn place(origin: &Origin) -> (String, String, String, Option<String>) {
    (
        origin.blob.clone(),
        origin.kind.clone(),
        origin.place.clone(),
        origin.manifest.clone(),
    )
}

/// A rejection as reports show it.
pub(super) fn rejected(rejection: &Rejection, anchor: Option<Anchor>) -> Rejected {
    let (claims_to_be, predicate_type) = match &rejection.claims_to_be {
        ClaimedKind::Signature => (ClaimsToBe::Signature, None),
        ClaimedKind::Attestation(predicate) => (ClaimsToBe::Attestation, Some(predicate.clone())),
        ClaimedKind::Unknown => (ClaimsToBe::Unknown, None),
    };
    Rejected {
        code: rejection.code.name().to_owned(),
        class: rejection.code.class().name().to_owned(),
        subject: rejection.subject.to_string(),
        claims_to_be,
        predicate_type,
        origin: (&rejection.origin).into(),
        anchor,
        expected: rejection.expected.clone(),
        found: rejection.found.clone(),
    }
}

fn one(claim: &Claim, store: &TrustStore) -> Evidence {
    let simple_signing = match &claim.content {
        Content::SimpleSigning(payload) => Some(SimpleSigning {
            docker_reference: payload.docker_reference.clone(),
            optional: payload.optional.clone(),
        }),
        Content::Artifact | Content::Statement(_) => None,
    };
    Evidence {
        subject: claim.subject.to_string(),
        role: if claim.content.is_signature() {
            Role::Signature
        } else {
            Role::Attestation
        },
        predicate_type: claim.content.predicate_type().map(ToOwned::to_owned),
        simple_signing,
        origin: (&claim.origin).into(),
        anchor: store.get(claim.anchor).map_or(
            Anchor {
                trust_root: None,
                key: None,
            },
            trusted::anchor,
        ),
        signer: (&claim.signer).into(),
        algorithm: claim.algorithms.signature.clone(),
        algorithms: (&claim.algorithms).into(),
        times: claim.times.iter().map(Time::from).collect(),
        logs: claim.logs.iter().map(LogEntry::from).collect(),
        dangers: claim
            .dangers
            .iter()
            .map(|danger| danger.name().to_owned())
            .collect(),
    }
}

impl From<&claim::AlgorithmsUsed> for Algorithms {
    fn from(used: &claim::AlgorithmsUsed) -> Self {
        let names = |uses: &BTreeSet<AlgorithmUse>| {
            let names: BTreeSet<&str> = uses.iter().map(|used| used.algorithm.as_str()).collect();
            names.into_iter().map(ToOwned::to_owned).collect()
        };
        Self {
            signature: used.signature.clone(),
            certificates: names(&used.certificates),
            logs: names(&used.logs),
            timestamps: names(&used.timestamps),
        }
    }
}

impl From<&evidence::Origin> for Origin {
    fn from(origin: &evidence::Origin) -> Self {
        Self {
            kind: origin.kind.name().to_owned(),
            place: origin.place.clone(),
            manifest: origin.manifest.as_ref().map(ToString::to_string),
            blob: origin.blob.to_string(),
        }
    }
}

impl From<&claim::Signer> for Signer {
    fn from(signer: &claim::Signer) -> Self {
        match signer {
            claim::Signer::Certificate(identity) => Self::Certificate(CertificateSigner {
                issuer: identity.issuer.clone(),
                subject_alternative_names: identity
                    .alternative_names
                    .iter()
                    .map(|name| NamedValue {
                        kind: name.kind().to_owned(),
                        value: name.value().to_owned(),
                    })
                    .collect(),
                subject: Some(identity.subject.clone()).filter(|subject| !subject.is_empty()),
                extensions: identity
                    .extensions
                    .iter()
                    .map(|(extension, value)| (extension.name().to_owned(), value.clone()))
                    .collect(),
                not_before: identity.not_before.to_string(),
                not_after: identity.not_after.to_string(),
                fingerprint: identity.fingerprint.to_string(),
            }),
            claim::Signer::Key(key) => Self::Key(KeySigner {
                fingerprint: key.fingerprint.to_string(),
                algorithm: key.algorithm.clone(),
            }),
        }
    }
}

impl From<&claim::VerifiedTime> for Time {
    fn from(time: &claim::VerifiedTime) -> Self {
        let (source, name) = match &time.source {
            claim::TimeSource::Log { log } => (TimeSource::Log, log),
            claim::TimeSource::TimestampAuthority { authority } => {
                (TimeSource::TimestampAuthority, authority)
            }
        };
        Self {
            time: time.time.to_string(),
            source,
            name: name.clone(),
        }
    }
}

impl From<&claim::VerifiedLogEntry> for LogEntry {
    fn from(entry: &claim::VerifiedLogEntry) -> Self {
        Self {
            log: entry.log.clone(),
            log_key: entry.log_key.to_string(),
            index: entry.index,
            kind: entry.kind.clone(),
            inclusion: match entry.inclusion {
                claim::InclusionEvidence::Promised => Inclusion::Promised,
                claim::InclusionEvidence::Proven => Inclusion::Proven,
            },
        }
    }
}

impl From<&verify::Unsigned> for Unsigned {
    fn from(unsigned: &verify::Unsigned) -> Self {
        Self {
            subject: unsigned.subject.to_string(),
            announced: unsigned.announced.clone(),
            origin: (&unsigned.origin).into(),
        }
    }
}

impl From<&evidence::Gap> for Gap {
    fn from(gap: &evidence::Gap) -> Self {
        Self {
            code: gap.code.name().to_owned(),
            class: gap.code.class().name().to_owned(),
            place: gap.place.clone(),
            expected: gap.expected.clone(),
            found: gap.found.clone(),
        }
    }
}
