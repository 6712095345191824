//! Sigstore bundles: the conformance suite's, and those of many clients and ecosystems.

use std::path::Path;
use std::sync::Arc;

use sovverify::claim::Signer;
use sovverify::trust::{Inclusion, Requirements, Sct, TrustRoot, TrustRootOptions, TrustRootParts};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Anchor, Digest, Limits, PublicKey, TrustStore, VerificationTime};

use super::manifest::{Manifest, Row};
use super::outcome::Outcomes;

/// All real data is older than this.
pub(crate) const NOW: &str = "2026-11-20T00:00:00Z";

/// A conformance case, with the artifact by path and by digest.
pub(crate) fn conformance(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let bundle = manifest.read(&format!("{}/bundle.sigstore.json", row.path));
    let artifact = manifest.read(&format!("{}/artifact", row.path));
    let digest = Digest::sha256(&artifact);
    let key = std::fs::read_to_string(manifest.path(&format!("{}/key.pub", row.path))).ok();
    let root = Arc::new(roots(manifest, &row.trust_root, Requirements::default()).remove(0));
    let anchor = match key {
        Some(pem) => Anchor::Key {
            key: Arc::new(PublicKey::from_pem(&pem, None).unwrap()),
            root: Some(root),
        },
        None => Anchor::Certificates(root),
    };
    for (how, artifact) in [
        ("path", Artifact::Bytes(&artifact)),
        ("digest", Artifact::Digest(&digest)),
    ] {
        let actual = verify(&bundle, &artifact, anchor.clone(), NOW)
            .and_then(|signer| row.identifies(&signer));
        outcomes.record(row, how, actual);
    }
}

/// A bundle beside the referrer manifest that carries it.
pub(crate) fn attached(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let bundle = Row {
        path: format!("{}/sigstore-bundle.json", row.path),
        ..row.clone()
    };
    self::bundle(manifest, &bundle, outcomes);
}

/// Any other bundle.
pub(crate) fn bundle(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let bytes = manifest.read(&row.path);
    let bytes = as_bundle(&bytes);
    let at = if row.path.contains("-certificate/") {
        row.as_of.replacen(' ', "T", 1)
    } else {
        NOW.to_owned()
    };
    let mut actual = Err("no trust root".to_owned());
    for anchor in anchors(manifest, row, &bytes) {
        for digest in artifacts(manifest, row, &bytes) {
            actual = verify(&bytes, &digest.as_artifact(), anchor.clone(), &at);
            if actual.is_ok() {
                break;
            }
        }
        if actual.is_ok() {
            break;
        }
    }
    outcomes.record(row, "", actual.and_then(|signer| row.identifies(&signer)));
}

/// Verifies a bundle over what it names itself.
pub(crate) fn verify_named(bundle: &[u8], anchor: &Anchor) -> Result<String, String> {
    let mut actual = Err("no strong digest names the artifact".to_owned());
    for known in named_by(bundle) {
        actual = verify(bundle, &known.as_artifact(), anchor.clone(), NOW)
            .map(|signer| signer.to_string());
    }
    actual
}

/// The signer under one anchor, or the code and words of the refusal.
pub(crate) fn verify(
    bundle: &[u8],
    artifact: &Artifact<'_>,
    anchor: Anchor,
    at: &str,
) -> Result<Signer, String> {
    let mut trust = TrustStore::default();
    let id = trust.add(anchor);
    let time: VerificationTime = at.parse().unwrap();
    verify_bundle(bundle, artifact, &trust, id, time, &Limits::default())
        .map(|claim| claim.signer.clone())
        .map_err(|no| format!("{}: expected {}, found {}", no.code, no.expected, no.found))
}

impl Row {
    /// Whether the signer is the one that the manifest names, where it names one by certificate.
    fn identifies(&self, signer: &Signer) -> Result<String, String> {
        let Signer::Certificate(identity) = signer else {
            return Ok(signer.to_string());
        };
        if self.issuer.is_empty() {
            return Ok(signer.to_string());
        }
        let named = identity
            .alternative_names
            .iter()
            .any(|name| name.value() == self.identity);
        if named && identity.issuer.as_deref() == Some(self.issuer.as_str()) {
            return Ok(signer.to_string());
        }
        Err(format!(
            "certificate/identity-mismatch: expected {}, found {signer}",
            self.identity
        ))
    }
}

/// The trust roots in a file: one, a client configuration around one, or one a line.
pub(crate) fn roots(manifest: &Manifest, path: &str, requirements: Requirements) -> Vec<TrustRoot> {
    let text = String::from_utf8(manifest.read(path)).unwrap();
    let documents: Vec<serde_json::Value> = match serde_json::from_str(&text) {
        Ok(one) => vec![one],
        Err(_) => text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    };
    documents
        .iter()
        .map(|document| {
            let mut root = document.get("trustedRoot").unwrap_or(document).clone();
            if path.starts_with("bundles/sigstore-python-tsa/") {
                // The suite's own timestamp authority, which its client adds to the configuration.
                let own = manifest.read("bundles/sigstore-python-tsa/ca.json");
                let own: serde_json::Value = serde_json::from_slice(&own).unwrap();
                root["timestampAuthorities"]
                    .as_array_mut()
                    .unwrap()
                    .push(own);
            }
            let has = |part: &str| root[part].as_array().is_some_and(|list| !list.is_empty());
            // Instances without logs are asked for none, as their own clients do.
            let requirements = Requirements {
                logs: usize::from(has("tlogs")).min(requirements.logs),
                sct: if has("ctlogs") {
                    requirements.sct
                } else {
                    Sct::DangerNotRequired
                },
                ..requirements
            };
            let options = TrustRootOptions {
                requirements,
                expires: None,
            };
            TrustRoot::from_json(path, &root.to_string(), options).unwrap()
        })
        .collect()
}

fn anchors(manifest: &Manifest, row: &Row, bundle: &[u8]) -> Vec<Anchor> {
    let value: serde_json::Value = serde_json::from_slice(bundle).unwrap_or_default();
    let material = &value["verificationMaterial"];
    let logged = material["tlogEntries"]
        .as_array()
        .is_some_and(|entries| !entries.is_empty());
    // v0.1 could leave the proof out; a negative row must fail all the same.
    let requirements = Requirements {
        logs: usize::from(logged || !row.is_positive()),
        inclusion: Inclusion::DangerPromiseAlone,
        ..Requirements::default()
    };
    if row.path.contains("-elliptic-key/") {
        return vec![key(manifest, &row.trust_root, None)];
    }
    if row.path.contains("-certificate/") {
        return vec![own_pki(manifest)];
    }
    let roots = roots(manifest, &row.trust_root, requirements)
        .into_iter()
        .map(Arc::new);
    if material.get("publicKey").is_some() {
        let pem = row.path.replace(".sigstore.json", ".pem");
        return roots.map(|root| key(manifest, &pem, Some(root))).collect();
    }
    roots.map(Anchor::Certificates).collect()
}

fn key(manifest: &Manifest, path: &str, root: Option<Arc<TrustRoot>>) -> Anchor {
    let pem = String::from_utf8(manifest.read(path)).unwrap();
    Anchor::Key {
        key: Arc::new(PublicKey::from_pem(&pem, None).unwrap()),
        root,
    }
}

fn own_pki(manifest: &Manifest) -> Anchor {
    let pem = String::from_utf8(manifest.read("bundles/model-signing/keys/ca-cert.pem")).unwrap();
    let parts = TrustRootParts {
        certificate_authorities: vec![pem],
        ..TrustRootParts::default()
    };
    let requirements = Requirements {
        logs: 0,
        timestamps: 0,
        sct: Sct::DangerNotRequired,
        inclusion: Inclusion::Proof,
    };
    let options = TrustRootOptions {
        requirements,
        expires: None,
    };
    Anchor::Certificates(Arc::new(
        TrustRoot::from_parts("own", &parts, options).unwrap(),
    ))
}

/// What a row's bundle may be over.
enum Known {
    Bytes(Vec<u8>),
    Digest(Digest),
}

impl Known {
    fn as_artifact(&self) -> Artifact<'_> {
        match self {
            Self::Bytes(bytes) => Artifact::Bytes(bytes),
            Self::Digest(digest) => Artifact::Digest(digest),
        }
    }
}

/// The artifact beside the bundle, its recorded digest, the manifest's subject, and last what the
/// bundle itself names: then the row proves all but the choice of artifact.
fn artifacts(manifest: &Manifest, row: &Row, bundle: &[u8]) -> Vec<Known> {
    let mut known = Vec::new();
    let path = manifest.path(&row.path);
    let stems = [
        ".sigstore.json",
        ".sigstore",
        ".intoto.jsonl",
        ".provenance",
        ".publish.attestation",
    ];
    let stems = stems
        .iter()
        .filter_map(|suffix| row.path.strip_suffix(suffix));
    for stem in stems {
        for candidate in [stem.to_owned(), format!("{stem}.txt")] {
            let candidate = manifest.path(&candidate);
            if candidate != path && candidate.is_file() {
                known.push(Known::Bytes(std::fs::read(&candidate).unwrap()));
            }
        }
        for algorithm in ["sha256", "sha512"] {
            if let Ok(text) = std::fs::read_to_string(manifest.path(&format!("{stem}.{algorithm}")))
            {
                known.extend(digest(
                    algorithm,
                    text.split_whitespace().next().unwrap_or_default(),
                ));
            }
        }
    }
    known.extend(beside(&path));
    known.extend(row.subject.parse().ok().map(Known::Digest));
    known.extend(named_by(bundle));
    if known.is_empty() {
        known.push(Known::Bytes(
            b"no strong digest names the artifact".to_vec(),
        ));
    }
    known
}

fn beside(path: &Path) -> Option<Known> {
    let artifact = path.parent()?.join("artifact.txt");
    std::fs::read(artifact).ok().map(Known::Bytes)
}

fn digest(algorithm: &str, hex: &str) -> Option<Known> {
    format!("{algorithm}:{hex}").parse().ok().map(Known::Digest)
}

fn named_by(bundle: &[u8]) -> Vec<Known> {
    let value: serde_json::Value = serde_json::from_slice(bundle).unwrap_or_default();
    let decode = |text: &serde_json::Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode(text.as_str().unwrap_or_default())
            .unwrap_or_default()
    };
    let message = &value["messageSignature"]["messageDigest"];
    let algorithm = match message["algorithm"].as_str() {
        Some("SHA2_512") => "sha512",
        Some("SHA2_384") => "sha384",
        _ => "sha256",
    };
    let mut known: Vec<Known> = digest(algorithm, &hex::encode(decode(&message["digest"])))
        .into_iter()
        .collect();
    let statement: serde_json::Value =
        serde_json::from_slice(&decode(&value["dsseEnvelope"]["payload"])).unwrap_or_default();
    for subject in statement["subject"].as_array().into_iter().flatten() {
        for algorithm in ["sha256", "sha512"] {
            known.extend(digest(
                algorithm,
                subject["digest"][algorithm].as_str().unwrap_or_default(),
            ));
        }
    }
    known
}

/// JSON lines hold one bundle here; a PEP 740 attestation is read as the bundle that it describes.
fn as_bundle(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let value: serde_json::Value = serde_json::from_str(&text)
        .or_else(|_| serde_json::from_str(text.lines().next().unwrap_or_default()))
        .unwrap_or_default();
    let attestation = value
        .pointer("/attestation_bundles/0/attestations/0")
        .unwrap_or(&value);
    let Some(material) = attestation.get("verification_material") else {
        return text
            .lines()
            .next()
            .filter(|_| serde_json::from_str::<serde_json::Value>(&text).is_err())
            .map_or_else(|| bytes.to_vec(), |line| line.as_bytes().to_vec());
    };
    serde_json::json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": { "rawBytes": material["certificate"] },
            "tlogEntries": material["transparency_entries"],
        },
        "dsseEnvelope": {
            "payloadType": "application/vnd.in-toto+json",
            "payload": attestation["envelope"]["statement"],
            "signatures": [{ "sig": attestation["envelope"]["signature"] }],
        },
    })
    .to_string()
    .into_bytes()
}
