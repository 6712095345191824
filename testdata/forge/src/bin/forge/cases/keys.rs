//! Managed keys of every kind, and lies about them.

use sovverify_forge::{Hash, Key, KeyKind, SIGNING_TIME, Scheme, at};

use super::case::{Case, Policy, TRUSTED_ROOT, image_policy, trust_root};
use super::{Workshop, image, signed, with_bundle};

/// Name, kind, scheme, and the hash that the policy must name.
const KEYS: [(&str, KeyKind, Scheme, Option<&str>); 10] = [
    (
        "p256",
        KeyKind::EcdsaP256,
        Scheme::Ecdsa(Hash::Sha256),
        None,
    ),
    (
        "p384",
        KeyKind::EcdsaP384,
        Scheme::Ecdsa(Hash::Sha384),
        None,
    ),
    (
        "p384-sha256",
        KeyKind::EcdsaP384,
        Scheme::Ecdsa(Hash::Sha256),
        None,
    ),
    (
        "p521",
        KeyKind::EcdsaP521,
        Scheme::Ecdsa(Hash::Sha512),
        None,
    ),
    (
        "rsa-pkcs1",
        KeyKind::Rsa3072,
        Scheme::RsaPkcs1(Hash::Sha256),
        None,
    ),
    (
        "rsa-pkcs1-sha512",
        KeyKind::Rsa2048,
        Scheme::RsaPkcs1(Hash::Sha512),
        Some("sha512"),
    ),
    (
        "rsa-pss",
        KeyKind::Rsa3072,
        Scheme::RsaPss(Hash::Sha256),
        None,
    ),
    ("ed25519", KeyKind::Ed25519, Scheme::Ed25519, None),
    ("ed25519ph", KeyKind::Ed25519, Scheme::Ed25519Ph, None),
    ("ml-dsa-44", KeyKind::MlDsa44, Scheme::MlDsa, None),
];

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases: Vec<Case> = KEYS.iter().map(|key| honest(workshop, *key)).collect();
    cases.extend(lies(workshop));
    cases.push(unsupported(workshop));
    cases
}

/// A policy of one key, in a file beside it.
fn policy(key: &Key, hash: Option<&str>, trust: &str, prefix: &str) -> Policy {
    let hash = hash
        .map(|hash| format!(", hash: {hash}"))
        .unwrap_or_default();
    let signer = [
        "custodian:",
        &format!("  key: {{ file: signer.pub{hash} }}"),
        &format!("  trustRoot: {trust}"),
    ];
    let require = ["- name: signed", "  signature: { by: [custodian] }"];
    let text = prefix.to_owned() + &image_policy(&signer, &require);
    let file = ("signer.pub".to_owned(), key.public_pem().into_bytes());
    Policy::Own(text, vec![file])
}

fn honest(
    workshop: &Workshop,
    (name, kind, scheme, hash): (&str, KeyKind, Scheme, Option<&str>),
) -> Case {
    let key = Key::generate(kind).signing_as(scheme);
    let bundle = workshop
        .forge
        .keyed(&key, at(SIGNING_TIME))
        .unlogged()
        .statement(&signed());
    with_bundle(
        &format!("honest/key-{name}"),
        "A managed key without a log, in a bundle.",
        policy(&key, hash, "none", ""),
        &bundle,
    )
}

fn lies(workshop: &Workshop) -> Vec<Case> {
    let other = Key::generate(KeyKind::EcdsaP256);
    let stranger = workshop.forge.keyed(&other, at(SIGNING_TIME));
    let (mut legacy, image) = image();
    let layer = stranger
        .clone()
        .unlogged()
        .cosign_signature("registry.forge.example/acme/app", &image.digest);
    legacy.attach_layers(&image, "sig", &[layer]);
    let root = trust_root(TRUSTED_ROOT, "");
    let key = &workshop.signer;
    let logged = workshop.forge.keyed(key, at(SIGNING_TIME));
    let bundle = logged.statement(&signed());
    vec![
        with_bundle(
            "honest/key-logged",
            "A managed key under a trust root that asks for a log.",
            policy(key, None, "forge", &root),
            &bundle,
        ),
        with_bundle(
            "key/mismatch",
            "A certificate is wanted; a key signed.",
            Policy::RELEASE,
            &bundle,
        )
        .denied("key/mismatch"),
        with_bundle(
            "certificate/untrusted-key-wanted",
            "A key is wanted; a certificate signed.",
            Policy::KEY,
            &workshop.release().statement(&signed()),
        )
        .denied("certificate/untrusted"),
        with_bundle(
            "signature/invalid-other-hint",
            "The bundle names another key by its hint, which proves nothing.",
            Policy::KEY,
            &stranger.unlogged().statement(&signed()),
        )
        .denied("signature/invalid"),
        Case::new(
            "signature/invalid-other-key",
            "A cosign signature by another key; nothing in it says by which.",
            Policy::KEY,
            legacy,
        )
        .denied("signature/invalid"),
        with_bundle(
            "key/algorithm-forbidden",
            "The key signs with an algorithm that the trust root does not list.",
            policy(
                key,
                None,
                "forge",
                &trust_root(TRUSTED_ROOT, "  algorithms: [ecdsa-p384]\n"),
            ),
            &bundle,
        )
        .denied("key/algorithm-forbidden"),
    ]
}

fn unsupported(workshop: &Workshop) -> Case {
    with_bundle(
        "key/unsupported",
        "The certificate is for a key of an algorithm that Sigstore does not know.",
        Policy::RELEASE,
        &workshop
            .release()
            .certificate_of_unknown_algorithm()
            .statement(&signed()),
    )
    .denied("key/unsupported")
}
