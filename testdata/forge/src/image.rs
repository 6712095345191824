//! Images: manifests, configurations and small real layers, with their descriptors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::encoding::digest_of;

/// The media type of image manifests.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of indexes.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The media type of configurations.
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// The media type of plain layers.
pub const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// The media type of the empty configuration, `{}`.
pub const OCI_EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// What points at bytes (OCI image specification, `descriptor.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The media type.
    pub media_type: String,
    /// `sha256:<hex>`.
    pub digest: String,
    /// Bytes.
    pub size: usize,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Operating system and architecture.
    pub platform: Option<(String, String)>,
    /// The artifact type, which is a claim only.
    pub artifact_type: Option<String>,
}

impl Descriptor {
    /// Points at `bytes`.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: digest_of(bytes),
            size: bytes.len(),
            annotations: BTreeMap::new(),
            platform: None,
            artifact_type: None,
        }
    }

    /// The same, annotated.
    pub fn annotated(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same, for a platform `os/architecture`.
    pub fn for_platform(mut self, platform: &str) -> Self {
        let (os, architecture) = platform.split_once('/').unwrap();
        self.platform = Some((os.to_owned(), architecture.to_owned()));
        self
    }

    /// The hexadecimal part of the digest.
    pub fn hex(&self) -> &str {
        self.digest.strip_prefix("sha256:").unwrap()
    }

    /// The descriptor as JSON.
    pub fn json(&self) -> Value {
        let mut out = json!({
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.size,
        });
        if !self.annotations.is_empty() {
            out["annotations"] = json!(self.annotations);
        }
        if let Some((os, architecture)) = &self.platform {
            out["platform"] = json!({ "architecture": architecture, "os": os });
        }
        if let Some(artifact_type) = &self.artifact_type {
            out["artifactType"] = json!(artifact_type);
        }
        out
    }
}

/// A layer with one small file in it.
pub fn layer(file: &str, content: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    append(&mut builder, file, content.as_bytes());
    builder.into_inner().unwrap()
}

/// Appends a file to an archive that is the same on every machine and at every time.
pub(crate) fn append(builder: &mut tar::Builder<Vec<u8>>, path: &str, content: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.set_size(u64::try_from(content.len()).unwrap());
    header.set_mode(0o644);
    header.set_mtime(0);
    builder.append_data(&mut header, path, content).unwrap();
}

/// The configuration of an image for `os/architecture` with one layer.
pub(crate) fn configuration(platform: &str, layer: &[u8]) -> Vec<u8> {
    let (os, architecture) = platform.split_once('/').unwrap();
    json!({
        "architecture": architecture,
        "config": { "Entrypoint": ["/bin/app"] },
        "created": "2026-03-02T11:03:40Z",
        "history": [{ "created": "2026-03-02T11:03:40Z", "created_by": "forge" }],
        "os": os,
        "rootfs": { "diff_ids": [digest_of(layer)], "type": "layers" },
    })
    .to_string()
    .into_bytes()
}

/// A manifest (OCI image specification, `manifest.md`).
pub(crate) fn manifest(config: &Descriptor, layers: &[Descriptor]) -> Value {
    let layers: Vec<Value> = layers.iter().map(Descriptor::json).collect();
    json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.json(),
        "layers": layers,
    })
}

/// An index (OCI image specification, `image-index.md`).
pub(crate) fn index(manifests: &[Descriptor]) -> Value {
    let manifests: Vec<Value> = manifests.iter().map(Descriptor::json).collect();
    json!({
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": manifests,
    })
}
