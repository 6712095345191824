//! Evidence: bytes that someone published about an image, and where they were found.
//!
//! **Invariant**: nothing here is trusted. Discovery fills these types; only `verify` reads them.

use std::collections::BTreeMap;
use std::fmt;

use crate::code::Code;
use crate::digest::Digest;
use crate::image::PinnedImage;

/// All that discovery found about one image.
#[derive(Clone, Debug)]
pub struct EvidenceSet {
    /// The image, resolved once.
    pub image: PinnedImage,
    /// Every piece of evidence, in the order of discovery. Order never changes a verdict.
    pub evidence: Vec<Evidence>,
    /// What discovery could not read: places that answered with an error, or bounds that were hit.
    /// Evidence may be hidden behind each of them.
    pub gaps: Vec<Gap>,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The digest of the manifest that it was found attached to: the image itself, or one of the
    /// manifests of its index. A claim until the content says so too.
    pub subject: Digest,
    /// Where it was found.
    pub origin: Origin,
    /// The bytes, by the form in which they were published.
    pub form: Form,
}

/// The form in which evidence was published; nothing in it has been parsed but the envelope of
/// the place where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// A Sigstore bundle, any version (JSON).
    Bundle(Vec<u8>),
    /// A layer of a cosign `.sig` manifest or a `skopeo dir:` signature: a simple-signing payload
    /// and the annotations that carry signature, certificate, chain, log entry and timestamp.
    CosignSignature {
        /// The simple-signing payload that was signed.
        payload: Vec<u8>,
        /// The annotations of the layer.
        annotations: BTreeMap<String, String>,
    },
    /// A layer of a cosign `.att` manifest: a DSSE envelope and the annotations beside it.
    CosignAttestation {
        /// The DSSE envelope (JSON).
        envelope: Vec<u8>,
        /// The annotations of the layer.
        annotations: BTreeMap<String, String>,
    },
    /// An SBOM attached with `cosign attach sbom`: unsigned, reported as such.
    UnsignedSbom {
        /// The media type as announced.
        media_type: String,
        /// The document.
        document: Vec<u8>,
    },
    /// An in-toto statement in an attestation manifest of the index (BuildKit): unsigned by
    /// itself, covered only by a signature on the index.
    IndexStatement {
        /// The predicate type as announced.
        predicate_type: String,
        /// The statement (JSON).
        statement: Vec<u8>,
    },
    /// Something attached that we do not read, for example a Notary signature.
    Other {
        /// The artifact type as announced.
        artifact_type: String,
    },
}

impl Form {
    /// The bytes of the evidence itself, without annotations.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bundle(bytes)
            | Self::CosignSignature { payload: bytes, .. }
            | Self::CosignAttestation {
                envelope: bytes, ..
            }
            | Self::UnsignedSbom {
                document: bytes, ..
            }
            | Self::IndexStatement {
                statement: bytes, ..
            } => bytes,
            Self::Other { .. } => &[],
        }
    }
}

impl Form {
    /// The form of a signed document in a file: a Sigstore bundle or a bare DSSE envelope, by the
    /// member that each must have. Nothing else of it is looked at.
    ///
    /// # Errors
    ///
    /// The bytes, where they are neither: nobody signed them in a form that we know.
    pub fn of_signed(bytes: Vec<u8>) -> Result<Self, Vec<u8>> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape {
            media_type: Option<serde::de::IgnoredAny>,
            payload_type: Option<serde::de::IgnoredAny>,
        }
        match crate::json::from_slice::<Shape>(&bytes) {
            Ok(shape) if shape.media_type.is_some() => Ok(Self::Bundle(bytes)),
            Ok(shape) if shape.payload_type.is_some() => Ok(Self::CosignAttestation {
                envelope: bytes,
                annotations: BTreeMap::new(),
            }),
            _ => Err(bytes),
        }
    }
}

/// How evidence is tied to the image in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OriginKind {
    /// The referrers API of OCI distribution 1.1, or a `subject` inside an OCI layout.
    Referrers,
    /// The fallback tag `sha256-<hex>` of the referrers API.
    ReferrersTag,
    /// A cosign tag `sha256-<hex>.sig`, `.att` or `.sbom`.
    CosignTag,
    /// An attestation manifest inside the index.
    Index,
    /// A `signature-N` file of a `skopeo dir:` directory.
    Directory,
    /// A file that the user named.
    File,
}

impl OriginKind {
    /// The kind as it is written in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Referrers => "referrers",
            Self::ReferrersTag => "referrers-tag",
            Self::CosignTag => "cosign-tag",
            Self::Index => "index",
            Self::Directory => "directory",
            Self::File => "file",
        }
    }
}

/// Where a piece of evidence was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// How it is tied to the image.
    pub kind: OriginKind,
    /// The place, for people: `registry.example/app:sha256-….sig`, a path, a layout.
    pub place: String,
    /// The manifest that carried it, where there is one.
    pub manifest: Option<Digest>,
    /// The digest of the evidence's own bytes.
    pub blob: Digest,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.place, self.kind.name())
    }
}

/// A place that discovery could not read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub code: Code,
    /// The place.
    pub place: String,
    /// What was expected there.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}
