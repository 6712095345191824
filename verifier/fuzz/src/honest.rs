//! Honest evidence out of `testdata/cases/honest`: it verifies as it is, and a target changes one part.
//!
//! The rest stays honest, so that what is behind the changed part is reached, and so that "accepted" has
//! one meaning: everything that it says is what was said before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sovverify::claim::Claim;
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::trust::{TrustRoot, TrustRootOptions};
use sovverify::verify::{Artifact, Rejection, Verified, verify_bundle};
use sovverify::{
    Anchor, AnchorId, Appraisal, Digest, Evidence, EvidenceSet, Limits, PinnedImage, PublicKey,
    TrustStore, VerificationTime, appraise,
};

/// The manifest that everything in the cases is about, by its digest.
const IMAGE: &str = "9815386439458e6e72c97e2f160b246b451f99ada7b3d0372fc1e0ce92dde98c";
/// A day after the cases were signed.
const TIME: &str = "2026-03-03T11:04:05Z";

/// The trust root of the cases, and the image that they are about.
pub struct World {
    pub trust: TrustStore,
    pub anchor: AnchorId,
    pub image: Vec<u8>,
    pub time: VerificationTime,
    pub limits: Limits,
}

impl World {
    /// The world of the cases.
    pub fn of_cases() -> Self {
        let json = fs::read_to_string(testdata("trust/cases/trusted_root.json")).expect("a file");
        Self::under(&json, TrustRootOptions::default())
    }

    /// The same world under another trust root.
    pub fn under(json: &str, options: TrustRootOptions) -> Self {
        let root = TrustRoot::from_json("cases", json, options).expect("a trust root");
        Self::anchored(Anchor::Certificates(Arc::new(root)))
    }

    /// The same image, and one key that is trusted without any log.
    pub fn keyed(pem: &str) -> Self {
        let key = PublicKey::from_pem(pem, None).expect("a public key");
        Self::anchored(Anchor::Key {
            key: Arc::new(key),
            root: None,
        })
    }

    fn anchored(anchor: Anchor) -> Self {
        let mut trust = TrustStore::default();
        let anchor = trust.add(anchor);
        Self {
            trust,
            anchor,
            image: blob("legacy-keyless", |name, _| name == IMAGE),
            time: TIME.parse().expect("a time"),
            limits: Limits::default(),
        }
    }

    /// A verdict on one bundle about the image.
    pub fn verify(&self, bundle: &[u8]) -> Result<Verified<Claim>, Box<Rejection>> {
        let digest = Digest::sha256(&self.image);
        let artifact = Artifact::Digest(&digest);
        let (trust, limits) = (&self.trust, &self.limits);
        verify_bundle(bundle, &artifact, trust, self.anchor, self.time, limits)
    }

    /// A verdict on one piece of evidence about the image, whatever its form.
    pub fn appraise(&self, form: Form) -> Appraisal {
        let digest = Digest::sha256(&self.image);
        let image = PinnedImage::pin("x".to_owned(), None, digest.clone(), &self.image, None);
        let origin = Origin {
            kind: OriginKind::CosignTag,
            place: "layer".to_owned(),
            manifest: None,
            blob: Digest::sha256(form.bytes()),
        };
        let evidence = Evidence {
            subject: digest,
            origin,
            form,
        };
        let set = EvidenceSet {
            image: image.expect("an image"),
            evidence: vec![evidence],
            gaps: Vec::new(),
        };
        appraise(set, &self.trust, self.time, &self.limits)
    }
}

/// A bundle of one case, and what it proves.
pub struct Honest {
    bundle: Value,
    said: String,
}

impl Honest {
    /// The bundle of `case`, which must verify: a target that changes what nobody would accept anyway
    /// proves nothing.
    pub fn of_case(case: &str, world: &World) -> Self {
        let bytes = blob(case, |_, document| {
            document.get("verificationMaterial").is_some()
        });
        let claim = world.verify(&bytes).expect("honest evidence");
        Self {
            bundle: serde_json::from_slice(&bytes).expect("JSON"),
            said: said(&claim),
        }
    }

    /// The bundle, unchanged.
    pub fn as_it_is(&self) -> Vec<u8> {
        self.bundle.to_string().into_bytes()
    }

    /// The bytes in base64 at `pointer`.
    pub fn bytes(&self, pointer: &str) -> Vec<u8> {
        let text = self.bundle.pointer(pointer).and_then(Value::as_str);
        STANDARD.decode(text.expect("a text")).expect("base64")
    }

    /// The bundle with another value at `pointer`.
    pub fn with(&self, pointer: &str, value: Value) -> Vec<u8> {
        let mut bundle = self.bundle.clone();
        *bundle.pointer_mut(pointer).expect("a part of the bundle") = value;
        bundle.to_string().into_bytes()
    }

    /// The value at `pointer`.
    pub fn part(&self, pointer: &str) -> &Value {
        self.bundle.pointer(pointer).expect("a part of the bundle")
    }

    /// The same with bytes, which bundles have in base64.
    pub fn with_bytes(&self, pointer: &str, bytes: &[u8]) -> Vec<u8> {
        self.with(pointer, Value::String(STANDARD.encode(bytes)))
    }

    /// Whether a changed bundle is accepted. Then it says exactly what the honest one says: not one
    /// word of a claim comes from what nobody signed.
    pub fn accepts(&self, world: &World, changed: &[u8]) -> bool {
        let verdict = world.verify(changed);
        if let Ok(claim) = &verdict {
            assert_eq!(said(claim), self.said);
        }
        verdict.is_ok()
    }
}

/// Everything that a claim says, but where its bytes were found.
pub fn said(claim: &Claim) -> String {
    let Claim {
        subject,
        signer,
        content,
        times,
        logs,
        dangers,
        ..
    } = claim;
    format!("{subject} {signer:?} {content:?} {times:?} {logs:?} {dangers:?}")
}

/// A layer of cosign's tags in one case: its blob, and its annotations.
pub fn layer(case: &str) -> (Vec<u8>, BTreeMap<String, String>) {
    let of = |document: &Value| {
        let layer = document.get("layers")?.get(0)?;
        let annotations = layer.get("annotations")?.clone();
        let digest = layer.get("digest")?.as_str()?.strip_prefix("sha256:")?;
        Some((digest.to_owned(), annotations))
    };
    let manifest = blob(case, |_, document| of(document).is_some());
    let manifest = serde_json::from_slice(&manifest).expect("JSON");
    let (digest, annotations) = of(&manifest).expect("a layer");
    let annotations = serde_json::from_value(annotations).expect("annotations");
    (blob(case, |name, _| name == digest), annotations)
}

/// The first blob of a case that is the one.
fn blob(case: &str, is_it: impl Fn(&str, &Value) -> bool) -> Vec<u8> {
    let folder = testdata("cases/honest").join(case);
    let folder = folder.join("layout/blobs/sha256");
    let mut found = fs::read_dir(folder)
        .expect("a case")
        .filter_map(|entry| {
            let entry = entry.expect("a blob");
            let bytes = fs::read(entry.path()).expect("a blob");
            let document = serde_json::from_slice(&bytes).unwrap_or_default();
            is_it(&entry.file_name().to_string_lossy(), &document).then_some(bytes)
        })
        .collect::<Vec<_>>();
    found.sort();
    found.into_iter().next().expect("a blob of this kind")
}

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata")
        .join(path)
}
