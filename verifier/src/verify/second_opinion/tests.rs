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

fn read(bundle: &Forged) -> Material {
    bundle::read(&bundle.bytes(), &Limits::default()).unwrap()
}

/// The key that the evidence names by itself, in its certificate.
fn certified(material: &Material) -> PublicKey {
    let SignerMaterial::Certificate { leaf, .. } = &material.signer else {
        panic!("a keyless bundle");
    };
    let certificate = Certificate::from_der(leaf.as_bytes()).unwrap();
    let spki = certificate.tbs_certificate.subject_public_key_info.to_der();
    PublicKey::from_spki(&spki.unwrap(), None).unwrap()
}

/// What the borrowed verifier says of the evidence, whatever our own checks would say of it.
fn opinion(forge: &Forge, material: &Material, held: Option<&Key>) -> Result<(), Code> {
    let json = forge.trusted_root().text();
    let root = TrustRoot::from_json("forge", &json, TrustRootOptions::default()).unwrap();
    let root = Arc::new(root);
    let key = held.map_or_else(
        || certified(material),
        |key| PublicKey::from_pem(&key.public_pem(), None).unwrap(),
    );
    let anchor = match held {
        Some(_) => Anchor::Key {
            key: Arc::new(key.clone()),
            root: Some(Arc::clone(&root)),
        },
        None => Anchor::Certificates(Arc::clone(&root)),
    };
    let name = Digest::sha256(ARTIFACT);
    let case = Case {
        material,
        artifact: &Hashed::new(Artifact::Bytes(ARTIFACT)),
        form: SignedForm::Artifact,
        subjects: Subjects {
            attached: &name,
            others: &[],
            bytes: Some((&name, ARTIFACT)),
        },
        anchor: &anchor,
        time: VerificationTime::at(days(at(SIGNING_TIME), 1)),
        limits: &Limits::default(),
    };
    agrees(&case, &name, &key, "ecdsa-p256-sha256", &root).map_err(|rejected| rejected.code)
}

#[test]
fn what_ours_would_overlook_the_second_opinion_refuses() {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let key = Key::generate(KeyKind::EcdsaP256);
    let refused = Err(Code::BundleSecondOpinion);
    for (what, signing, held) in [
        ("a key", forge.keyed(&key, time), Some(&key)),
        ("Rekor v1", forge.keyless(time), None),
        ("and a timestamp", forge.keyless(time).timestamped(1), None),
        (
            "Rekor v2",
            forge.keyless(time).logged_in(Log::V2).timestamped(1),
            None,
        ),
    ] {
        let honest = signing.message(ARTIFACT);
        assert_eq!(opinion(&forge, &read(&honest), held), Ok(()), "{what}");
        let lie = read(&honest.signature_flipped());
        assert_eq!(opinion(&forge, &lie, held), refused, "{what}");
    }
    // Annotations of cosign's tags are asked about as the oldest bundle that says the same.
    let honest = forge.keyless(time).message(ARTIFACT);
    let annotated = |bundle: &Forged| {
        let mut material = read(bundle);
        material.source = Source::Legacy;
        opinion(&forge, &material, None)
    };
    assert_eq!(annotated(&honest), Ok(()));
    assert_eq!(annotated(&honest.clone().signature_flipped()), refused);
    assert_eq!(annotated(&honest.set_tampered()), refused);
}
