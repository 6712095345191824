//! SLSA provenance and verification summaries beside bundles of their own: npm's lists, envelopes
//! with a key, envelopes with a certificate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::trust::{Inclusion, Requirements};
use sovverify::{
    Anchor, Digest, Evidence, EvidenceSet, Limits, PinnedImage, PublicKey, TrustStore,
    VerificationTime, appraise,
};

use super::bundles::{self, NOW};
use super::manifest::{Manifest, Row};
use super::outcome::Outcomes;

/// Kinds that are no evidence as we read it, by their beginning, with the reason.
const OUT: [(&str, &str); 2] = [
    (
        "gcb-provenance",
        "Cloud Build's answer around its provenance, under keys of its own",
    ),
    (
        "policy expectation table",
        "no evidence: run by the core's own test",
    ),
];

/// Every row of the family, by its kind.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    let mut run = BTreeSet::new();
    for row in manifest.rows("provenance/") {
        let kind = row.kind.as_str();
        if kind == "slsa-provenance:sigstore-bundle" || kind.starts_with("sigstore-bundle:") {
            bundles::bundle(manifest, row, outcomes);
        } else if kind == "slsa-provenance:npm-attestations" {
            npm(manifest, row, outcomes);
        } else if kind == "vsa-dsse(key)" {
            under_key(manifest, row, outcomes);
        } else if kind == "slsa-provenance:dsse+cert" {
            under_certificate(manifest, row, outcomes);
        } else {
            assert!(reason(row).is_some(), "{}: unknown kind {kind}", row.path);
            continue;
        }
        run.insert(row.path.as_str());
    }
    let mut left: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in manifest.all("provenance/") {
        if !run.contains(row.path.as_str()) {
            let reason = reason(row).unwrap_or(row.expected.as_str());
            *left.entry((&row.kind, reason)).or_default() += 1;
        }
    }
    for ((kind, reason), count) in left {
        println!("provenance    not counted: {count} of {kind}: {reason}");
    }
}

fn reason(row: &Row) -> Option<&'static str> {
    let known = OUT.iter().find(|(kind, _)| row.kind.starts_with(kind));
    known.map(|(_, reason)| *reason)
}

/// npm's list: the registry signs that it published with its key, the build signs its provenance
/// with a certificate. The list verifies when both do; a name says which one is broken.
fn npm(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let list: Value = serde_json::from_slice(&manifest.read(&row.path)).unwrap();
    let paths: Vec<&str> = row.trust_root.split(" + ").collect();
    let [root, keys] = paths[..] else {
        panic!("{}: two trust roots", row.path);
    };
    // These bundles are older than v0.3, and some carry a promise only.
    let requirements = Requirements {
        inclusion: Inclusion::DangerPromiseAlone,
        ..Requirements::default()
    };
    let root = Arc::new(bundles::roots(manifest, root, requirements).remove(0));
    let mut whole = Ok(String::new());
    for part in list["attestations"].as_array().unwrap() {
        let bundle = &part["bundle"];
        let by_key = bundle["verificationMaterial"].get("publicKey").is_some();
        let anchor = if by_key {
            Anchor::Key {
                key: Arc::new(npm_key(manifest, keys, bundle)),
                root: Some(Arc::clone(&root)),
            }
        } else {
            Anchor::Certificates(Arc::clone(&root))
        };
        let bytes = bundle.to_string().into_bytes();
        let actual = bundles::verify_named(&bytes, &anchor);
        let (how, broken) = if by_key {
            ("publish", "invalidsigpub")
        } else {
            ("provenance", "invalidsigprov")
        };
        if row.path.contains(broken) {
            outcomes.record_negative(row, how, actual.clone());
        } else {
            outcomes.record_positive(row, how, actual.clone());
        }
        whole = whole.and(actual);
    }
    outcomes.record(row, "", whole);
}

/// The registry's key for attestations that the bundle hints at.
fn npm_key(manifest: &Manifest, keys: &str, bundle: &Value) -> PublicKey {
    let material = &bundle["verificationMaterial"];
    let keys: Value = serde_json::from_slice(&manifest.read(keys)).unwrap();
    let fits = |key: &&Value| {
        key["keyId"] == material["publicKey"]["hint"] && key["keyUsage"] == "npm:attestations"
    };
    let key = keys["keys"].as_array().unwrap().iter().find(fits).unwrap();
    let der = STANDARD
        .decode(key["publicKey"]["rawBytes"].as_str().unwrap())
        .unwrap();
    PublicKey::from_spki(&der, None).unwrap()
}

/// An envelope under a key, and the same under a stranger's.
fn under_key(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    const STRANGER: &str = "images/containers-image/trust/cosign.pub";
    let envelope = manifest.read(&row.path);
    let verify = |path: &str| {
        let pem = String::from_utf8(manifest.read(path)).unwrap();
        let anchor = Anchor::Key {
            key: Arc::new(PublicKey::from_pem(&pem, None).unwrap()),
            root: None,
        };
        attached(envelope.clone(), BTreeMap::new(), anchor)
    };
    outcomes.record(row, "", verify(&row.trust_root));
    outcomes.record_negative(row, "stranger", verify(STRANGER));
}

/// An envelope whose signature carries its certificate, as slsa-github-generator wrote it before
/// there were bundles: the log entry has to be asked for online.
fn under_certificate(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let mut envelope: Value = serde_json::from_slice(&manifest.read(&row.path)).unwrap();
    let signature = envelope["signatures"][0].as_object_mut().unwrap();
    let certificate = signature.remove("cert").unwrap();
    let annotations = BTreeMap::from([(
        "dev.sigstore.cosign/certificate".to_owned(),
        certificate.as_str().unwrap().to_owned(),
    )]);
    let root = row.trust_root.split(" + ").next().unwrap();
    let root = bundles::roots(manifest, root, Requirements::default()).remove(0);
    let anchor = Anchor::Certificates(Arc::new(root));
    let envelope = envelope.to_string().into_bytes();
    outcomes.record(row, "", attached(envelope, annotations, anchor));
}

/// What becomes of an envelope that is attached to an image which its statement names, where it
/// names one by a strong digest.
pub(crate) fn attached(
    envelope: Vec<u8>,
    annotations: BTreeMap<String, String>,
    anchor: Anchor,
) -> Result<String, String> {
    let manifest = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;
    let digest = Digest::sha256(manifest);
    let image = PinnedImage::pin("image".into(), None, digest.clone(), manifest, None).unwrap();
    let evidence = Evidence {
        subject: digest,
        origin: Origin {
            kind: OriginKind::CosignTag,
            place: "file".into(),
            manifest: None,
            blob: Digest::sha256(&envelope),
        },
        form: Form::CosignAttestation {
            envelope,
            annotations,
        },
    };
    let set = EvidenceSet {
        image,
        evidence: vec![evidence],
        gaps: Vec::new(),
    };
    let mut trust = TrustStore::default();
    trust.add(anchor);
    let time: VerificationTime = NOW.parse().unwrap();
    let appraisal = appraise(set, &trust, time, &Limits::default());
    match (appraisal.verified.first(), appraisal.rejected.first()) {
        (Some(claim), _) => Ok(claim.signer.to_string()),
        (None, Some(no)) => Err(format!(
            "{}: expected {}, found {}",
            no.code, no.expected, no.found
        )),
        (None, None) => Err("nothing was judged".to_owned()),
    }
}
