//! Images to sign: an index of two platforms, different for each seed.

use serde_json::{Value, json};

use crate::registry::{INDEX, MANIFEST, Registry};

/// The platforms of every image here.
pub const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];

/// An image that was pushed.
#[derive(Clone, Debug)]
pub struct Image {
    /// The repository without the registry.
    pub repository: String,
    /// The digest of the index.
    pub digest: String,
    /// The digests of the platforms, in the order of [`ARCHITECTURES`].
    pub platforms: Vec<String>,
    /// The descriptor of the index.
    pub descriptor: Value,
}

impl Image {
    /// Pushes an image as tag `v1` of `repository`.
    pub fn push(registry: &Registry, repository: &str, seed: &str) -> Self {
        let manifests: Vec<Value> = ARCHITECTURES
            .iter()
            .map(|architecture| push_platform(registry, repository, architecture, seed))
            .collect();
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        let descriptor = registry.push_manifest(repository, Some("v1"), &index);
        Self {
            repository: repository.to_owned(),
            digest: descriptor["digest"].as_str().unwrap().to_owned(),
            platforms: manifests
                .iter()
                .map(|manifest| manifest["digest"].as_str().unwrap().to_owned())
                .collect(),
            descriptor,
        }
    }

    /// The reference by digest on a registry or proxy.
    pub fn at(&self, host: impl std::fmt::Display) -> String {
        format!("{host}/{}@{}", self.repository, self.digest)
    }

    /// The references of the platforms on a registry or proxy.
    pub fn platforms_at(&self, host: impl std::fmt::Display) -> Vec<String> {
        let repository = &self.repository;
        let reference = |digest| format!("{host}/{repository}@{digest}");
        self.platforms.iter().map(reference).collect()
    }

    /// The reference by tag on a registry or proxy.
    pub fn tagged_at(&self, host: impl std::fmt::Display) -> String {
        format!("{host}/{}:v1", self.repository)
    }

    /// The tag under which cosign 2 keeps `what` (`sig` or `att`) of the index.
    pub fn cosign_tag(&self, what: &str) -> String {
        format!("{}.{what}", self.digest.replace(':', "-"))
    }

    /// Attaches a Sigstore bundle to the index, as cosign 3 does.
    pub fn attach_bundle(&self, registry: &Registry, bundle: &[u8]) -> Value {
        const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
        let empty = "application/vnd.oci.empty.v1+json";
        let config = registry.push_blob(&self.repository, empty, b"{}");
        let layer = registry.push_blob(&self.repository, BUNDLE, bundle);
        registry.push_manifest(
            &self.repository,
            None,
            &json!({
                "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": BUNDLE,
                "config": config, "layers": [layer], "subject": self.descriptor,
            }),
        )
    }
}

/// Pushes one platform's manifest and describes it for the index.
fn push_platform(registry: &Registry, repository: &str, architecture: &str, seed: &str) -> Value {
    let config = json!({
        "architecture": architecture, "os": "linux",
        "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let layer = format!("layer of {seed} for {architecture}");
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": registry.push_blob(repository, "application/vnd.oci.image.config.v1+json", config.to_string().as_bytes()),
        "layers": [registry.push_blob(repository, "application/vnd.oci.image.layer.v1.tar", layer.as_bytes())],
    });
    let mut descriptor = registry.push_manifest(repository, None, &manifest);
    descriptor["platform"] = json!({ "architecture": architecture, "os": "linux" });
    descriptor
}
