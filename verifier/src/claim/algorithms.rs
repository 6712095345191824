//! The cryptography that a claim rests on.

use std::collections::BTreeSet;

use crate::trust::AlgorithmUse;

/// Every algorithm that a claim rests on, by the part that it plays; a fact, and no judgement.
///
/// Only what was verified is here: an SCT that the trust root does not ask for, an entry of a log
/// that it does not know and the signature on an authority prove nothing, and are not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlgorithmsUsed {
    /// The signature on the artefact, for example `ecdsa-p256-sha256`.
    pub signature: String,
    /// Every signature and every key on the verified path, from the signer's certificate to the
    /// authority.
    pub certificates: BTreeSet<AlgorithmUse>,
    /// The signatures of transparency logs, certificate transparency among them.
    pub logs: BTreeSet<AlgorithmUse>,
    /// The signatures on timestamps, the hashes in them, and the certificates of their authorities.
    pub timestamps: BTreeSet<AlgorithmUse>,
}
