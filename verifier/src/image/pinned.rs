//! The image that a verdict is about: one digest, and the manifests behind it.

use std::sync::Arc;

use super::{Document, ImageName, ImageReference, ManifestError, Platform};
use crate::digest::Digest;

/// An image resolved to one digest, whose manifest bytes were checked against it.
#[derive(Clone, Debug)]
pub struct PinnedImage {
    reference: String,
    name: Option<ImageName>,
    digest: Digest,
    bytes: Arc<[u8]>,
    document: Document,
}

/// One runnable manifest of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformManifest {
    /// The digest of the platform's manifest.
    pub digest: Digest,
    /// The platform, where the index names one.
    pub platform: Option<Platform>,
}

/// Why bytes could not be pinned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The bytes do not have the digest that was asked for.
    #[error("expected content with digest {expected}, found {found}")]
    DigestMismatch {
        /// The digest that was asked for.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// The bytes are no manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl PinnedImage {
    /// Pins `bytes` to `digest`. `reference` is what the user wrote; `name` is the canonical name
    /// that policies match, where the image has one.
    ///
    /// # Errors
    ///
    /// [`PinError`] when the bytes have another digest or are no manifest.
    pub fn pin(
        reference: String,
        name: Option<ImageName>,
        digest: Digest,
        bytes: &[u8],
        announced: Option<&str>,
    ) -> Result<Self, PinError> {
        let found = digest.algorithm().digest(bytes);
        if found != digest {
            return Err(PinError::DigestMismatch {
                expected: digest,
                found,
            });
        }
        Ok(Self {
            reference,
            name,
            digest,
            document: Document::parse(bytes, announced)?,
            bytes: bytes.into(),
        })
    }

    /// The same image, asked for as `reference`: for whoever resolved a tag first, and fetched by digest.
    #[must_use]
    pub fn written_as(mut self, reference: String) -> Self {
        self.reference = reference;
        self
    }

    /// The reference as the user wrote it.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The reference as a registry reads it, where the image was asked for under its own name: an
    /// image of a layout was not, even where it was given a name.
    pub fn registry_reference(&self) -> Option<ImageReference> {
        let reference: ImageReference = self.reference.parse().ok()?;
        (Some(reference.name()) == self.name.as_ref()).then_some(reference)
    }

    /// The canonical name, where the image has one.
    pub const fn name(&self) -> Option<&ImageName> {
        self.name.as_ref()
    }

    /// The digest of the manifest or index.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The bytes of the manifest or index, which have [`digest`](Self::digest).
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The manifest or index itself.
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// Whether the image is an index.
    pub const fn is_index(&self) -> bool {
        matches!(self.document, Document::Index(_))
    }

    /// Every manifest that can run: the entries of an index without the pseudo-platform under
    /// which `BuildKit`'s attestation manifests stand, or the single manifest itself.
    pub fn platforms(&self) -> Vec<PlatformManifest> {
        match &self.document {
            Document::Manifest(_) => {
                vec![PlatformManifest {
                    digest: self.digest.clone(),
                    platform: None,
                }]
            }
            Document::Index(index) => index
                .manifests
                .iter()
                // An annotation hides nothing: a runtime picks entries by platform, so only an entry
                // that no runtime can pick is left out, whatever it calls itself.
                .filter(|entry| !entry.platform.as_ref().is_some_and(Platform::is_unknown))
                .map(|entry| PlatformManifest {
                    digest: entry.digest.clone(),
                    platform: entry.platform.clone(),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_does_not_hide_a_platform() {
        let entry = |digest: &str, os: &str, annotations: &str| {
            format!(
                r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"sha256:{}","platform":{{"os":"{os}","architecture":"{os}"}}{annotations}}}"#,
                digest.repeat(64)
            )
        };
        let attestation = r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#;
        let index = format!(
            r#"{{"schemaVersion":2,"manifests":[{},{},{}]}}"#,
            entry("a", "linux", ""),
            entry("b", "linux", attestation),
            entry("c", "unknown", attestation),
        );
        let digest = Digest::sha256(index.as_bytes());
        let image = PinnedImage::pin("x".into(), None, digest, index.as_bytes(), None).unwrap();
        let found: Vec<String> = image.platforms().iter().map(|p| p.digest.hex()).collect();
        assert_eq!(found, ["a".repeat(64), "b".repeat(64)]);
    }
}
