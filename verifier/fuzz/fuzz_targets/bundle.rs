//! Any bytes as a Sigstore bundle: nothing is proven of an artifact that was never signed, and what
//! verifies verifies again.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use sovverify::trust::{TrustRoot, TrustRootOptions};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Anchor, AnchorId, Digest, Limits, TrustStore, VerificationTime};

const ROOT: &str = include_str!("../../../testdata/trust/cases/trusted_root.json");
/// The image of the cases.
const IMAGE: &str = "sha256:9815386439458e6e72c97e2f160b246b451f99ada7b3d0372fc1e0ce92dde98c";

static TRUST: LazyLock<(TrustStore, AnchorId)> = LazyLock::new(|| {
    let root = TrustRoot::from_json("cases", ROOT, TrustRootOptions::default());
    let mut trust = TrustStore::default();
    let anchor = trust.add(Anchor::Certificates(Arc::new(root.expect("a trust root"))));
    (trust, anchor)
});

fuzz_target!(|bundle: &[u8]| {
    let (trust, anchor) = &*TRUST;
    let time: VerificationTime = "2026-03-03T11:04:05Z".parse().expect("a time");
    let limits = Limits::default();
    let verify = |artifact: &Artifact<'_>| {
        verify_bundle(bundle, artifact, trust, *anchor, time, &limits).map(drop)
    };
    assert!(verify(&Artifact::Bytes(b"never signed by anybody")).is_err());
    let image: Digest = IMAGE.parse().expect("a digest");
    let artifact = Artifact::Digest(&image);
    assert_eq!(verify(&artifact), verify(&artifact));
});
