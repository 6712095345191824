//! The keys and signatures of the certificates that a signer's key rests on.

use serde_json::{Value, json};
use sovverify::trust::Requirements;
use sovverify::{Anchor, Code, Decision};
use sovverify_forge::{
    Authority, Hash, Identity, KeyKind, Name, RELEASE_WORKFLOW, Scheme, TrustedAuthority, Usage,
    Window, days, trusted,
};

use super::{Asked, BSI, FIPS, names, refusal};
use crate::world::{ARTIFACT, World};

fn with_fulcio(kind: KeyKind, scheme: Scheme) -> World {
    let mut world = World::new();
    let validity = world.forge.fulcio.validity;
    let keys = (kind, scheme);
    let usage = Usage::CodeSigning;
    world.forge.fulcio = Authority::signing_as("fulcio.forge.example", usage, keys, validity);
    world
}

#[test]
fn the_keys_and_signatures_of_certificates_are_judged() {
    for (kind, scheme, found, fips, bsi) in [
        (
            KeyKind::Rsa2048,
            Scheme::RsaPkcs1(Hash::Sha256),
            "rsa-2048",
            true,
            false,
        ),
        (
            KeyKind::Rsa2048,
            Scheme::RsaPss(Hash::Sha256),
            "rsa-2048",
            true,
            false,
        ),
        (
            KeyKind::Rsa3072,
            Scheme::RsaPkcs1(Hash::Sha384),
            "rsa-3072-pkcs1-sha384 (signature on the signer's certificate)",
            true,
            false,
        ),
        (
            KeyKind::Rsa3072,
            Scheme::RsaPss(Hash::Sha384),
            "",
            true,
            true,
        ),
        (
            KeyKind::EcdsaP256,
            Scheme::Ecdsa(Hash::Sha256),
            "",
            true,
            true,
        ),
        (KeyKind::Ed25519, Scheme::Ed25519, "ed25519", true, false),
    ] {
        let world = with_fulcio(kind, scheme);
        let bundle = world.forge.keyless(world.time).message(ARTIFACT);
        let asked = Asked::keyless(&world, &bundle);
        for (profile, allowed) in [(FIPS, fips), (BSI, bsi)] {
            if allowed {
                asked.admitted(&json!(profile));
            } else {
                let code = Code::CertificateAlgorithmForbidden;
                asked.refused(&json!(profile), code, found);
                asked.admitted(&json!({ "profile": profile, "certificate": FIPS }));
            }
        }
        asked.admitted(&json!("default"));
    }
}

#[test]
fn a_p521_authority_is_judged_by_its_curve() {
    let world = with_fulcio(KeyKind::EcdsaP521, Scheme::Ecdsa(Hash::Sha512));
    let signing = world.forge.keyless(world.time).without_sct().unlogged();
    let bundle = signing.message(ARTIFACT);
    let asked = Asked {
        signer: json!({
            "certificate": { "identity": RELEASE_WORKFLOW },
            "trustRoot": "forge",
        }),
        require: json!({ "log": 0, "timestamp": 0, "sct": false }),
        ..Asked::keyless(&world, &bundle)
    };
    let decision = |algorithms: &Value| asked.verdict(algorithms, world.time).decision;
    assert_eq!(decision(&json!(BSI)), Decision::Admit);
    assert_eq!(
        decision(&json!({ "certificate": ["ecdsa-p256", "ecdsa-p521"] })),
        Decision::Admit
    );
    let refused = asked.verdict(&json!({ "certificate": ["ecdsa-p256"] }), world.time);
    let (code, found) = refusal(&refused).unwrap();
    assert_eq!(code, Code::CertificateAlgorithmForbidden);
    assert!(found.starts_with("ecdsa-p521"), "{found}");
}

#[test]
fn a_signers_certified_key_and_every_intermediate_are_part_of_the_path() {
    let mut world = World::new();
    let validity = Window::decade(days(world.time, -30));
    let pki = Authority::new(
        "pki.example",
        Usage::CodeSigning,
        KeyKind::Rsa2048,
        validity,
    );
    // Only the root is trusted, so the intermediate comes with the evidence and is on the path.
    let mut root: TrustedAuthority = trusted(&pki);
    root.chain.remove(0);
    world.forge.fulcio = pki.clone();
    let name = Name::Email("release@gov.example".to_owned());
    let identity = Identity::own_pki("release", name);
    let signing = world.forge.keyless(world.time);
    let signing = signing
        .key_kind(KeyKind::EcdsaP256)
        .own_pki(&pki, identity, validity)
        .version(sovverify_forge::Version::V02);
    let bundle = signing.message(ARTIFACT);
    let mut trusted_root = world.forge.trusted_root();
    trusted_root.certificate_authorities = vec![root];
    let options = sovverify::trust::TrustRootOptions {
        requirements: Requirements {
            sct: sovverify::trust::Sct::DangerNotRequired,
            ..Requirements::default()
        },
        expires: None,
    };
    let root = sovverify::TrustRoot::from_json("forge", &trusted_root.text(), options).unwrap();
    let claim = world
        .judge(&bundle, Anchor::Certificates(std::sync::Arc::new(root)))
        .unwrap();
    let certificates = names(&claim.algorithms.certificates);
    let on = |what: &str| {
        certificates
            .iter()
            .filter(|(_, place)| place.contains(what))
            .count()
    };
    assert_eq!(on("signer's certificate"), 2, "{certificates:?}");
    assert_eq!(on("CN=intermediate"), 2, "{certificates:?}");
    assert_eq!(on("CN=root"), 1, "the anchor is a key: {certificates:?}");
    let signature = "rsa-2048-pkcs1-sha256";
    let signatures = certificates.iter().filter(|(name, _)| *name == signature);
    assert_eq!(signatures.count(), 2, "{certificates:?}");
}

#[test]
fn a_weak_key_in_the_signers_certificate_is_found_though_the_authority_is_strong() {
    let world = World::new();
    let signing = world.forge.keyless(world.time).key_kind(KeyKind::Rsa2048);
    let bundle = signing.message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    asked.admitted(&json!(FIPS));
    let only_certificates = json!({ "certificate": BSI });
    let found = "rsa-2048 (key of the signer's certificate)";
    asked.refused(
        &only_certificates,
        Code::CertificateAlgorithmForbidden,
        found,
    );
    asked.admitted(&json!({ "log": BSI, "timestamp": BSI }));
}
