//! Trust roots: the authorities, logs and timestampers that an operator has chosen.

use jiff::Timestamp;
use sigstore_trust_root::{SigstoreInstance, TrustedRoot};

use super::material::{self, Material};
use crate::digest::Digest;

/// Bytes of one `trusted_root.json`. The public-good one is 7 KB; a hundred authorities fit.
pub const MAX_TRUSTED_ROOT_BYTES: usize = 4 * 1024 * 1024;

/// A trust root, parsed once, that verifies many bundles.
#[derive(Debug)]
pub struct TrustRoot {
    name: String,
    digest: Digest,
    options: TrustRootOptions,
    material: Material,
}

/// What an operator decides about a trust root, beside its material.
#[derive(Clone, Debug, Default)]
pub struct TrustRootOptions {
    /// What evidence must bring.
    pub requirements: Requirements,
    /// When the trust root stops being usable.
    pub expires: Option<Timestamp>,
}

/// What evidence must bring under a trust root, beyond a good signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirements {
    /// Distinct logs that must hold an entry.
    pub logs: usize,
    /// Distinct sources that must vouch for a time.
    pub timestamps: usize,
    /// Whether certificates must carry a verified SCT.
    pub sct: Sct,
    /// How inclusion in a log must be known.
    pub inclusion: Inclusion,
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            logs: 1,
            timestamps: 1,
            sct: Sct::Required,
            inclusion: Inclusion::ProofUnlessLegacy,
        }
    }
}

/// Whether a certificate must prove that a certificate transparency log has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sct {
    /// An embedded SCT of a known log is required.
    Required,
    /// No SCT is asked for: a certificate issued in secret stays unnoticed.
    DangerNotRequired,
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

/// A weakening under which evidence was accepted; every report made under one says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Danger {
    /// No log was asked for, and none vouches: nobody can notice a misused key.
    NoLog,
    /// No time was asked for, and none is proven: the signature may be of any age.
    NoTimestamp,
    /// No SCT was asked for, and none was verified.
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

    /// One sentence that says what it means.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::NoLog => "no transparency log vouches for this signature",
            Self::NoTimestamp => "no proven time: the signature may be of any age",
            Self::NoSct => "no certificate transparency log vouches for this certificate",
            Self::PromiseAlone => {
                "the log promised to include this signature, and nothing proves it"
            }
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

impl Instance {
    /// The embedded `trusted_root.json`.
    pub fn trusted_root_json(self) -> &'static str {
        match self {
            Self::PublicGood => SigstoreInstance::PublicGood,
            Self::Staging => SigstoreInstance::Staging,
            Self::GitHub => SigstoreInstance::GitHub,
        }
        .embedded_trusted_root_json()
    }
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
    /// The document is too large.
    #[error("expected at most {MAX_TRUSTED_ROOT_BYTES} bytes of trusted root, found {found}")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
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
    #[error("expected at least one authority or log, found none")]
    Empty,
}

impl TrustRoot {
    /// A trust root from the standard `trusted_root.json` (sigstore protobuf-specs, `TrustedRoot`).
    ///
    /// # Errors
    ///
    /// [`TrustError`] when the document or some part of it is not usable.
    pub fn from_json(
        name: &str,
        json: &str,
        options: TrustRootOptions,
    ) -> Result<Self, TrustError> {
        if json.len() > MAX_TRUSTED_ROOT_BYTES {
            return Err(TrustError::TooLarge { found: json.len() });
        }
        let root = material::parse(json).map_err(|error| TrustError::Malformed {
            detail: error.to_string(),
        })?;
        Self::from_trusted_root(name, &root, options)
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
        Self::from_json(name, instance.trusted_root_json(), options)
    }

    /// A trust root from PEM parts, without validity windows beside those in the certificates.
    ///
    /// # Errors
    ///
    /// [`TrustError`] when some part is not usable, or there is none.
    pub fn from_parts(
        name: &str,
        parts: &TrustRootParts,
        options: TrustRootOptions,
    ) -> Result<Self, TrustError> {
        let json = material::trusted_root_from_parts(parts)?;
        Self::from_json(name, &json, options)
    }

    fn from_trusted_root(
        name: &str,
        root: &TrustedRoot,
        options: TrustRootOptions,
    ) -> Result<Self, TrustError> {
        let canonical = serde_json::to_string(root).map_err(|error| TrustError::Malformed {
            detail: error.to_string(),
        })?;
        let digest = Digest::sha256(format!("{canonical}\n{options:?}").as_bytes());
        let material = Material::prepare(root)?;
        Ok(Self {
            name: name.to_owned(),
            digest,
            options,
            material,
        })
    }

    /// The name under which policies know it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 over the material and the requirements: the identity of this trust root in reports.
    /// White space and order of fields in the source do not matter.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What evidence must bring.
    pub const fn requirements(&self) -> &Requirements {
        &self.options.requirements
    }

    /// When it stops being usable.
    pub const fn expires(&self) -> Option<Timestamp> {
        self.options.expires
    }

    /// The parsed keys and authorities.
    pub(crate) const fn material(&self) -> &Material {
        &self.material
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_roots_are_usable() {
        for instance in [Instance::PublicGood, Instance::Staging, Instance::GitHub] {
            let root = TrustRoot::embedded("x", instance, TrustRootOptions::default()).unwrap();
            assert!(!root.material().authorities.is_empty(), "{instance:?}");
        }
    }

    #[test]
    fn requirements_are_part_of_the_identity() {
        let root = |options| TrustRoot::embedded("x", Instance::PublicGood, options).unwrap();
        let strict = root(TrustRootOptions::default());
        let lax = Requirements {
            logs: 0,
            ..Requirements::default()
        };
        let lax = root(TrustRootOptions {
            requirements: lax,
            expires: None,
        });
        assert_ne!(strict.digest(), lax.digest());
    }

    /// The public-good root, changed.
    fn changed(change: impl FnOnce(&mut serde_json::Value)) -> Result<TrustRoot, TrustError> {
        let mut json = serde_json::from_str(Instance::PublicGood.trusted_root_json()).unwrap();
        change(&mut json);
        TrustRoot::from_json("x", &json.to_string(), TrustRootOptions::default())
    }

    #[test]
    fn a_root_is_read_up_to_its_bound_in_bytes() {
        let json = Instance::PublicGood.trusted_root_json();
        let padded = |bytes: usize| {
            let text = format!("{json}{}", " ".repeat(bytes - json.len()));
            TrustRoot::from_json("x", &text, TrustRootOptions::default())
        };
        assert!(padded(MAX_TRUSTED_ROOT_BYTES).is_ok());
        let found = MAX_TRUSTED_ROOT_BYTES + 1;
        assert_eq!(padded(found).unwrap_err(), TrustError::TooLarge { found });
    }

    #[test]
    fn the_parts_of_a_root_and_the_certificates_of_a_chain_are_bounded() {
        use super::material::{MAX_CHAIN, MAX_PARTS};
        let authorities = |count: usize| {
            changed(|root| {
                let one = root["certificateAuthorities"][0].clone();
                root["certificateAuthorities"] = vec![one; count].into();
            })
        };
        let chain = |count: usize| {
            changed(|root| {
                let authority = &mut root["certificateAuthorities"][0];
                let one = authority["certChain"]["certificates"][0].clone();
                authority["certChain"]["certificates"] = vec![one; count].into();
            })
        };
        let pem = |count: usize| {
            let one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
            material::pem_certificates(&one.repeat(count))
        };
        assert_eq!(authorities(MAX_PARTS).err(), None);
        let refused = authorities(MAX_PARTS + 1);
        assert!(
            matches!(&refused, Err(TrustError::Unusable { detail, .. }) if detail.contains("at most 256 of each")),
            "{refused:?}"
        );
        assert_eq!(chain(MAX_CHAIN).err(), None);
        let refused = chain(MAX_CHAIN + 1);
        assert!(
            matches!(&refused, Err(TrustError::Unusable { detail, .. }) if detail.contains("at most 8 certificates")),
            "{refused:?}"
        );
        assert_eq!(pem(MAX_CHAIN).map(|list| list.len()), Ok(MAX_CHAIN));
        assert!(pem(MAX_CHAIN + 1).is_err());
    }

    #[test]
    fn an_empty_or_broken_root_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#,
        ] {
            let root = TrustRoot::from_json("x", text, TrustRootOptions::default());
            assert!(root.is_err(), "{text}");
        }
        let parts = TrustRootParts {
            transparency_logs: vec!["no".into()],
            ..Default::default()
        };
        assert!(TrustRoot::from_parts("x", &parts, TrustRootOptions::default()).is_err());
    }
}
