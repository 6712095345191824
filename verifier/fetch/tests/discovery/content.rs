//! Small images with evidence, made in memory, and the layouts that hold them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sovverify::Digest;
use sovverify::evidence::{EvidenceSet, Form};
use sovverify_fetch::{Discovery, FetchConfig, FetchError, FetchLimits, Request};

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
pub(crate) const DSSE: &str = "application/vnd.dsse.envelope.v1+json";
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";

/// Blobs by digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blobs(pub(crate) BTreeMap<Digest, Vec<u8>>);

impl Blobs {
    pub(crate) fn add(&mut self, bytes: &[u8], media_type: &str) -> Value {
        let digest = Digest::sha256(bytes);
        self.0.insert(digest.clone(), bytes.to_vec());
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    pub(crate) fn add_json(&mut self, value: &Value, media_type: &str) -> Value {
        self.add(value.to_string().as_bytes(), media_type)
    }

    /// An image that can run; its layer is left out on purpose.
    pub(crate) fn image(&mut self, name: &str) -> Value {
        let config = self.add(format!("{{\"name\":\"{name}\"}}").as_bytes(), IMAGE_CONFIG);
        let layer = json!({
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "digest": Digest::sha256(b"never stored"),
            "size": 12,
        });
        self.manifest(&json!({"config": config, "layers": [layer]}))
    }

    pub(crate) fn manifest(&mut self, fields: &Value) -> Value {
        let mut value = json!({"schemaVersion": 2, "mediaType": MANIFEST});
        merge(&mut value, fields);
        self.add_json(&value, MANIFEST)
    }

    pub(crate) fn index(&mut self, manifests: &[Value]) -> Value {
        let value = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        self.add_json(&value, INDEX)
    }

    /// A manifest that carries `layers` and, where given, names `subject` as its own.
    pub(crate) fn carrier(&mut self, layers: &[Value], subject: Option<&Value>) -> Value {
        let config = self.add(b"{}", "application/vnd.oci.empty.v1+json");
        let mut fields = json!({"config": config, "layers": layers});
        if let Some(subject) = subject {
            merge(
                &mut fields,
                &json!({"subject": subject, "artifactType": BUNDLE}),
            );
        }
        self.manifest(&fields)
    }

    /// A bundle as cosign 3 attaches it.
    pub(crate) fn bundle(&mut self, text: &str, subject: &Value) -> Value {
        let layer = self.add(text.as_bytes(), BUNDLE);
        self.carrier(&[layer], Some(subject))
    }

    /// A `.sig` manifest with one payload and one signature for each of `signatures`.
    pub(crate) fn signatures(&mut self, payload: &str, signatures: &[&str]) -> Value {
        let layers: Vec<Value> = signatures
            .iter()
            .map(|signature| {
                let layer = self.add(payload.as_bytes(), SIMPLE_SIGNING);
                with(
                    &layer,
                    &json!({"annotations": {"dev.cosignproject.cosign/signature": signature}}),
                )
            })
            .collect();
        let config = self.add(b"{}", IMAGE_CONFIG);
        self.manifest(&json!({"config": config, "layers": layers}))
    }

    pub(crate) fn write_layout(&self, dir: &Path, entries: &[Value]) {
        for (name, bytes) in self.files(entries) {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    pub(crate) fn files(&self, entries: &[Value]) -> Vec<(String, Vec<u8>)> {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
        let mut files = vec![
            (
                "oci-layout".into(),
                br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
            ),
            ("index.json".into(), index.to_string().into_bytes()),
        ];
        for (digest, bytes) in &self.0 {
            files.push((blob_path(digest), bytes.clone()));
        }
        files
    }
}

pub(crate) fn blob_path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
}

fn merge(value: &mut Value, fields: &Value) {
    for (key, field) in fields.as_object().unwrap() {
        value[key] = field.clone();
    }
}

/// The descriptor with more fields.
pub(crate) fn with(descriptor: &Value, fields: &Value) -> Value {
    let mut value = descriptor.clone();
    merge(&mut value, fields);
    value
}

/// The descriptor under a name.
pub(crate) fn named(descriptor: &Value, name: &str) -> Value {
    with(
        descriptor,
        &json!({"annotations": {"org.opencontainers.image.ref.name": name}}),
    )
}

pub(crate) fn digest_of(descriptor: &Value) -> Digest {
    descriptor["digest"].as_str().unwrap().parse().unwrap()
}

/// An index of two platforms, each descriptor with its platform.
pub(crate) fn two_platforms(blobs: &mut Blobs) -> (Value, Value, Value) {
    let platform = |os: &str, architecture: &str| json!({"platform": {"os": os, "architecture": architecture}});
    let amd64 = with(&blobs.image("amd64"), &platform("linux", "amd64"));
    let arm64 = with(&blobs.image("arm64"), &platform("linux", "arm64"));
    let index = blobs.index(&[amd64.clone(), arm64.clone()]);
    (index, amd64, arm64)
}

pub(crate) async fn discover(
    location: &str,
    limits: &FetchLimits,
) -> Result<EvidenceSet, FetchError> {
    let config = FetchConfig {
        limits: *limits,
        ..FetchConfig::default()
    };
    Discovery::new(config)?
        .discover(&location.parse().unwrap(), &Request::default())
        .await
}

/// A short description of every piece, in order.
pub(crate) fn pieces(set: &EvidenceSet) -> Vec<String> {
    set.evidence
        .iter()
        .map(|piece| {
            let form = match &piece.form {
                Form::Bundle(_) => "bundle",
                Form::CosignSignature { .. } => "signature",
                Form::CosignAttestation { .. } => "attestation",
                Form::UnsignedSbom { .. } => "sbom",
                Form::IndexStatement { .. } => "statement",
                Form::Other { artifact_type } => artifact_type,
                other => panic!("{other:?}"),
            };
            format!("{} {form}", piece.origin.kind.name())
        })
        .collect()
}

/// The codes of the gaps, in order.
pub(crate) fn gap_codes(set: &EvidenceSet) -> Vec<&'static str> {
    set.gaps.iter().map(|gap| gap.code.name()).collect()
}
