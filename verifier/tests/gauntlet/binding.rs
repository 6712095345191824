//! Evidence is genuine, and about something else.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sovverify::evidence::Form;
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Code, Digest, Limits, TrustStore, VerificationTime};
use sovverify_forge::{Content, IN_TOTO, Key, KeyKind, Statement};

use crate::world::{CUSTOM, World, evidence};

const REVIEWED: &str = r#"    - { name: reviewed, attestation: { type: "https://acme.example/reviewed/v1", by: [release] } }"#;

#[test]
fn gauntlet_009_an_attestation_of_another_image_proves_nothing_here() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    world.admits(&set, &[world.attest("release", CUSTOM, json!({}))]);
    let other = Digest::sha256(b"another image").to_string();
    let about_other = Statement::new(CUSTOM, &other, json!({}));
    let moved = world.stated("release", &about_other);
    world.denies(&set, &[moved], Code::SubjectMismatch);
    // Its own layer in cosign's older form is no better.
    let layer = world.signing("release").cosign_attestation(&about_other);
    let form = Form::CosignAttestation {
        envelope: layer.blob,
        annotations: layer.annotations,
    };
    let moved = evidence(world.image.digest(), form);
    world.denies(&set, &[moved], Code::SubjectMismatch);
}

#[test]
fn gauntlet_012_nothing_is_not_an_artifact() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let bundle = world.attested_blob(b"");
    let judge = |bytes: &[u8], artifact: &Artifact<'_>, trust: &TrustStore| {
        let (id, _) = set.trust_store().iter().next().unwrap();
        let time = VerificationTime::at(world.now());
        verify_bundle(bytes, artifact, trust, id, time, &Limits::default()).map_err(|no| no.code)
    };
    let trust = set.trust_store();
    // An empty file is a file: what was signed for it verifies, and nothing else does.
    judge(&bundle, &Artifact::Bytes(b""), trust).unwrap();
    let refused = judge(&bundle, &Artifact::Bytes(b"not empty"), trust);
    assert_eq!(refused.unwrap_err(), Code::SubjectMismatch);
    let elsewhere = Digest::sha256(b"not empty");
    let refused = judge(&bundle, &Artifact::Digest(&elsewhere), trust);
    assert_eq!(refused.unwrap_err(), Code::SubjectMismatch);
    // Zero bytes of evidence and zero anchors are errors too.
    assert!(judge(b"", &Artifact::Bytes(b""), trust).is_err());
    let refused = judge(&bundle, &Artifact::Bytes(b""), &TrustStore::default());
    assert_eq!(refused.unwrap_err(), Code::TrustMalformed);
    for text in [
        "",
        "sha256:",
        "sha256:00",
        "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ] {
        assert!(text.parse::<Digest>().is_err(), "{text:?}");
    }
    // A subject without a digest, or with an empty one, is about nothing.
    for digest in [json!({}), json!({ "sha256": "" }), Value::Null] {
        let payload = world.statement_about(&json!([{ "name": "app", "digest": digest }]));
        let verdict = world.judge(&set, &[world.payload("release", &payload)]);
        assert_eq!(verdict.decision, sovverify::Decision::Deny, "{digest}");
    }
}

#[test]
fn gauntlet_014_an_envelope_has_one_signature_and_the_log_has_that_one() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let honest = world
        .signing("release")
        .timestamped(1)
        .statement(&world.about(CUSTOM, json!({})));
    world.admits(&set, &[world.attached(&honest)]);
    let stranger = Key::generate(KeyKind::EcdsaP256);
    let two = honest.clone().second_dsse_signature(&stranger);
    world.denies(&set, &[world.attached(&two)], Code::BundleMalformed);
    let mut none = honest.clone();
    let mut swapped = two.clone();
    if let Content::Dsse(envelope) = &mut none.content {
        envelope.signatures.clear();
    }
    if let Content::Dsse(envelope) = &mut swapped.content {
        envelope.signatures.reverse();
    }
    world.denies(&set, &[world.attached(&none)], Code::BundleMalformed);
    world.denies(&set, &[world.attached(&swapped)], Code::BundleMalformed);
    // One signature, with the log entry and the time of another one by the same signer.
    let other = world
        .signing("release")
        .timestamped(1)
        .statement(&world.about(CUSTOM, json!({ "other": true })));
    let borrowed = honest.clone().log_entry_borrowed_from(&other);
    world.denies(
        &set,
        &[world.attached(&borrowed)],
        Code::TransparencyEntryMismatch,
    );
    let stamped = honest.timestamp_for_other_signature(&other);
    world.denies(&set, &[world.attached(&stamped)], Code::TimestampInvalid);
}

#[test]
fn gauntlet_021_a_subject_is_its_strong_digest_and_never_its_name() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let hex = world.image.digest().hex();
    let wrong = Digest::sha256(b"another image").hex();
    let sha1 = "a".repeat(40);
    let judged = |subject: Value| {
        let payload = world.statement_about(&subject);
        world.judge(&set, &[world.payload("release", &payload)])
    };
    for honest in [
        json!([{ "digest": { "sha256": hex } }]),
        // Any subject may be the one, not only the first, and its name is only shown.
        json!([{ "name": "x", "digest": { "sha256": wrong } }, { "name": "y", "digest": { "sha256": hex } }]),
        json!([{ "name": "some.other/repository", "digest": { "sha256": hex, "sha1": sha1 } }]),
    ] {
        let verdict = judged(honest.clone());
        assert_eq!(verdict.decision, sovverify::Decision::Admit, "{honest}");
    }
    for lie in [
        json!([{ "name": crate::world::IMAGE, "digest": { "sha256": wrong } }]),
        json!([{ "name": world.digest(), "digest": { "sha256": wrong } }]),
        json!([{ "digest": { "sha1": sha1, "sha256": wrong } }]),
        json!([{ "digest": { "SHA256": hex } }]),
        json!([{ "digest": { "sha256": hex.to_uppercase() } }]),
        json!([{ "digest": { "sha256": format!("sha256:{hex}") } }]),
        json!([Value::Null]),
        json!([Value::Null, { "digest": { "sha256": hex } }]),
        json!([]),
        json!({}),
        Value::Null,
        json!([{ "digest": { "sha256": [hex] } }]),
    ] {
        let verdict = judged(lie.clone());
        assert_eq!(verdict.decision, sovverify::Decision::Deny, "{lie}");
        let codes = crate::world::codes(&verdict);
        let expected = [Code::SubjectMismatch, Code::SubjectMalformed];
        assert!(
            codes.iter().any(|code| expected.contains(code)),
            "{lie}: {codes:?}"
        );
    }
}

#[test]
fn gauntlet_022_weak_digests_do_not_count_and_all_strong_ones_must_match() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let hex = world.image.digest().hex();
    let sha512 = sovverify::DigestAlgorithm::Sha512;
    let right = sha512.digest(&world.manifest).hex();
    let wrong = sha512.digest(b"another image").hex();
    let judged = |digest: Value| {
        let payload = world.statement_about(&json!([{ "digest": digest }]));
        world.judge(&set, &[world.payload("release", &payload)])
    };
    for honest in [
        json!({ "sha256": hex }),
        json!({ "sha256": hex, "sha512": right }),
        json!({ "sha256": hex, "md5": "00", "blake3": "00" }),
    ] {
        let verdict = judged(honest.clone());
        assert_eq!(verdict.decision, sovverify::Decision::Admit, "{honest}");
    }
    for lie in [
        json!({ "md5": "b".repeat(32) }),
        json!({ "sha1": "a".repeat(40), "md5": "b".repeat(32) }),
        json!({ "blake3": hex }),
        json!({ "sha512": right, "sha256": Digest::sha256(b"another image").hex() }),
        json!({ "sha256": hex, "sha512": wrong }),
        json!({ "sha256": hex, "sha384": "c".repeat(96) }),
    ] {
        let verdict = judged(lie.clone());
        assert_eq!(verdict.decision, sovverify::Decision::Deny, "{lie}");
        let codes = crate::world::codes(&verdict);
        assert!(codes.contains(&Code::SubjectMismatch), "{lie}: {codes:?}");
    }
}

impl World {
    /// A statement about `subject`, whatever that is.
    fn statement_about(&self, subject: &Value) -> Vec<u8> {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": CUSTOM,
            "predicate": { "time": self.time.to_string() },
            "subject": subject,
        });
        statement.to_string().into_bytes()
    }

    /// A bundle about a file with these bytes.
    fn attested_blob(&self, bytes: &[u8]) -> Vec<u8> {
        let digest = Digest::sha256(bytes).to_string();
        let statement = Statement::new(CUSTOM, &digest, json!({}));
        let signing = self.signing("release");
        signing.envelope(IN_TOTO, &statement.bytes()).bytes()
    }
}

#[test]
fn gauntlet_022_a_flood_of_equal_subjects_is_hashed_once() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let artifact = vec![7_u8; 4 * 1024 * 1024];
    let digests: BTreeMap<&str, String> = [
        ("sha256", Digest::sha256(&artifact).hex()),
        (
            "sha512",
            sovverify::DigestAlgorithm::Sha512.digest(&artifact).hex(),
        ),
    ]
    .into();
    let subjects: Vec<Value> = (0..1000)
        .map(|n| json!({ "name": n.to_string(), "digest": digests }))
        .collect();
    let payload = world.statement_about(&json!(subjects));
    let bundle = world.signing("release").envelope(IN_TOTO, &payload).bytes();
    let (id, _) = set.trust_store().iter().next().unwrap();
    let (time, limits) = (VerificationTime::at(world.now()), Limits::default());
    let started = std::time::Instant::now();
    let artifact = Artifact::Bytes(&artifact);
    verify_bundle(&bundle, &artifact, set.trust_store(), id, time, &limits).unwrap();
    // Hashing 4 MiB three thousand times takes minutes in this build, and twice well below a second.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
