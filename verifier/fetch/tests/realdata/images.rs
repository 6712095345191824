//! Real images with everything attached to them: OCI layouts, `skopeo dir:` directories, and
//! manifests beside their signatures.

use std::path::Path;
use std::sync::Arc;

use sovverify::claim::Signer;
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::trust::{Requirements, Sct, TrustRoot, TrustRootOptions, TrustRootParts};
use sovverify::{
    Anchor, Digest, Evidence, EvidenceSet, Limits, PinnedImage, PublicKey, TrustStore,
    VerificationTime, appraise,
};
use sovverify_fetch::{Discovery, FetchConfig, Location, Request};

use super::bundles::{self, NOW};
use super::manifest::{Manifest, Row};
use super::outcome::Outcomes;

/// One image of any storage form that we claim.
pub(crate) fn image(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let path = manifest.path(&row.path);
    if row.path.contains("/cosign-v3-referrers/") {
        return bundles::attached(manifest, row, outcomes);
    }
    let evidence = if row.path.contains("/connaisseur/") {
        Ok(beside(&path))
    } else {
        discover(&path, &row.subject)
    };
    let anchors = anchors(manifest, row);
    let actual = evidence.and_then(|evidence| verdict(evidence, anchors, row));
    outcomes.record(row, "", actual);
    for (how, key) in strangers(row) {
        let evidence = if row.path.contains("/connaisseur/") {
            Ok(beside(&path))
        } else {
            discover(&path, &row.subject)
        };
        let anchor = self::key(manifest, &key, None);
        let actual = evidence.and_then(|evidence| verdict(evidence, vec![anchor], row));
        outcomes.record_negative(row, &how, actual);
    }
}

fn discover(path: &Path, digest: &str) -> Result<EvidenceSet, String> {
    let location = if path.join("manifest.json").is_file() {
        format!("dir:{}", path.display())
    } else if path.join("layout").is_dir() {
        format!("oci:{}/layout@{digest}", path.display())
    } else {
        format!("oci:{}", path.display())
    };
    discover_at(&location)
}

/// Everything at a location, or the code and words of the refusal.
pub(crate) fn discover_at(location: &str) -> Result<EvidenceSet, String> {
    let location: Location = location
        .parse()
        .map_err(|error| format!("{location}: {error}"))?;
    let discovery = Discovery::new(FetchConfig::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(discovery.discover(&location, &Request::default()))
        .map_err(|error| format!("{}: {error}", error.code()))
}

/// A manifest, and the cosign signature manifest beside it.
fn beside(path: &Path) -> EvidenceSet {
    let read = |name: &str| std::fs::read(path.join(name)).unwrap();
    let bytes = read("image-manifest.json");
    let digest = Digest::sha256(&bytes);
    let image = PinnedImage::pin("connaisseur".into(), None, digest.clone(), &bytes, None).unwrap();
    let signatures: serde_json::Value =
        serde_json::from_slice(&read("signature-manifest.json")).unwrap();
    let layers = signatures["layers"].as_array().unwrap();
    let evidence = layers.iter().map(|layer| {
        let blob: Digest = layer["digest"].as_str().unwrap().parse().unwrap();
        let payload = read(&format!("blobs/sha256/{}", blob.hex()));
        assert!(blob.matches(&payload));
        let annotations = serde_json::from_value(layer["annotations"].clone()).unwrap();
        Evidence {
            subject: digest.clone(),
            origin: Origin {
                kind: OriginKind::CosignTag,
                place: "file".into(),
                manifest: None,
                blob,
            },
            form: Form::CosignSignature {
                payload,
                annotations,
            },
        }
    });
    let evidence = evidence.collect();
    EvidenceSet {
        image,
        evidence,
        gaps: Vec::new(),
    }
}

/// Verified when every kind of evidence that the image carries has one verified piece, by the
/// signer that the manifest names.
fn verdict(evidence: EvidenceSet, anchors: Vec<Anchor>, row: &Row) -> Result<String, String> {
    if !row.subject.is_empty() && evidence.image.digest().to_string() != row.subject {
        return Err(format!(
            "image/digest-mismatch: {}",
            evidence.image.digest()
        ));
    }
    let mut trust = TrustStore::default();
    for anchor in anchors {
        trust.add(anchor);
    }
    let kinds = |form: &Form| match form {
        Form::CosignAttestation { .. } => "attestation",
        Form::CosignSignature { .. } => "signature",
        _ => "other",
    };
    let mut wanted: Vec<&str> = evidence
        .evidence
        .iter()
        .map(|piece| kinds(&piece.form))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted.retain(|kind| *kind != "other");
    let time: VerificationTime = NOW.parse().unwrap();
    let appraisal = appraise(evidence, &trust, time, &Limits::default());
    for kind in &wanted {
        let found = appraisal.verified.iter().any(|claim| {
            (claim.content.is_signature() == (*kind == "signature"))
                && signed_by(&claim.signer, row)
        });
        if !found {
            let why = appraisal.rejected.first().map_or_else(
                || "no verified evidence".to_owned(),
                |no| format!("{}: expected {}, found {}", no.code, no.expected, no.found),
            );
            return Err(format!("{kind}: {why}"));
        }
    }
    if wanted.is_empty() {
        Err("signature/missing".to_owned())
    } else {
        Ok(wanted.join(" and "))
    }
}

fn signed_by(signer: &Signer, row: &Row) -> bool {
    match signer {
        Signer::Certificate(identity) if !row.issuer.is_empty() => {
            identity.issuer.as_deref() == Some(row.issuer.as_str())
                && identity
                    .alternative_names
                    .iter()
                    .any(|name| name.value() == row.identity)
        }
        _ => true,
    }
}

fn anchors(manifest: &Manifest, row: &Row) -> Vec<Anchor> {
    const CONTAINERS: &str = "images/containers-image/trust";
    if let Some(folder) = row
        .trust_root
        .split(' ')
        .next()
        .filter(|path| path.ends_with("/tuf-repository"))
    {
        return vec![Anchor::Certificates(Arc::new(tuf_targets(
            manifest, folder,
        )))];
    }
    match row.path.rsplit('/').next().unwrap_or_default() {
        "multi-cosigned-alice" => vec![key(manifest, &format!("{}/alice.key", row.path), None)],
        "dir-img-cosign-key-rekor-valid" => {
            let parts = TrustRootParts {
                transparency_logs: vec![text(manifest, &format!("{CONTAINERS}/rekor.pub"))],
                ..TrustRootParts::default()
            };
            let root = from_parts(&parts, Requirements::default());
            vec![key(
                manifest,
                &format!("{CONTAINERS}/cosign2.pub"),
                Some(root),
            )]
        }
        "dir-img-cosign-fulcio-rekor-valid" => {
            let parts = TrustRootParts {
                certificate_authorities: vec![text(
                    manifest,
                    &format!("{CONTAINERS}/fulcio_v1.crt.pem"),
                )],
                transparency_logs: vec![text(manifest, &format!("{CONTAINERS}/rekor.pub"))],
                ..TrustRootParts::default()
            };
            let requirements = Requirements {
                sct: Sct::DangerNotRequired,
                ..Requirements::default()
            };
            vec![Anchor::Certificates(from_parts(&parts, requirements))]
        }
        _ if row.path.contains("/containers-image/") => {
            vec![key(manifest, &format!("{CONTAINERS}/cosign.pub"), None)]
        }
        _ => {
            let roots = bundles::roots(manifest, &row.trust_root, Requirements::default());
            roots
                .into_iter()
                .map(|root| Anchor::Certificates(Arc::new(root)))
                .collect()
        }
    }
}

/// Keys under which the image must not verify, as the manifest's notes say.
fn strangers(row: &Row) -> Vec<(String, String)> {
    let keys: &[(&str, &str)] = match row.path.rsplit('/').next().unwrap_or_default() {
        "multi-cosigned-alice" => &[
            ("bob", "images/connaisseur/multi-cosigned-alice/bob.key"),
            (
                "charlie",
                "images/connaisseur/multi-cosigned-alice/charlie.key",
            ),
        ],
        "dir-img-cosign-key-rekor-valid" => {
            &[("cosign.pub", "images/containers-image/trust/cosign.pub")]
        }
        _ => &[],
    };
    keys.iter()
        .map(|(how, path)| ((*how).to_owned(), (*path).to_owned()))
        .collect()
}

/// The trusted root among a TUF repository's targets, or one from its PEM targets.
fn tuf_targets(manifest: &Manifest, folder: &str) -> TrustRoot {
    let folder = format!("{folder}/targets");
    let target = |suffix: &str| {
        let entries = std::fs::read_dir(manifest.path(&folder)).unwrap();
        let mut names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .find(|name| name.ends_with(suffix))
            .map(|name| text(manifest, &format!("{folder}/{name}")))
    };
    let options = TrustRootOptions::default();
    if let Some(json) = target("trusted_root.json") {
        return TrustRoot::from_json(&folder, &json, options).unwrap();
    }
    let parts = TrustRootParts {
        certificate_authorities: target("fulcio_v1.crt.pem").into_iter().collect(),
        transparency_logs: target("rekor.pub").into_iter().collect(),
        ct_logs: target("ctfe.pub").into_iter().collect(),
        timestamp_authorities: Vec::new(),
    };
    TrustRoot::from_parts(&folder, &parts, options).unwrap()
}

fn from_parts(parts: &TrustRootParts, requirements: Requirements) -> Arc<TrustRoot> {
    let options = TrustRootOptions {
        requirements,
        expires: None,
    };
    Arc::new(TrustRoot::from_parts("parts", parts, options).unwrap())
}

fn key(manifest: &Manifest, path: &str, root: Option<Arc<TrustRoot>>) -> Anchor {
    Anchor::Key {
        key: Arc::new(PublicKey::from_pem(&text(manifest, path), None).unwrap()),
        root,
    }
}

fn text(manifest: &Manifest, path: &str) -> String {
    String::from_utf8(manifest.read(path)).unwrap()
}
