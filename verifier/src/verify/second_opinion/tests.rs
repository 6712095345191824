use std::sync::Arc;

use der::{Decode as _, Encode as _};
use sovverify_forge::{Bundle as Forged, Forge, Key, KeyKind, Log, SIGNING_TIME, at, days};
use x509_cert::Certificate;

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

/// What the borrowed verifier says of a keyless bundle, as it is or as annotations said the same.
fn of_certificate(forge: &Forge, bundle: &Forged, source: Option<Source>) -> Result<(), Code> {
    let json = forge.trusted_root().text();
    let root = TrustRoot::from_json("forge", &json, TrustRootOptions::default()).unwrap();
    let root = Arc::new(root);
    let limits = Limits::default();
    let mut material = bundle::read(&bundle.bytes(), &limits).unwrap();
    if let Some(source) = source {
        material.source = source;
    }
    let SignerMaterial::Certificate { leaf, .. } = &material.signer else {
        panic!("a keyless bundle");
    };
    let certificate = Certificate::from_der(leaf.as_bytes()).unwrap();
    let spki = certificate.tbs_certificate.subject_public_key_info.to_der();
    let key = PublicKey::from_spki(&spki.unwrap(), None).unwrap();
    let name = Digest::sha256(ARTIFACT);
    let anchor = Anchor::Certificates(Arc::clone(&root));
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
    let algorithm = "ecdsa-p256-sha256";
    agrees(&case, &name, &key, algorithm, &root).map_err(|rejected| rejected.code)
}

#[test]
fn a_second_opinion_is_asked_about_every_form_that_the_borrowed_verifier_speaks() {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let signing = || forge.keyless(time);
    let refused = Err(Code::BundleSecondOpinion);
    for (what, signing) in [
        ("Rekor v1", signing()),
        ("with a timestamp", signing().timestamped(1)),
        ("Rekor v2", signing().logged_in(Log::V2).timestamped(1)),
    ] {
        let honest = signing.message(ARTIFACT);
        assert_eq!(of_certificate(&forge, &honest, None), Ok(()), "{what}");
        let lie = honest.signature_flipped();
        assert_eq!(of_certificate(&forge, &lie, None), refused, "{what}");
    }
    // Annotations of cosign's tags are asked about as the oldest bundle that says the same.
    let honest = signing().message(ARTIFACT);
    let annotated = |bundle: &Forged| of_certificate(&forge, bundle, Some(Source::Legacy));
    assert_eq!(annotated(&honest), Ok(()));
    assert_eq!(annotated(&honest.clone().signature_flipped()), refused);
    assert_eq!(annotated(&honest.set_tampered()), refused);
}
