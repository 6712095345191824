//! Independent verifiers accept what the forge makes honestly.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use sha2::Digest;
use sigstore_crypto::{SigningScheme, verify_signature};
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{Artifact, Bundle, DerPublicKey, Sha256Hash, SignatureBytes, TimestampToken};
use sigstore_verify::{
    PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult, verify,
};
use sovverify_forge::*;

const DIGEST: &str = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const MESSAGE: &[u8] = b"foo"; // its SHA-256 is DIGEST

fn forge() -> (Forge, TrustedRoot) {
    let forge = Forge::new(at("2026-01-01T00:00:00Z"));
    let root = TrustedRoot::from_json(&forge.trusted_root().text()).unwrap();
    (forge, root)
}

fn referee(
    bundle: &sovverify_forge::Bundle,
    root: &TrustedRoot,
    policy: &impl sigstore_verify::Policy,
) -> sigstore_verify::Result<VerificationResult> {
    let bundle = Bundle::from_json(std::str::from_utf8(&bundle.bytes()).unwrap()).unwrap();
    let artifact = Artifact::from(Sha256Hash::from_hex(&DIGEST["sha256:".len()..]).unwrap());
    match &bundle.content {
        sigstore_types::SignatureContent::MessageSignature(_) => {
            verify(MESSAGE, &bundle, policy, root)
        }
        _ => verify(artifact, &bundle, policy, root),
    }
}

fn release() -> VerificationPolicy {
    VerificationPolicy::new(RELEASE_WORKFLOW, WORKFLOW_ISSUER)
}

#[test]
fn keyless_bundles_of_every_version_are_accepted() {
    let (forge, root) = forge();
    let statement = Statement::slsa_v1(DIGEST);
    for version in [
        Version::V01,
        Version::V02,
        Version::V03,
        Version::V03Parameter,
    ] {
        let signing = forge.keyless(at(SIGNING_TIME)).version(version);
        for bundle in [signing.message(MESSAGE), signing.statement(&statement)] {
            let result = referee(&bundle, &root, &release()).unwrap();
            assert!(result.sct_verified() && result.tlog_verified());
            assert_eq!(result.integrated_time(), Some(at(SIGNING_TIME)));
        }
    }
}

#[test]
fn every_kind_of_entry_with_and_without_timestamps_is_accepted() {
    let (forge, root) = forge();
    let statement = Statement::cosign_sign(DIGEST);
    for kind in [EntryKind::Dsse001, EntryKind::Intoto002] {
        let signing = forge.keyless(at(SIGNING_TIME)).envelope_entry(kind);
        referee(&signing.statement(&statement), &root, &release()).unwrap();
        let stamped = signing.timestamped(2).statement(&statement);
        let result = referee(&stamped, &root, &release()).unwrap();
        assert_eq!(result.verified_timestamps().len(), 3);
    }
    let mut forge = forge;
    forge.rekor_v2.witnesses = vec![Witness::new("witness.forge.example/a"), Witness::new("b")];
    let signing = forge
        .keyless(at(SIGNING_TIME))
        .logged_in(Log::V2)
        .timestamped(1);
    for bundle in [signing.statement(&statement), signing.message(MESSAGE)] {
        let result = referee(&bundle, &root, &release()).unwrap();
        assert!(result.tlog_verified());
        assert_eq!(
            bundle.entries[0]
                .proof
                .as_ref()
                .unwrap()
                .checkpoint
                .lines()
                .count(),
            7
        );
    }
}

#[test]
fn certificates_of_every_kind_of_key_and_name_are_accepted() {
    let (forge, root) = forge();
    let kinds = [KeyKind::EcdsaP384, KeyKind::Rsa2048, KeyKind::Ed25519];
    let statement = Statement::cosign_sign(DIGEST);
    for kind in kinds {
        let signing = forge.keyless(at(SIGNING_TIME)).key_kind(kind);
        referee(&signing.statement(&statement), &root, &release()).unwrap();
    }
    let person = forge
        .keyless(at(SIGNING_TIME))
        .identity(Identity::person("a@forge.example"));
    let policy = VerificationPolicy::new("a@forge.example", PEOPLE_ISSUER);
    let result = referee(&person.statement(&statement), &root, &policy).unwrap();
    assert!(result.sct_verified());
    let names = [
        Name::Dns("build.forge.example".into()),
        Name::Other("robot!forge".into()),
    ];
    for name in names {
        let identity = Identity::named(name, WORKFLOW_ISSUER);
        let signing = forge.keyless(at(SIGNING_TIME)).identity(identity);
        referee(
            &signing.statement(&statement),
            &root,
            &VerificationPolicy::any_identity(),
        )
        .unwrap();
    }
}

#[test]
fn fulcio_claims_are_read_back() {
    let (forge, root) = forge();
    let bundle = forge.keyless(at(SIGNING_TIME)).message(MESSAGE);
    let result = referee(&bundle, &root, &release()).unwrap();
    let claims = format!("{:?}", result.certificate().unwrap().ci_claims);
    for value in [REPOSITORY, "refs/tags/v1.0.0", "forge-hosted", "4711"] {
        assert!(claims.contains(value), "{value} in {claims}");
    }
}

#[test]
fn managed_keys_with_a_log_are_accepted() {
    let (forge, root) = forge();
    let statement = Statement::cosign_sign(DIGEST);
    for kind in [
        KeyKind::EcdsaP256,
        KeyKind::EcdsaP384,
        KeyKind::Rsa3072,
        KeyKind::Ed25519,
    ] {
        let key = Key::generate(kind);
        let policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(key.spki().to_vec()));
        let signing = forge.keyed(&key, at(SIGNING_TIME));
        let bundle = signing.statement(&statement);
        referee(&bundle, &root, &policy).unwrap();
        if kind == KeyKind::EcdsaP256 {
            referee(&signing.message(MESSAGE), &root, &policy).unwrap();
            referee(&signing.logged_in(Log::V2).message(MESSAGE), &root, &policy).unwrap();
        }
    }
}

#[test]
fn signatures_of_every_scheme_verify() {
    let schemes = [
        (
            KeyKind::EcdsaP256,
            Scheme::Ecdsa(Hash::Sha256),
            SigningScheme::EcdsaP256Sha256,
        ),
        (
            KeyKind::EcdsaP256,
            Scheme::Ecdsa(Hash::Sha384),
            SigningScheme::EcdsaP256Sha384,
        ),
        (
            KeyKind::EcdsaP384,
            Scheme::Ecdsa(Hash::Sha256),
            SigningScheme::EcdsaP384Sha256,
        ),
        (
            KeyKind::EcdsaP384,
            Scheme::Ecdsa(Hash::Sha384),
            SigningScheme::EcdsaP384Sha384,
        ),
        (
            KeyKind::Rsa2048,
            Scheme::RsaPkcs1(Hash::Sha512),
            SigningScheme::RsaPkcs1Sha512,
        ),
        (
            KeyKind::Rsa3072,
            Scheme::RsaPss(Hash::Sha384),
            SigningScheme::RsaPssSha384,
        ),
        (
            KeyKind::Rsa4096,
            Scheme::RsaPss(Hash::Sha256),
            SigningScheme::RsaPssSha256,
        ),
        (KeyKind::Ed25519, Scheme::Ed25519, SigningScheme::Ed25519),
        (KeyKind::MlDsa44, Scheme::MlDsa, SigningScheme::MlDsa44),
        (KeyKind::MlDsa65, Scheme::MlDsa, SigningScheme::MlDsa65),
        (KeyKind::MlDsa87, Scheme::MlDsa, SigningScheme::MlDsa87),
    ];
    for (kind, scheme, referees) in schemes {
        let key = Key::generate(kind).signing_as(scheme);
        let spki = DerPublicKey::new(key.spki().to_vec());
        let signature = SignatureBytes::from_bytes(&key.sign(MESSAGE));
        verify_signature(&spki, MESSAGE, &signature, referees).unwrap();
        assert!(verify_signature(&spki, b"bar", &signature, referees).is_err());
    }
}

#[test]
fn p521_and_ed25519ph_signatures_verify() {
    use aws_lc_rs::signature::{ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA512_ASN1, UnparsedPublicKey};
    let key = Key::generate(KeyKind::EcdsaP521);
    let spki = key.raw_public();
    UnparsedPublicKey::new(&ECDSA_P521_SHA512_ASN1, &spki)
        .verify(MESSAGE, &key.sign(MESSAGE))
        .unwrap();
    let key = key.signing_as(Scheme::Ecdsa(Hash::Sha256));
    UnparsedPublicKey::new(&ECDSA_P521_SHA256_ASN1, &spki)
        .verify(MESSAGE, &key.sign(MESSAGE))
        .unwrap();

    let key = Key::generate(KeyKind::Ed25519).signing_as(Scheme::Ed25519Ph);
    let public: [u8; 32] = key.raw_public().try_into().unwrap();
    let public = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&key.sign(MESSAGE)).unwrap();
    public
        .verify_prehashed_strict(sha2::Sha512::new_with_prefix(MESSAGE), None, &signature)
        .unwrap();
    assert!(public.verify_strict(MESSAGE, &signature).is_err());
}

#[test]
fn timestamps_in_every_form_are_accepted() {
    let mut timestamper = Timestamper::new("tsa", Window::decade(at("2026-01-01T00:00:00Z")));
    let mut forge = Forge::new(at("2026-01-01T00:00:00Z"));
    for hash in [Hash::Sha256, Hash::Sha384] {
        for reference in [CertificateReference::V1, CertificateReference::V2] {
            timestamper.hash = hash;
            timestamper.reference = reference;
            forge.timestamper = timestamper.clone();
            let root = TrustedRoot::from_json(&forge.trusted_root().text()).unwrap();
            let authority = root.tsa_authorities().remove(0);
            let token = TimestampToken::new(timestamper.stamp(b"signature", at(SIGNING_TIME)));
            let check = |signature: &[u8]| {
                let signature = SignatureBytes::from_bytes(signature);
                sigstore_tsa::verify_timestamp_for_authority(&token, &signature, &authority)
            };
            assert_eq!(check(b"signature").unwrap(), at(SIGNING_TIME));
            assert!(check(b"another").is_err());
        }
    }
}

#[test]
fn an_own_pki_with_a_timestamp_is_accepted() {
    let (forge, _) = forge();
    let validity = Window::decade(at("2025-01-01T00:00:00Z"));
    for kind in [KeyKind::EcdsaP384, KeyKind::Rsa3072] {
        let pki = Authority::new("Acme", Usage::CodeSigning, kind, validity);
        let mut root = forge.trusted_root();
        root.certificate_authorities = vec![trusted(&pki)];
        let root = TrustedRoot::from_json(&root.text()).unwrap();
        let identity = Identity::own_pki("release", Name::Email("release@acme.example".into()));
        let signing = forge
            .keyless(at(SIGNING_TIME))
            .own_pki(
                &pki,
                identity,
                Window::new(days(at(SIGNING_TIME), -30), days(at(SIGNING_TIME), 335)),
            )
            .timestamped(1)
            .unlogged();
        let policy = VerificationPolicy::any_identity()
            .skip_sct()
            .skip_tlog_unsafe();
        for version in [Version::V02, Version::V03] {
            let bundle = signing.clone().version(version).message(MESSAGE);
            let result = referee(&bundle, &root, &policy).unwrap();
            assert!(result.certificate_verified());
        }
    }
}
