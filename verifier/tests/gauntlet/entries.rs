//! Bodies of log entries: what they say is compared, and what they are is read from them.

use serde_json::json;
use sovverify::trust::{Inclusion, Requirements, Sct};
use sovverify::{Anchor, Code};
use sovverify_forge::{
    Bundle, Content, EntryKind, Hash, IN_TOTO, Key, KeyKind, Log, Statement, Verifier, digest_of,
};

use crate::forged::{ARTIFACT, World, key_only, public};

/// No log is asked for, nor an inclusion proof; a time is.
fn without_log(world: &World) -> Anchor {
    Anchor::Certificates(world.root(Requirements {
        logs: 0,
        timestamps: 1,
        sct: Sct::Required,
        inclusion: Inclusion::ProofUnlessLegacy,
    }))
}

#[test]
fn gauntlet_006_a_signature_is_verified_whatever_stands_beside_it() {
    let world = World::new();
    let signing = world.forge.keyless(world.time).timestamped(1);
    let honest = signing.clone().unlogged().message(ARTIFACT);
    assert!(world.judge(&honest, without_log(&world)).is_ok());
    // Whoever has only the public certificate puts random bytes in the place of the signature, and
    // has them stamped.
    let random = |logged: bool| {
        let content = Content::Message {
            hash: Hash::Sha256,
            digest: Hash::Sha256.of(ARTIFACT),
            signature: Key::generate(KeyKind::EcdsaP256).sign(ARTIFACT),
        };
        let signing = signing.clone();
        let signing = if logged { signing } else { signing.unlogged() };
        signing.bundle(content)
    };
    let refused = world.judge(&random(false), without_log(&world));
    assert_eq!(refused.unwrap_err(), Code::SignatureInvalid);
    let envelope = signing.statement(&Statement::slsa_v1(&digest_of(ARTIFACT)));
    for anchor in [without_log(&world), world.keyless()] {
        // With an entry of its own, and with a genuine one of an envelope.
        let refused = world.judge(&random(true), anchor.clone());
        assert_eq!(refused.unwrap_err(), Code::SignatureInvalid);
        let lie = random(false).log_entry_borrowed_from(&envelope);
        let refused = world.judge(&lie, anchor.clone());
        assert_eq!(refused.unwrap_err(), Code::SignatureInvalid);
        let lie = honest.clone().log_entry_borrowed_from(&envelope);
        let refused = world.judge(&lie, anchor);
        assert_eq!(refused.unwrap_err(), Code::TransparencyEntryMismatch);
    }
}

#[test]
fn gauntlet_006_an_envelope_without_subject_of_another_type_or_entry_version_is_refused() {
    let world = World::new();
    let signing = world.forge.keyless(world.time);
    let statement = Statement::slsa_v1(&digest_of(ARTIFACT)).bytes();
    let honest = signing.envelope(IN_TOTO, &statement);
    assert!(world.judge(&honest, world.keyless()).is_ok());
    let mut none: serde_json::Value = serde_json::from_slice(&statement).unwrap();
    none["subject"] = json!([]);
    let none = signing.envelope(IN_TOTO, none.to_string().as_bytes());
    let typed = signing.envelope("x/y", &statement);
    let mut version = honest.clone();
    "9".clone_into(&mut version.entries[0].version);
    for (lie, codes) in [
        (none, [Code::SubjectMismatch, Code::SubjectMalformed]),
        (typed, [Code::SubjectMalformed; 2]),
        (version, [Code::BundleUnsupported; 2]),
    ] {
        let refused = world.judge(&lie, world.keyless()).unwrap_err();
        assert!(codes.contains(&refused), "{refused}");
    }
}

/// The same bundle with a genuine entry about `content` by `verifier`.
fn logged(
    world: &World,
    bundle: &Bundle,
    kind: EntryKind,
    (content, verifier, key): (&Content, &Key, &Key),
) -> Bundle {
    let verifier = Verifier::Key(verifier.spki().to_vec());
    let body = kind.body(content, &verifier, key);
    let (name, version) = (kind.kind(), kind.version());
    let entry = match kind {
        EntryKind::HashedRekord002 => world.forge.rekor_v2.add(name, version, body, world.time),
        _ => world.forge.rekor.add(name, version, body, world.time),
    };
    let mut bundle = bundle.clone();
    bundle.entries = vec![entry];
    bundle
}

#[test]
fn gauntlet_011_digest_signature_and_key_of_an_entry_are_compared_in_every_kind() {
    let world = World::new();
    let (key, stranger) = (
        Key::generate(KeyKind::EcdsaP256),
        Key::generate(KeyKind::EcdsaP256),
    );
    let anchor = || Anchor::Key {
        key: public(&key, None),
        root: Some(world.root(Requirements::default())),
    };
    let signing = world.forge.keyed(&key, world.time).unlogged();
    let signing = signing.timestamped(1);
    let message = signing.message(ARTIFACT);
    let envelope = signing.statement(&Statement::slsa_v1(&digest_of(ARTIFACT)));
    for (kind, bundle) in [
        (EntryKind::HashedRekord001, &message),
        (EntryKind::HashedRekord002, &message),
        (EntryKind::HashedRekord002, &envelope),
        (EntryKind::Dsse001, &envelope),
        (EntryKind::Intoto002, &envelope),
    ] {
        let honest = (&bundle.content, &key, &key);
        let claim = world.judge(&logged(&world, bundle, kind, honest), anchor());
        assert_eq!(claim.unwrap().logs.len(), 1, "{kind:?}");
        let (mut digest, mut signature) = (bundle.content.clone(), bundle.content.clone());
        match (&mut digest, &mut signature) {
            (
                Content::Message { digest, hash, .. },
                Content::Message {
                    signature: logged, ..
                },
            ) => {
                *digest = hash.of(b"another artifact");
                *logged = key.sign(ARTIFACT);
            }
            (Content::Dsse(digest), Content::Dsse(signature)) => {
                digest.payload = b"{}".to_vec();
                signature.signatures[0].1 = key.sign(&signature.pae());
            }
            _ => unreachable!("both are copies of one"),
        }
        for (lie, what) in [
            ((&digest, &key, &key), "another artifact"),
            (
                (&signature, &key, &key),
                "another signature by the same key",
            ),
            ((&bundle.content, &stranger, &key), "another key"),
        ] {
            let lie = logged(&world, bundle, kind, lie);
            let refused = world.judge(&lie, anchor()).unwrap_err();
            let expected = Code::TransparencyEntryMismatch;
            assert_eq!(refused, expected, "{kind:?}: {what}");
        }
    }
    // The digest in the bundle itself is compared too, with a right signature and without any log.
    let lie = message.message_digest_replaced(b"another artifact");
    let refused = world.judge(&lie, key_only(&key)).unwrap_err();
    assert_eq!(refused, Code::SubjectMismatch);
}

#[test]
fn gauntlet_016_an_entry_of_a_kind_or_version_that_is_not_known_is_refused() {
    let world = World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let anchor = || Anchor::Key {
        key: public(&key, None),
        root: Some(world.root(Requirements::default())),
    };
    let signing = world.forge.keyed(&key, world.time);
    let honest = signing.message(ARTIFACT);
    assert!(world.judge(&honest, anchor()).is_ok());
    for (kind, version, code) in [
        ("helm", "0.0.1", Code::BundleUnsupported),
        ("hashedrekord", "9.9", Code::BundleUnsupported),
        ("hashedrekord", "", Code::BundleUnsupported),
        ("", "0.0.1", Code::BundleUnsupported),
        ("HashedRekord", "0.0.1", Code::BundleUnsupported),
        ("dsse", "0.0.1", Code::TransparencyEntryMismatch),
        ("intoto", "0.0.2", Code::TransparencyEntryMismatch),
        // Of a log that makes no promises, and here is one.
        ("hashedrekord", "0.0.2", Code::TransparencyEntryMalformed),
    ] {
        let mut lie = honest.clone();
        kind.clone_into(&mut lie.entries[0].kind);
        version.clone_into(&mut lie.entries[0].version);
        let refused = world.judge(&lie, anchor()).unwrap_err();
        assert_eq!(refused, code, "{kind} {version}");
    }
    // The log itself took a body that calls itself something else.
    let body = String::from_utf8(honest.entries[0].body.clone()).unwrap();
    for (from, to) in [
        (r#""apiVersion":"0.0.1""#, r#""apiVersion":"9.9""#),
        (r#""kind":"hashedrekord""#, r#""kind":"rfc3161""#),
        (r#""spec":{"#, r#""spec":{},"specs":{"#),
    ] {
        assert!(body.contains(from));
        let mut lie = honest.clone();
        let body = body.replace(from, to).into_bytes();
        let rekor = &world.forge.rekor;
        lie.entries = vec![rekor.add("hashedrekord", "0.0.1", body, world.time)];
        let refused = world.judge(&lie, anchor()).unwrap_err();
        assert_eq!(refused, Code::TransparencyEntryMalformed, "{to}");
    }
}

#[test]
fn gauntlet_016_the_leaf_is_hashed_from_the_body_that_is_read() {
    let world = World::new();
    let signing = world.forge.keyless(world.time).logged_in(Log::V2);
    let signing = signing.timestamped(1);
    let honest = signing.message(ARTIFACT);
    assert!(world.judge(&honest, world.keyless()).is_ok());
    // A body that would be right, with the proof of another one.
    let other = signing.message(b"another artifact").entries.remove(0);
    let mut lie = honest.clone();
    let body = std::mem::take(&mut lie.entries[0].body);
    lie.entries[0] = other;
    lie.entries[0].body = body;
    let refused = world.judge(&lie, world.keyless()).unwrap_err();
    assert_eq!(refused, Code::TransparencyProofInvalid);
}
