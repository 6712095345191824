use std::sync::Arc;

use sovverify_forge::{Forge, Key, KeyKind, SIGNING_TIME, at, days};

use super::*;
use crate::digest::Digest;
use crate::limits::Limits;
use crate::time::VerificationTime;
use crate::trust::{Anchor, TrustRootOptions};
use crate::verify::artifact::Hashed;
use crate::verify::bundle;
use crate::verify::checks::SignedForm;
use crate::verify::subject::Subjects;

const ARTIFACT: &[u8] = b"an artifact";

/// What the borrowed verifier says of `bundle`, whatever our own checks would say of it.
fn opinion(forge: &Forge, key: &Key, bundle: &[u8]) -> Result<(), Code> {
    let json = forge.trusted_root().text();
    let root = TrustRoot::from_json("forge", &json, TrustRootOptions::default()).unwrap();
    let root = Arc::new(root);
    let key = Arc::new(PublicKey::from_pem(&key.public_pem(), None).unwrap());
    let limits = Limits::default();
    let material = bundle::read(bundle, &limits).unwrap();
    let name = Digest::sha256(ARTIFACT);
    let anchor = Anchor::Key {
        key: Arc::clone(&key),
        root: Some(Arc::clone(&root)),
    };
    let case = Case {
        material: &material,
        artifact: &Hashed::new(Artifact::Bytes(ARTIFACT)),
        form: SignedForm::Artifact,
        subjects: Subjects {
            attached: &name,
            others: &[],
            bytes: Some((&name, ARTIFACT)),
        },
        anchor: &anchor,
        time: VerificationTime::at(days(at(SIGNING_TIME), 1)),
        limits: &limits,
    };
    agrees(&case, &name, &key, "ecdsa-p256-sha256", &root).map_err(|rejected| rejected.code)
}

#[test]
fn what_ours_would_overlook_the_second_opinion_refuses() {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let key = Key::generate(KeyKind::EcdsaP256);
    let honest = forge.keyed(&key, time).message(ARTIFACT);
    assert_eq!(opinion(&forge, &key, &honest.bytes()), Ok(()));
    let lie = forge
        .keyed(&key, time)
        .message(ARTIFACT)
        .signature_flipped();
    assert_eq!(
        opinion(&forge, &key, &lie.bytes()),
        Err(Code::BundleSecondOpinion)
    );
}
