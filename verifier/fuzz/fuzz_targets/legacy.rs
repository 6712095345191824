//! A layer of cosign's `.sig` and `.att` manifests: what was signed, and every annotation beside it.
//! The input is a JSON object of both, so that mutations reach each of them.

#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::trust::{TrustRoot, TrustRootOptions};
use sovverify::{
    Anchor, Digest, Evidence, EvidenceSet, Limits, PinnedImage, TrustStore, VerificationTime,
    appraise,
};

const ROOT: &str = include_str!("../../../testdata/trust/cases/trusted_root.json");
/// The image of the cases.
const IMAGE: &[u8] = include_bytes!(
    "../../../testdata/cases/honest/legacy-keyless/layout/blobs/sha256/9815386439458e6e72c97e2f160b246b451f99ada7b3d0372fc1e0ce92dde98c"
);

static TRUST: LazyLock<TrustStore> = LazyLock::new(|| {
    let root = TrustRoot::from_json("cases", ROOT, TrustRootOptions::default());
    let mut trust = TrustStore::default();
    trust.add(Anchor::Certificates(Arc::new(root.expect("a trust root"))));
    trust
});

fuzz_target!(|input: &[u8]| {
    let Ok(layer) = serde_json::from_slice::<BTreeMap<String, Value>>(input) else {
        return;
    };
    let text = |name: &str| layer.get(name).and_then(Value::as_str).unwrap_or_default();
    let payload = text("payload").as_bytes().to_vec();
    let annotations: BTreeMap<String, String> = layer
        .keys()
        .map(|name| (name.clone(), text(name).to_owned()))
        .collect();
    let forms = [
        Form::CosignSignature {
            payload: payload.clone(),
            annotations: annotations.clone(),
        },
        Form::CosignAttestation {
            envelope: payload,
            annotations,
        },
    ];
    for form in forms {
        judge(form);
    }
});

/// Every piece of evidence is verified or rejected; nothing is passed over in silence.
fn judge(form: Form) {
    let digest = Digest::sha256(IMAGE);
    let image = PinnedImage::pin("x".to_owned(), None, digest.clone(), IMAGE, None);
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
    let time: VerificationTime = "2026-03-03T11:04:05Z".parse().expect("a time");
    let appraisal = appraise(set, &TRUST, time, &Limits::default());
    assert_eq!(appraisal.verified.len() + appraisal.rejected.len(), 1);
}
