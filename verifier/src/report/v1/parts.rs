//! Evidence and trust as reports show them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A trust root that evidence was verified against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrustRoot {
    /// The name under which policies know it.
    pub name: String,
    /// SHA-256 over its material and its requirements.
    pub digest: String,
    /// When it stops being usable (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// What evidence must bring under it.
    pub require: TrustRequirements,
}

/// What evidence must bring under a trust root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrustRequirements {
    /// Distinct logs that must hold an entry.
    pub logs: usize,
    /// Distinct sources that must vouch for a time.
    pub timestamps: usize,
    /// Whether certificates must carry a verified SCT.
    pub sct: bool,
    /// How inclusion must be known: proof, proof-unless-legacy, danger-promise-alone.
    pub inclusion: String,
}

/// A public key that evidence was verified against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// SHA-256 of the key's `SubjectPublicKeyInfo`.
    pub fingerprint: String,
    /// The algorithm, for example `ecdsa-p256`.
    pub algorithm: String,
    /// The hash under which it signs, where it was configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The trust root that judges its log entries and times; absent: the key alone decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_root: Option<String>,
}

/// A weakening in force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Danger {
    /// Its name, for example `no-log`.
    pub name: String,
    /// What it means, in one sentence.
    pub meaning: String,
}

/// A verified piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The manifest or artifact that it is bound to.
    pub subject: String,
    /// Whether it is a signature or an attestation.
    pub role: Role,
    /// The predicate type, for statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicate_type: Option<String>,
    /// The legacy simple-signing payload, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simple_signing: Option<SimpleSigning>,
    /// Where it was found.
    pub origin: Origin,
    /// Against what it was verified.
    pub anchor: Anchor,
    /// Who signed.
    pub signer: Signer,
    /// The algorithm of the signature.
    pub algorithm: String,
    /// Every algorithm that it rests on, by the part that it plays.
    pub algorithms: Algorithms,
    /// Every proven time, earliest first.
    pub times: Vec<Time>,
    /// Every verified log entry.
    pub logs: Vec<LogEntry>,
    /// The names of the weakenings under which it was accepted.
    pub dangers: Vec<String>,
}

/// The algorithms that a piece of evidence rests on: of all that was verified, and of nothing else.
///
/// A signature's name ends with its hash, where it has one of its own (`ecdsa-p384-sha256`); a key's
/// name does not (`ecdsa-p384`). Each list is in order and holds each name once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Algorithms {
    /// The signature on the artifact.
    pub signature: String,
    /// Signatures and keys on the path from the signer's certificate to the authority.
    pub certificates: Vec<String>,
    /// Signatures of transparency logs, certificate transparency logs among them.
    pub logs: Vec<String>,
    /// Signatures on timestamps, the hashes in them, and the certificates of their authorities.
    pub timestamps: Vec<String>,
}

/// What a piece of evidence is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Role {
    /// A signature on the artifact.
    Signature,
    /// A statement about the artifact.
    Attestation,
}

/// A legacy simple-signing payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SimpleSigning {
    /// The name that the signer gave the image.
    pub docker_reference: String,
    /// Annotations that the signer added.
    pub optional: BTreeMap<String, String>,
}

/// Where a piece of evidence was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// How it is tied to the artifact: referrers, referrers-tag, cosign-tag, index, directory, file.
    pub kind: String,
    /// The place, for people.
    pub place: String,
    /// The manifest that carried it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// The digest of the evidence's own bytes.
    pub blob: String,
}

/// Against what evidence was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Anchor {
    /// The name of the trust root, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_root: Option<String>,
    /// The fingerprint of the public key, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Signer {
    /// The holder of a certificate.
    Certificate(CertificateSigner),
    /// The holder of a public key.
    Key(KeySigner),
}

/// The identity in a verified certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSigner {
    /// The OIDC issuer that vouched for the identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Every subject alternative name, in order.
    pub subject_alternative_names: Vec<NamedValue>,
    /// The subject's distinguished name, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Every Fulcio extension by name.
    pub extensions: BTreeMap<String, String>,
    /// Start of validity (RFC 3339).
    pub not_before: String,
    /// End of validity (RFC 3339).
    pub not_after: String,
    /// SHA-256 of the certificate.
    pub fingerprint: String,
}

/// A public key that signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeySigner {
    /// SHA-256 of the key's `SubjectPublicKeyInfo`.
    pub fingerprint: String,
    /// The algorithm of the key.
    pub algorithm: String,
}

/// A value and its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedValue {
    /// The type: email, uri, dns, otherName.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value.
    pub value: String,
}

/// A proven time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Time {
    /// The time (RFC 3339).
    #[schemars(extend("format" = "date-time"))]
    pub time: String,
    /// What kind of source vouches for it.
    pub source: TimeSource,
    /// The source's name: the log's URL, or the authority's.
    pub name: String,
}

/// What kind of source vouches for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TimeSource {
    /// A log, under its signed entry timestamp.
    Log,
    /// An RFC 3161 timestamp authority.
    TimestampAuthority,
}

/// A verified log entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// The log's base URL as the trust root names it.
    pub log: String,
    /// SHA-256 of the log's public key.
    pub log_key: String,
    /// The index of the entry.
    pub index: u64,
    /// The kind of entry, for example `hashedrekord/0.0.1`.
    pub kind: String,
    /// How inclusion is known.
    pub inclusion: Inclusion,
}

/// How inclusion in a log is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Inclusion {
    /// Promised, and not proven.
    Promised,
    /// Proven under a checkpoint of the log.
    Proven,
}

/// A piece of evidence that failed a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// `area/name`; documented in `docs/codes/area/name.md`.
    #[schemars(extend("pattern" = "^[a-z-]+/[a-z-]+$"))]
    pub code: String,
    /// What kind of bad news: missing, invalid, untrusted, policy, trust, transient, limit, input.
    pub class: String,
    /// The manifest to which the evidence is attached.
    pub subject: String,
    /// What it claims to be; unverified.
    pub claims_to_be: ClaimsToBe,
    /// The predicate type that it claims; unverified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicate_type: Option<String>,
    /// Where it was found.
    pub origin: Origin,
    /// Against what it was tried, where the check depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// What a rejected piece of evidence claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ClaimsToBe {
    /// A signature.
    Signature,
    /// An attestation.
    Attestation,
    /// It cannot be read that far.
    Unknown,
}

/// Something attached that carries no signature of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unsigned {
    /// The manifest to which it is attached.
    pub subject: String,
    /// What it announces itself as.
    pub announced: String,
    /// Where it was found.
    pub origin: Origin,
}

/// A place that could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// `area/name`; documented in `docs/codes/area/name.md`.
    #[schemars(extend("pattern" = "^[a-z-]+/[a-z-]+$"))]
    pub code: String,
    /// What kind of bad news: missing, invalid, untrusted, policy, trust, transient, limit, input.
    pub class: String,
    /// The place.
    pub place: String,
    /// What was expected there.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}

/// A signed exception that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsedException {
    /// Its name.
    pub name: String,
    /// SHA-256 of the document as signed.
    pub digest: String,
    /// Why there is one.
    pub reason: String,
    /// Where the decision is written down.
    pub ticket: String,
    /// The last moment at which it counts (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub not_after: String,
    /// The evidence that carries it: positions in `evidence`.
    pub by: Vec<usize>,
}
