//! OCI image layouts: images with all that is attached to them, in a directory or an archive.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::bundle::Bundle;
use crate::envelope::Content;
use crate::image::{
    Descriptor, OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, append, configuration,
    index, layer, manifest,
};
use crate::legacy::CosignLayer;
use crate::statement::Statement;

/// The annotation that names an entry of a layout.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The artifact type of Sigstore bundles.
pub const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A layout in memory.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Blobs by digest.
    pub blobs: BTreeMap<String, Vec<u8>>,
    /// The entries of `index.json`.
    pub entries: Vec<Descriptor>,
    /// Files that lie, by path: written as they are, whatever the layout says.
    pub overrides: BTreeMap<String, Vec<u8>>,
}

impl Layout {
    /// An empty layout.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores bytes.
    pub fn put(&mut self, media_type: &str, bytes: &[u8]) -> Descriptor {
        let descriptor = Descriptor::of(media_type, bytes);
        self.blobs.insert(descriptor.digest.clone(), bytes.to_vec());
        descriptor
    }

    /// Stores a document.
    pub fn put_json(&mut self, media_type: &str, document: &Value) -> Descriptor {
        self.put(media_type, document.to_string().as_bytes())
    }

    /// An image for `os/architecture` with one layer that holds `content`.
    pub fn image(&mut self, platform: &str, content: &str) -> Descriptor {
        let layer = layer("bin/app", content);
        let config = self.put(OCI_CONFIG, &configuration(platform, &layer));
        let layer = self.put(OCI_LAYER, &layer);
        self.put_json(OCI_MANIFEST, &manifest(&config, &[layer]))
            .for_platform(platform)
    }

    /// An index of these images.
    pub fn index(&mut self, images: &[Descriptor]) -> Descriptor {
        self.put_json(OCI_INDEX, &index(images))
    }

    /// What `BuildKit` adds to an index about `image`: a manifest of unsigned statements.
    pub fn attestation_manifest(
        &mut self,
        image: &Descriptor,
        statements: &[Statement],
    ) -> Descriptor {
        let mut layers = Vec::new();
        for statement in statements {
            let layer = self.put("application/vnd.in-toto+json", &statement.bytes());
            layers.push(layer.annotated("in-toto.io/predicate-type", &statement.predicate_type));
        }
        let digests: Vec<&String> = layers.iter().map(|layer| &layer.digest).collect();
        let config = json!({
            "architecture": "unknown",
            "config": {},
            "os": "unknown",
            "rootfs": { "diff_ids": digests, "type": "layers" },
        });
        let config = self.put_json(OCI_CONFIG, &config);
        self.put_json(OCI_MANIFEST, &manifest(&config, &layers))
            .for_platform("unknown/unknown")
            .annotated("vnd.docker.reference.digest", &image.digest)
            .annotated("vnd.docker.reference.type", "attestation-manifest")
    }

    /// Names an entry.
    pub fn tag(&mut self, descriptor: &Descriptor, name: &str) {
        let named = descriptor.clone().annotated(REF_NAME, name);
        self.entries.push(named);
    }

    /// Lists an entry under the role that `cosign save` gives it, for example
    /// `dev.cosignproject.cosign/image`.
    pub fn list_as(&mut self, descriptor: &Descriptor, role: &str) {
        let entry = descriptor.clone().annotated("kind", role);
        self.entries.push(entry);
    }

    /// Attaches a bundle as a referrer, as cosign 3 does.
    pub fn attach_bundle(&mut self, subject: &Descriptor, bundle: &Bundle) -> Descriptor {
        self.attach(subject, &bundle.bytes(), &bundle_annotations(bundle))
    }

    /// Attaches bytes as a referrer that calls itself a Sigstore bundle.
    pub fn attach(
        &mut self,
        subject: &Descriptor,
        bytes: &[u8],
        annotations: &BTreeMap<String, String>,
    ) -> Descriptor {
        let referrer = self.referrer(subject, bytes, annotations);
        self.entries.push(referrer.clone());
        referrer
    }

    /// Stores a referrer without listing it.
    fn referrer(
        &mut self,
        subject: &Descriptor,
        bytes: &[u8],
        annotations: &BTreeMap<String, String>,
    ) -> Descriptor {
        let config = self.put(OCI_EMPTY, b"{}");
        let blob = self.put(BUNDLE_TYPE, bytes);
        let mut document = manifest(&config, &[blob]);
        document["artifactType"] = json!(BUNDLE_TYPE);
        document["annotations"] = json!(annotations);
        let bare = Descriptor {
            annotations: BTreeMap::new(),
            platform: None,
            artifact_type: None,
            ..subject.clone()
        };
        document["subject"] = bare.json();
        let mut referrer = self.put_json(OCI_MANIFEST, &document);
        referrer.artifact_type = Some(BUNDLE_TYPE.to_owned());
        referrer.annotations.clone_from(annotations);
        referrer
    }

    /// Attaches bundles under the fallback tag of the referrers API (OCI distribution
    /// specification, "Referrers Tag Schema").
    pub fn attach_by_tag(&mut self, subject: &Descriptor, bundles: &[Bundle]) {
        let referrers: Vec<Descriptor> = bundles
            .iter()
            .map(|bundle| self.referrer(subject, &bundle.bytes(), &bundle_annotations(bundle)))
            .collect();
        let index = self.index(&referrers);
        self.tag(&index, &format!("sha256-{}", subject.hex()));
    }

    /// Attaches cosign's older layers: `suffix` is `sig` or `att`.
    pub fn attach_layers(&mut self, subject: &Descriptor, suffix: &str, layers: &[CosignLayer]) {
        let manifest = self.layers(layers);
        self.tag(&manifest, &format!("sha256-{}.{suffix}", subject.hex()));
    }

    /// Stores a manifest of cosign's older layers without listing it.
    pub fn layers(&mut self, layers: &[CosignLayer]) -> Descriptor {
        let mut descriptors = Vec::new();
        for layer in layers {
            let mut descriptor = self.put(&layer.media_type, &layer.blob);
            descriptor.annotations.clone_from(&layer.annotations);
            descriptors.push(descriptor);
        }
        let digests: Vec<&String> = descriptors.iter().map(|layer| &layer.digest).collect();
        let config = json!({
            "architecture": "",
            "config": {},
            "created": "0001-01-01T00:00:00Z",
            "history": [{ "created": "0001-01-01T00:00:00Z" }],
            "os": "",
            "rootfs": { "diff_ids": digests, "type": "layers" },
        });
        let config = self.put_json(OCI_CONFIG, &config);
        self.put_json(OCI_MANIFEST, &manifest(&config, &descriptors))
    }

    /// Attaches an SBOM as `cosign attach sbom` did: unsigned.
    pub fn attach_sbom(&mut self, subject: &Descriptor, media_type: &str, document: &[u8]) {
        let config = self.put_json(OCI_CONFIG, &json!({}));
        let layer = self.put(media_type, document);
        let manifest = self.put_json(OCI_MANIFEST, &manifest(&config, &[layer]));
        self.tag(&manifest, &format!("sha256-{}.sbom", subject.hex()));
    }

    /// The files of the layout, by path.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let marker = json!({ "imageLayoutVersion": "1.0.0" }).to_string();
        files.insert("oci-layout".to_owned(), marker.into_bytes());
        let index = format!("{:#}\n", index(&self.entries));
        files.insert("index.json".to_owned(), index.into_bytes());
        for (digest, bytes) in &self.blobs {
            let path = format!("blobs/{}", digest.replace(':', "/"));
            files.insert(path, bytes.clone());
        }
        files.extend(self.overrides.clone());
        files
    }

    /// Writes the layout into a directory, which is created.
    pub fn write_to(&self, directory: &Path) {
        write_files(directory, &self.files());
    }

    /// The layout as an archive (`oci-archive:`).
    pub fn archive(&self) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, bytes) in self.files() {
            append(&mut builder, &path, &bytes);
        }
        builder.into_inner().unwrap()
    }

    /// Writes one image as `skopeo copy … dir:` does, with signatures beside it.
    pub fn write_skopeo_dir(
        &self,
        image: &Descriptor,
        signatures: &[CosignLayer],
        directory: &Path,
    ) {
        let mut files = BTreeMap::new();
        let version = b"Directory Transport Version: 1.1\n".to_vec();
        files.insert("version".to_owned(), version);
        files.insert(
            "manifest.json".to_owned(),
            self.blobs[&image.digest].clone(),
        );
        let manifest: Value = serde_json::from_slice(&self.blobs[&image.digest]).unwrap();
        let layers = manifest["layers"].as_array().into_iter().flatten();
        for part in layers.chain([&manifest["config"]]) {
            let digest = part["digest"].as_str().unwrap();
            let name = digest.strip_prefix("sha256:").unwrap().to_owned();
            files.insert(name, self.blobs[digest].clone());
        }
        for (number, signature) in signatures.iter().enumerate() {
            let document = json!({
                "mimeType": signature.media_type,
                "payload": crate::encoding::base64(&signature.blob),
                "annotations": signature.annotations,
            });
            let bytes = format!("\0sigstore-json\n{document}").into_bytes();
            files.insert(format!("signature-{}", number + 1), bytes);
        }
        write_files(directory, &files);
    }
}

fn bundle_annotations(bundle: &Bundle) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::new();
    let mut annotate = |name: &str, value: &str| {
        annotations.insert(name.to_owned(), value.to_owned());
    };
    match &bundle.content {
        Content::Message { .. } => annotate("dev.sigstore.bundle.content", "message-signature"),
        Content::Dsse(envelope) => {
            annotate("dev.sigstore.bundle.content", "dsse-envelope");
            let statement: Value = serde_json::from_slice(&envelope.payload).unwrap_or_default();
            let predicate_type = statement["predicateType"].as_str().unwrap_or_default();
            annotate("dev.sigstore.bundle.predicateType", predicate_type);
        }
    }
    annotate("org.opencontainers.image.created", crate::SIGNING_TIME);
    annotations
}

fn write_files(directory: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in files {
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
