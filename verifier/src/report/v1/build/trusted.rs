//! What a result was verified against, and which weakenings were in force.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Anchor, Danger, Key, TrustRequirements, TrustRoot};
use crate::claim::Claim;
use crate::trust::{self, Inclusion, KeyHash, Sct, TrustStore};
use crate::verify::Verified;

/// Every trust root of the store, once, by name.
pub(super) fn roots(store: &TrustStore) -> Vec<TrustRoot> {
    let roots: BTreeMap<_, _> = store
        .iter()
        .filter_map(|(_, anchor)| anchor.root())
        .map(|root| ((root.name().to_owned(), root.digest().to_string()), root))
        .collect();
    roots
        .into_iter()
        .map(|((name, digest), root)| TrustRoot {
            name,
            digest,
            expires: root.expires().map(|time| time.to_string()),
            require: TrustRequirements {
                logs: root.requirements().logs,
                timestamps: root.requirements().timestamps,
                sct: matches!(root.requirements().sct, Sct::Required),
                inclusion: inclusion(root.requirements().inclusion).to_owned(),
            },
        })
        .collect()
}

/// Every key of the store, once, by fingerprint.
pub(super) fn keys(store: &TrustStore) -> Vec<Key> {
    let keys: BTreeMap<_, _> = store
        .iter()
        .filter_map(|(_, anchor)| match anchor {
            trust::Anchor::Key { key, root } => {
                let root = root.as_ref().map(|root| root.name().to_owned());
                let name = (
                    key.fingerprint().to_string(),
                    root.clone(),
                    key.hash().map(hash),
                );
                Some((name, key.algorithm()))
            }
            trust::Anchor::Certificates(_) => None,
        })
        .collect();
    keys.into_iter()
        .map(|((fingerprint, trust_root, hash), algorithm)| Key {
            fingerprint,
            algorithm: algorithm.name().to_owned(),
            hash: hash.map(ToOwned::to_owned),
            trust_root,
        })
        .collect()
}

/// Every weakening in force without a verdict: those that the trust roots allow, and those under
/// which evidence was accepted.
pub(super) fn in_force(store: &TrustStore, verified: &[Verified<Claim>]) -> Vec<trust::Danger> {
    let allowed = store.iter().flat_map(|(_, anchor)| allowed(anchor));
    let used = verified.iter().flat_map(|claim| claim.dangers.clone());
    allowed.chain(used).collect()
}

/// Each weakening once, with what it means.
pub(super) fn dangers(dangers: impl IntoIterator<Item = trust::Danger>) -> Vec<Danger> {
    let distinct: BTreeSet<trust::Danger> = dangers.into_iter().collect();
    distinct
        .into_iter()
        .map(|danger| Danger {
            name: danger.name().to_owned(),
            meaning: meaning(danger).to_owned(),
        })
        .collect()
}

/// The anchor as reports name it.
pub(super) fn anchor(anchor: &trust::Anchor) -> Anchor {
    Anchor {
        trust_root: anchor.root().map(|root| root.name().to_owned()),
        key: match anchor {
            trust::Anchor::Key { key, .. } => Some(key.fingerprint().to_string()),
            trust::Anchor::Certificates(_) => None,
        },
    }
}

fn allowed(anchor: &trust::Anchor) -> Vec<trust::Danger> {
    use trust::Danger::{NoLog, NoSct, NoTimestamp, PromiseAlone};
    let Some(root) = anchor.root() else {
        return vec![NoLog, NoTimestamp];
    };
    let requirements = root.requirements();
    let certificates = matches!(anchor, trust::Anchor::Certificates(_));
    [
        (requirements.logs == 0, NoLog),
        (requirements.timestamps == 0, NoTimestamp),
        (
            certificates && matches!(requirements.sct, Sct::DangerNotRequired),
            NoSct,
        ),
        (
            matches!(requirements.inclusion, Inclusion::DangerPromiseAlone),
            PromiseAlone,
        ),
    ]
    .into_iter()
    .filter_map(|(weak, danger)| weak.then_some(danger))
    .collect()
}

const fn meaning(danger: trust::Danger) -> &'static str {
    match danger {
        trust::Danger::NoLog => "no transparency log is asked for: nobody can notice a misused key",
        trust::Danger::NoTimestamp => {
            "no proven time is asked for: key or certificate is judged at the verification time"
        }
        trust::Danger::NoSct => {
            "no certificate transparency is asked for: nobody can notice a misissued certificate"
        }
        trust::Danger::PromiseAlone => {
            "a log's promise is accepted without proof: the entry may never have been published"
        }
    }
}

const fn inclusion(inclusion: Inclusion) -> &'static str {
    match inclusion {
        Inclusion::Proof => "proof",
        Inclusion::ProofUnlessLegacy => "proof-unless-legacy",
        Inclusion::DangerPromiseAlone => "danger-promise-alone",
    }
}

const fn hash(hash: KeyHash) -> &'static str {
    match hash {
        KeyHash::Sha256 => "sha256",
        KeyHash::Sha384 => "sha384",
        KeyHash::Sha512 => "sha512",
    }
}
