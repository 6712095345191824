//! Honest evidence of every form is accepted, and says who, what, when and in which log.

use sovverify::claim::{AlternativeName, FulcioExtension, InclusionEvidence, Signer, TimeSource};
use sovverify::trust::{Danger, Inclusion, KeyHash, Requirements, Sct};
use sovverify::verify::Artifact;
use sovverify::{Anchor, Code, Digest};
use sovverify_forge::EntryKind;
use sovverify_forge::Log;
use sovverify_forge::Statement;
use sovverify_forge::Version;
use sovverify_forge::days;
use sovverify_forge::{Hash, digest_of};
use sovverify_forge::{Identity, Name};
use sovverify_forge::{Key, KeyKind, Scheme};

use crate::world::{ARTIFACT, World, judge, key_only, public};

#[test]
fn a_keyless_bundle_says_who_signed_when_and_in_which_log() {
    let world = World::new();
    let bundle = world
        .forge
        .keyless(world.time)
        .timestamped(1)
        .message(ARTIFACT);
    let claim = world.judge(&bundle, world.keyless()).unwrap();
    let Signer::Certificate(identity) = &claim.signer else {
        panic!("a certificate")
    };
    assert_eq!(
        identity.issuer.as_deref(),
        Some("https://token.ci.forge.example")
    );
    let workflow =
        "https://ci.forge.example/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";
    assert_eq!(
        identity.alternative_names,
        [AlternativeName::Uri(workflow.to_owned())]
    );
    let source = identity
        .extensions
        .get(&FulcioExtension::SourceRepository)
        .unwrap();
    assert_eq!(source, "https://git.forge.example/acme/app");
    assert_eq!(claim.logs.len(), 1);
    assert_eq!(claim.logs[0].inclusion, InclusionEvidence::Proven);
    assert_eq!(claim.logs[0].kind, "hashedrekord/0.0.1");
    let sources: Vec<_> = claim.times.iter().map(|time| &time.source).collect();
    assert!(
        sources
            .iter()
            .any(|source| matches!(source, TimeSource::Log { .. }))
    );
    assert!(
        sources
            .iter()
            .any(|source| matches!(source, TimeSource::TimestampAuthority { .. }))
    );
    assert_eq!(claim.algorithms.signature, "ecdsa-p256-sha256");
    assert!(claim.dangers.is_empty(), "{:?}", claim.dangers);
    assert_eq!(claim.subject, Digest::sha256(ARTIFACT));
}

#[test]
fn every_bundle_version_and_both_logs_are_read() {
    let world = World::new();
    for version in [
        Version::V01,
        Version::V02,
        Version::V03,
        Version::V03Parameter,
    ] {
        let bundle = world
            .forge
            .keyless(world.time)
            .version(version)
            .message(ARTIFACT);
        assert!(world.judge(&bundle, world.keyless()).is_ok(), "{version:?}");
    }
    let statement = Statement::slsa_v1(&digest_of(ARTIFACT));
    let v2 = world
        .forge
        .keyless(world.time)
        .logged_in(Log::V2)
        .timestamped(1);
    for bundle in [v2.message(ARTIFACT), v2.statement(&statement)] {
        let claim = world.judge(&bundle, world.keyless()).unwrap();
        assert_eq!(claim.logs[0].kind, "hashedrekord/0.0.2");
    }
    for kind in [EntryKind::Dsse001, EntryKind::Intoto002] {
        let bundle = world
            .forge
            .keyless(world.time)
            .envelope_entry(kind)
            .statement(&statement);
        let claim = world.judge(&bundle, world.keyless()).unwrap();
        assert_eq!(
            claim.content.predicate_type(),
            Some("https://slsa.dev/provenance/v1")
        );
    }
}

#[test]
fn every_identity_type_is_exposed() {
    let world = World::new();
    for name in [
        Name::Email("dev@forge.example".into()),
        Name::Uri("https://forge.example/x".into()),
        Name::Dns("host.forge.example".into()),
        Name::Other("dev!forge.example".into()),
    ] {
        let identity = Identity::named(name, "https://login.forge.example");
        let bundle = world
            .forge
            .keyless(world.time)
            .identity(identity)
            .message(ARTIFACT);
        let claim = world.judge(&bundle, world.keyless()).unwrap();
        let Signer::Certificate(identity) = &claim.signer else {
            panic!("a certificate")
        };
        assert_eq!(identity.alternative_names.len(), 1, "{identity:?}");
    }
}

#[test]
fn every_kind_of_key_works_with_and_without_a_log() {
    let world = World::new();
    let statement = Statement::cosign_sign(&digest_of(ARTIFACT));
    for kind in KeyKind::ALL {
        let key = Key::generate(kind);
        let bare = world.forge.keyed(&key, world.time).unlogged();
        for bundle in [bare.message(ARTIFACT), bare.statement(&statement)] {
            let claim = world.judge(&bundle, key_only(&key)).unwrap();
            assert_eq!(
                claim.dangers,
                [Danger::NoLog, Danger::NoTimestamp],
                "{kind:?}"
            );
        }
        let logged = world.forge.keyed(&key, world.time).message(ARTIFACT);
        let root = Some(world.root(Requirements::default()));
        let anchor = Anchor::Key {
            key: public(&key, None),
            root,
        };
        let claim = world.judge(&logged, anchor);
        assert!(claim.is_ok(), "{kind:?}: {claim:?}");
    }
}

#[test]
fn a_certificate_may_certify_any_kind_of_key() {
    let world = World::new();
    for kind in [
        KeyKind::EcdsaP384,
        KeyKind::EcdsaP521,
        KeyKind::Rsa3072,
        KeyKind::Ed25519,
    ] {
        let bundle = world
            .forge
            .keyless(world.time)
            .key_kind(kind)
            .message(ARTIFACT);
        let claim = world.judge(&bundle, world.keyless());
        assert!(claim.is_ok(), "{kind:?}: {claim:?}");
    }
}

#[test]
fn a_configured_hash_is_the_only_one_that_is_tried() {
    let world = World::new();
    for (kind, scheme, hash) in [
        (
            KeyKind::EcdsaP256,
            Scheme::Ecdsa(Hash::Sha512),
            KeyHash::Sha512,
        ),
        (
            KeyKind::EcdsaP384,
            Scheme::Ecdsa(Hash::Sha256),
            KeyHash::Sha256,
        ),
        (
            KeyKind::EcdsaP521,
            Scheme::Ecdsa(Hash::Sha384),
            KeyHash::Sha384,
        ),
        (
            KeyKind::Rsa4096,
            Scheme::RsaPkcs1(Hash::Sha512),
            KeyHash::Sha512,
        ),
        (
            KeyKind::Rsa3072,
            Scheme::RsaPss(Hash::Sha384),
            KeyHash::Sha384,
        ),
    ] {
        let key = Key::generate(kind).signing_as(scheme);
        let bundle = world
            .forge
            .keyed(&key, world.time)
            .unlogged()
            .message(ARTIFACT);
        let anchor = |hash| Anchor::Key {
            key: public(&key, Some(hash)),
            root: None,
        };
        assert!(world.judge(&bundle, anchor(hash)).is_ok(), "{kind:?}");
        let other = if hash == KeyHash::Sha256 {
            KeyHash::Sha384
        } else {
            KeyHash::Sha256
        };
        assert_eq!(
            world.judge(&bundle, anchor(other)).unwrap_err(),
            Code::SignatureInvalid,
            "{kind:?}"
        );
    }
}

#[test]
fn ed25519ph_is_verified_also_by_digest_alone() {
    let world = World::new();
    let key = Key::generate(KeyKind::Ed25519).signing_as(Scheme::Ed25519Ph);
    let bundle = world
        .forge
        .keyed(&key, world.time)
        .unlogged()
        .message(ARTIFACT);
    assert_eq!(
        world
            .judge(&bundle, key_only(&key))
            .unwrap()
            .algorithms
            .signature,
        "ed25519ph"
    );
    let digest: Digest = sovverify::DigestAlgorithm::Sha512.digest(ARTIFACT);
    let when = days(world.time, 1);
    assert!(
        judge(
            &bundle.bytes(),
            &Artifact::Digest(&digest),
            key_only(&key),
            when
        )
        .is_ok()
    );
    let other: Digest = sovverify::DigestAlgorithm::Sha512.digest(b"other");
    let refused = judge(
        &bundle.bytes(),
        &Artifact::Digest(&other),
        key_only(&key),
        when,
    );
    assert_eq!(refused.unwrap_err(), Code::SubjectMismatch);
}

#[test]
fn an_own_pki_is_judged_at_the_verification_time_when_no_time_is_asked_for() {
    use sovverify::trust::{TrustRoot, TrustRootOptions, TrustRootParts};
    use sovverify_forge::Authority;
    use sovverify_forge::Window;
    let world = World::new();
    let authority = Authority::fulcio("pki.forge.example", Window::decade(days(world.time, -30)));
    let validity = Window::new(days(world.time, -1), days(world.time, 90));
    let identity = Identity::own_pki("builder", Name::Dns("builder.forge.example".into()));
    let signing = world
        .forge
        .keyless(world.time)
        .own_pki(&authority, identity, validity)
        .unlogged();
    let bundle = signing.version(Version::V02).message(ARTIFACT);
    let chain: String = authority
        .chain()
        .iter()
        .map(sovverify_forge::Certificate::pem)
        .collect();
    let parts = TrustRootParts {
        certificate_authorities: vec![chain],
        ..Default::default()
    };
    let requirements = Requirements {
        logs: 0,
        timestamps: 0,
        sct: Sct::DangerNotRequired,
        inclusion: Inclusion::Proof,
    };
    let options = TrustRootOptions {
        requirements,
        expires: None,
    };
    let root = std::sync::Arc::new(TrustRoot::from_parts("own", &parts, options).unwrap());
    let anchor = Anchor::Certificates(root);
    let claim = world.judge(&bundle, anchor.clone()).unwrap();
    assert_eq!(
        claim.dangers,
        [Danger::NoLog, Danger::NoTimestamp, Danger::NoSct]
    );
    let late = world.judge_at(&bundle, anchor.clone(), days(world.time, 91));
    assert_eq!(late.unwrap_err(), Code::CertificateExpired);
    let early = world.judge_at(&bundle, anchor, days(world.time, -2));
    assert_eq!(early.unwrap_err(), Code::CertificateNotYetValid);
}
