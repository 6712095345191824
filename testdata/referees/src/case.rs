//! One question, as every verifier is asked it, and one answer.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// One question: does this bundle prove that this signer signed this artifact?
#[derive(Clone, Debug)]
pub struct Case {
    /// Which piece of real data it is, or was before it was changed.
    pub base: String,
    /// What was done to it, as `family/detail`; [`UNCHANGED`] where nothing was.
    pub mutation: String,
    /// Whether the manifest of the real data expects the base to verify.
    pub positive: bool,
    /// The bundle, byte for byte.
    pub bundle: Vec<u8>,
    /// What is said to be signed.
    pub subject: Subject,
    /// Who is said to have signed.
    pub signer: Signer,
    /// A `trusted_root.json`.
    pub root: PathBuf,
    /// What is demanded beside the signature.
    pub demands: Demands,
}

/// The mutation of what was not changed.
pub const UNCHANGED: &str = "none";

/// What is said to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The bytes themselves.
    Bytes(Vec<u8>),
    /// A digest of them.
    Digest {
        /// `sha256`, `sha384` or `sha512`.
        algorithm: String,
        /// All digits, in lower case where it is honest.
        hex: String,
    },
}

impl Subject {
    /// A digest, from `algorithm:hex` with an algorithm that is strong.
    pub fn digest(text: &str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        matches!(algorithm, "sha256" | "sha384" | "sha512").then(|| Self::Digest {
            algorithm: algorithm.to_owned(),
            hex: hex.to_owned(),
        })
    }
}

/// Who is said to have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Whom a certificate names, and who vouches for that; both exact.
    Identity {
        /// A subject alternative name.
        identity: String,
        /// The OIDC issuer.
        issuer: String,
    },
    /// The holder of a public key.
    Key {
        /// A PEM file.
        path: PathBuf,
        /// The hash that goes with such a key, which cosign has to be told: `sha256` and longer ones.
        hash: &'static str,
    },
}

/// What is demanded beside the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demands {
    /// An entry of one log; not where the trusted root names none.
    pub log: bool,
    /// A signed certificate timestamp; not where the trusted root names no log for them.
    pub sct: bool,
}

impl Case {
    /// The line that a worker reads.
    pub fn line(&self) -> String {
        let (identity, issuer, key, hash) = match &self.signer {
            Signer::Identity { identity, issuer } => (Some(identity), Some(issuer), None, None),
            Signer::Key { path, hash } => (None, None, Some(path), Some(hash)),
        };
        let (artifact, digest) = match &self.subject {
            Subject::Bytes(bytes) => (Some(STANDARD.encode(bytes)), Value::Null),
            Subject::Digest { algorithm, hex } => {
                (None, json!({"algorithm": algorithm, "hex": hex}))
            }
        };
        json!({
            "bundle": STANDARD.encode(&self.bundle),
            "artifact": artifact,
            "digest": digest,
            "identity": identity,
            "issuer": issuer,
            "key": key,
            "hash": hash,
            "root": self.root,
            "log": self.demands.log,
            "sct": self.demands.sct,
        })
        .to_string()
    }

    /// The family of the mutation: what stands before the first `/`.
    pub fn family(&self) -> &str {
        self.mutation.split('/').next().unwrap_or_default()
    }
}

/// What a verifier says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Verified.
    Accept,
    /// Not verified, for whatever reason.
    Reject,
    /// Its interface has no way to ask this: a form that it does not speak for any bundle.
    Abstain,
}

/// An answer and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Yes, no, or nothing.
    pub answer: Answer,
    /// In the verifier's own words; ours begins with a code.
    pub reason: String,
}

impl Verdict {
    /// Verified.
    pub const fn accept() -> Self {
        Self {
            answer: Answer::Accept,
            reason: String::new(),
        }
    }

    /// Not verified.
    pub fn reject(reason: impl Into<String>) -> Self {
        Self {
            answer: Answer::Reject,
            reason: reason.into(),
        }
    }

    /// The verdict on a line that a worker wrote.
    pub fn parse(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let answer = match value["verdict"].as_str()? {
            "accept" => Answer::Accept,
            "reject" => Answer::Reject,
            "abstain" => Answer::Abstain,
            _ => return None,
        };
        let reason = value["reason"].as_str().unwrap_or_default().to_owned();
        Some(Self { answer, reason })
    }
}
