//! OCI image manifests and indexes, parsed from bytes whose digest was checked.

use std::collections::BTreeMap;

use super::Platform;
use crate::digest::Digest;

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// A manifest or an index, whichever the bytes are; never both.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Document {
    /// An image (or artifact) manifest.
    Manifest(Manifest),
    /// An index of manifests.
    Index(Index),
}

/// A pointer to content: media type, digest and size are claims until the content is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The media type, as claimed.
    pub media_type: String,
    /// The digest of the content.
    pub digest: Digest,
    /// The size of the content in bytes, as claimed.
    pub size: u64,
    /// Annotations, unsigned unless the document that holds them is.
    pub annotations: BTreeMap<String, String>,
    /// The platform, in the descriptors of an index.
    pub platform: Option<Platform>,
    /// The artifact type, as claimed by whoever wrote the descriptor.
    pub artifact_type: Option<String>,
}

/// An OCI image manifest or Docker manifest of schema 2.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The media type of the document.
    pub media_type: String,
    /// The type of artifact: `artifactType`, or the config's media type as the fallback that the
    /// image specification prescribes.
    pub artifact_type: String,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, in order.
    pub layers: Vec<Descriptor>,
    /// The manifest that this one refers to.
    pub subject: Option<Descriptor>,
    /// Annotations of the manifest.
    pub annotations: BTreeMap<String, String>,
}

/// An OCI image index or Docker manifest list.
#[derive(Clone, Debug)]
pub struct Index {
    /// The media type of the document.
    pub media_type: String,
    /// The manifests, in order.
    pub manifests: Vec<Descriptor>,
    /// The manifest that this one refers to.
    pub subject: Option<Descriptor>,
    /// Annotations of the index.
    pub annotations: BTreeMap<String, String>,
}

/// Why bytes are not a manifest that we take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The document is not JSON of the expected shape.
    #[error("not an image manifest or index: {detail}")]
    Malformed {
        /// What the parser said.
        detail: String,
    },
    /// The document can be read both as manifest and as index (CVE-2021-41190).
    #[error("ambiguous document: it has both manifest and index fields")]
    Ambiguous,
    /// A name is another one to readers that ignore case.
    #[error("ambiguous document: `{found}` is another name to readers that ignore case")]
    AmbiguousName {
        /// The name as written.
        found: String,
    },
    /// The media type is not supported.
    #[error("expected an OCI or Docker schema 2 manifest or index, found media type `{found}`")]
    UnsupportedMediaType {
        /// The media type found.
        found: String,
    },
    /// The document's own media type contradicts what the server or descriptor said.
    #[error("expected media type `{expected}`, but the document says `{found}`")]
    MediaTypeMismatch {
        /// The media type by which the document was announced.
        expected: String,
        /// The media type inside.
        found: String,
    },
}

/// The fields that tell manifest from index, read before either.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    media_type: Option<String>,
    schema_version: Option<u64>,
    config: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
    manifests: Option<serde::de::IgnoredAny>,
    #[serde(rename = "fsLayers")]
    fs_layers: Option<serde::de::IgnoredAny>,
}

impl Document {
    /// Parses `bytes`, which were announced as `announced` (a `Content-Type` or a descriptor's
    /// media type) where somebody announced them.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] when the bytes are no manifest, an ambiguous one, or not the kind that
    /// was announced.
    pub fn parse(bytes: &[u8], announced: Option<&str>) -> Result<Self, ManifestError> {
        let malformed = |error: serde_json::Error| ManifestError::Malformed {
            detail: error.to_string(),
        };
        let shape: Shape = crate::json::from_slice(bytes).map_err(malformed)?;
        if let Some(found) = super::spelling::ambiguous(bytes).map_err(malformed)? {
            return Err(ManifestError::AmbiguousName { found });
        }
        let media_type = shape.media_type(announced)?;
        match media_type.as_str() {
            OCI_MANIFEST | DOCKER_MANIFEST => {
                let manifest = crate::json::from_slice(bytes).map_err(malformed)?;
                Manifest::from_spec(media_type, &manifest).map(Self::Manifest)
            }
            OCI_INDEX | DOCKER_LIST => {
                let index = crate::json::from_slice(bytes).map_err(malformed)?;
                Index::from_spec(media_type, &index).map(Self::Index)
            }
            _ => Err(ManifestError::UnsupportedMediaType { found: media_type }),
        }
    }

    /// The media type of the document.
    pub fn media_type(&self) -> &str {
        match self {
            Self::Manifest(manifest) => &manifest.media_type,
            Self::Index(index) => &index.media_type,
        }
    }
}

impl Shape {
    /// Decides what the document is, refusing every document that two readers could take for two
    /// different things.
    fn media_type(self, announced: Option<&str>) -> Result<String, ManifestError> {
        let is_manifest = self.config.is_some() || self.layers.is_some();
        let is_index = self.manifests.is_some();
        if (is_manifest || self.fs_layers.is_some()) && is_index {
            return Err(ManifestError::Ambiguous);
        }
        if self.schema_version == Some(1) || self.fs_layers.is_some() {
            let found = "application/vnd.docker.distribution.manifest.v1+json".to_owned();
            return Err(ManifestError::UnsupportedMediaType { found });
        }
        // A `Content-Type` may carry parameters; `application/json` and friends announce nothing.
        let announced = announced
            .map(|value| value.split(';').next().unwrap_or_default().trim())
            .filter(|value| value.starts_with("application/vnd."));
        let media_type = match (self.media_type, announced) {
            (Some(inner), Some(outer)) if inner != outer => {
                let expected = outer.to_owned();
                return Err(ManifestError::MediaTypeMismatch {
                    expected,
                    found: inner,
                });
            }
            (Some(inner), _) => inner,
            (None, Some(outer)) => outer.to_owned(),
            (None, None) if is_index => OCI_INDEX.to_owned(),
            (None, None) if is_manifest => OCI_MANIFEST.to_owned(),
            (None, None) => {
                let detail = "it has neither `manifests` nor `config` and `layers`".to_owned();
                return Err(ManifestError::Malformed { detail });
            }
        };
        let says_index = matches!(media_type.as_str(), OCI_INDEX | DOCKER_LIST);
        if (says_index && is_manifest) || (!says_index && is_index) {
            return Err(ManifestError::Ambiguous);
        }
        Ok(media_type)
    }
}

impl Manifest {
    fn from_spec(
        media_type: String,
        spec: &oci_spec::image::ImageManifest,
    ) -> Result<Self, ManifestError> {
        let config = Descriptor::from_spec(spec.config())?;
        let artifact_type = spec.artifact_type().as_ref().map(ToString::to_string);
        Ok(Self {
            media_type,
            artifact_type: artifact_type.unwrap_or_else(|| config.media_type.clone()),
            config,
            layers: spec
                .layers()
                .iter()
                .map(Descriptor::from_spec)
                .collect::<Result<_, _>>()?,
            subject: spec
                .subject()
                .as_ref()
                .map(Descriptor::from_spec)
                .transpose()?,
            annotations: spec
                .annotations()
                .clone()
                .unwrap_or_default()
                .into_iter()
                .collect(),
        })
    }
}

impl Index {
    fn from_spec(
        media_type: String,
        spec: &oci_spec::image::ImageIndex,
    ) -> Result<Self, ManifestError> {
        Ok(Self {
            media_type,
            manifests: spec
                .manifests()
                .iter()
                .map(Descriptor::from_spec)
                .collect::<Result<_, _>>()?,
            subject: spec
                .subject()
                .as_ref()
                .map(Descriptor::from_spec)
                .transpose()?,
            annotations: spec
                .annotations()
                .clone()
                .unwrap_or_default()
                .into_iter()
                .collect(),
        })
    }
}

impl Descriptor {
    fn from_spec(spec: &oci_spec::image::Descriptor) -> Result<Self, ManifestError> {
        let digest =
            spec.digest()
                .to_string()
                .parse()
                .map_err(
                    |error: crate::digest::DigestError| ManifestError::Malformed {
                        detail: format!("descriptor digest: {error}"),
                    },
                )?;
        // To runtimes no system is their own one (containerd `platforms`, `normalizeOS`): an entry that
        // leaves out a part may be picked for any platform, as one without any.
        let named = spec.platform().as_ref().filter(|platform| {
            let parts = [
                platform.os().to_string(),
                platform.architecture().to_string(),
            ];
            parts.iter().all(|part| !part.is_empty())
        });
        let platform = named.map(|platform| {
            let variant = platform.variant().as_deref();
            Platform::new(
                &platform.os().to_string(),
                &platform.architecture().to_string(),
                variant,
            )
        });
        Ok(Self {
            media_type: spec.media_type().to_string(),
            digest,
            size: spec.size(),
            annotations: spec
                .annotations()
                .clone()
                .unwrap_or_default()
                .into_iter()
                .collect(),
            platform,
            artifact_type: spec.artifact_type().as_ref().map(ToString::to_string),
        })
    }

    /// Whether this descriptor marks a `BuildKit` attestation manifest, which is no platform.
    pub fn is_attestation_manifest(&self) -> bool {
        self.annotations
            .get("vnd.docker.reference.type")
            .map(String::as_str)
            == Some("attestation-manifest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor() -> String {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{}","size":2}}"#,
            "a".repeat(64)
        )
    }

    fn manifest(extra: &str) -> String {
        format!(
            r#"{{"schemaVersion":2,"config":{},"layers":[]{extra}}}"#,
            descriptor()
        )
    }

    #[test]
    fn a_document_without_media_type_is_known_by_its_fields() {
        assert!(matches!(
            Document::parse(manifest("").as_bytes(), None),
            Ok(Document::Manifest(_))
        ));
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, descriptor());
        assert!(matches!(
            Document::parse(index.as_bytes(), None),
            Ok(Document::Index(_))
        ));
    }

    #[test]
    fn a_document_that_is_two_things_is_refused() {
        let both = manifest(r#","manifests":[]"#);
        assert_eq!(
            Document::parse(both.as_bytes(), None).unwrap_err(),
            ManifestError::Ambiguous
        );
        let lying = manifest(&format!(r#","mediaType":"{OCI_INDEX}""#));
        assert_eq!(
            Document::parse(lying.as_bytes(), None).unwrap_err(),
            ManifestError::Ambiguous
        );
        let other = manifest(&format!(r#","mediaType":"{OCI_MANIFEST}""#));
        assert!(matches!(
            Document::parse(other.as_bytes(), Some(DOCKER_MANIFEST)),
            Err(ManifestError::MediaTypeMismatch { .. })
        ));
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            "null",
            "{\"schemaVersion\":1}",
            "{\"schemaVersion\":2,\"fsLayers\":[]}",
        ] {
            assert!(Document::parse(text.as_bytes(), None).is_err(), "{text}");
        }
        let trailing = format!("{} {{}}", manifest(""));
        assert!(Document::parse(trailing.as_bytes(), None).is_err());
        let duplicate = manifest(r#","layers":[]"#);
        assert!(Document::parse(duplicate.as_bytes(), None).is_err());
    }
}
