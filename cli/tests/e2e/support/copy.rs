//! Copies of a repository as an OCI layout or archive, with everything attached.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sovverify::Digest;

use sovverify_testbed::image::Image;
use sovverify_testbed::registry::{INDEX, Registry};

/// Copies an image with all its evidence into an OCI layout; the image has the name `v1`.
pub(crate) fn to_layout(registry: &Registry, image: &Image, folder: &Path) {
    let mut copy = Copy {
        registry,
        repository: &image.repository,
        blobs: BTreeMap::new(),
        roots: Vec::new(),
    };
    copy.root(&image.digest, Some("v1"));
    let mut manifests = vec![image.digest.clone()];
    manifests.extend(image.platforms.iter().cloned());
    for digest in manifests {
        let tag = digest.replace(':', "-");
        for name in [tag.clone(), format!("{tag}.sig"), format!("{tag}.att")] {
            copy.root(&name, Some(&name));
        }
        for referrer in copy.referrers(&digest) {
            copy.root(&referrer, None);
        }
    }
    copy.write(folder);
}

/// Packs a layout into an OCI archive.
pub(crate) fn to_archive(layout: &Path, file: &Path) {
    let mut archive = tar::Builder::new(fs::File::create(file).unwrap());
    archive.append_dir_all("", layout).unwrap();
    archive.finish().unwrap();
}

struct Copy<'a> {
    registry: &'a Registry,
    repository: &'a str,
    blobs: BTreeMap<String, Vec<u8>>,
    roots: Vec<Value>,
}

impl Copy<'_> {
    /// Takes a manifest with everything below it and lists it in the layout's index, if it exists.
    fn root(&mut self, name: &str, tag: Option<&str>) {
        let Some(found) = self.registry.manifest(self.repository, name) else {
            return;
        };
        let manifest: Value = serde_json::from_slice(&found.body).unwrap();
        let mut descriptor = json!({
            "mediaType": manifest["mediaType"],
            "digest": Digest::sha256(&found.body).to_string(),
            "size": found.body.len(),
        });
        if let Some(tag) = tag {
            descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": tag });
        }
        if !self.roots.contains(&descriptor) {
            self.roots.push(descriptor);
        }
        self.below(found.body, &manifest);
    }

    /// Takes a manifest's bytes and everything that it names.
    fn below(&mut self, bytes: Vec<u8>, manifest: &Value) {
        self.blobs.insert(Digest::sha256(&bytes).hex(), bytes);
        for child in manifest["manifests"].as_array().into_iter().flatten() {
            let digest = child["digest"].as_str().unwrap();
            let found = self.registry.manifest(self.repository, digest).unwrap();
            let manifest = serde_json::from_slice(&found.body).unwrap();
            self.below(found.body, &manifest);
        }
        let layers = manifest["layers"].as_array().into_iter().flatten();
        for blob in layers.chain(manifest.get("config")) {
            let bytes = self
                .registry
                .blob(self.repository, blob["digest"].as_str().unwrap());
            self.blobs.insert(Digest::sha256(&bytes).hex(), bytes);
        }
    }

    /// The digests of a manifest's referrers, from a registry that lists them.
    fn referrers(&self, digest: &str) -> Vec<String> {
        let Some(found) = self.registry.referrers(self.repository, digest) else {
            return Vec::new();
        };
        let index: Value = serde_json::from_slice(&found.body).unwrap();
        let manifests = index["manifests"].as_array().unwrap();
        manifests
            .iter()
            .map(|entry| entry["digest"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Writes the layout.
    fn write(&self, folder: &Path) {
        let blobs = folder.join("blobs/sha256");
        fs::create_dir_all(&blobs).unwrap();
        for (hex, bytes) in &self.blobs {
            fs::write(blobs.join(hex), bytes).unwrap();
        }
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": self.roots });
        fs::write(folder.join("index.json"), index.to_string()).unwrap();
        fs::write(
            folder.join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
    }
}
