//! Signatures themselves: every algorithm, every form, and what no longer is one.

use std::collections::BTreeMap;

use serde_json::Value;
use sovverify::evidence::Form;
use sovverify::policy::{PolicySet, Selection};
use sovverify::verify::Artifact;
use sovverify::{
    Code, Digest, Evidence, EvidenceSet, Limits, TrustStore, VerificationTime, appraise,
};
use sovverify_forge::{Hash, Key, KeyKind, SIGNATURE, Scheme, Statement, days, digest_of};

use crate::forged::{self, ARTIFACT, judge, key_only};
use crate::pki::{seq, uint};
use crate::world::{World, evidence, said};

/// Every kind of key in every way in which it signs.
fn keys() -> Vec<Key> {
    let mut keys: Vec<Key> = KeyKind::ALL.map(Key::generate).into();
    for (kind, scheme) in [
        (KeyKind::EcdsaP384, Scheme::Ecdsa(Hash::Sha256)),
        (KeyKind::EcdsaP521, Scheme::Ecdsa(Hash::Sha256)),
        (KeyKind::Rsa2048, Scheme::RsaPkcs1(Hash::Sha512)),
        (KeyKind::Rsa2048, Scheme::RsaPss(Hash::Sha256)),
        (KeyKind::Ed25519, Scheme::Ed25519Ph),
    ] {
        keys.push(Key::generate(kind).signing_as(scheme));
    }
    keys
}

/// What a key alone says of evidence on the image of `world`.
pub(crate) fn under(world: &World, key: &Key, form: Form) -> Result<(), Code> {
    let mut trust = TrustStore::default();
    trust.add(key_only(key));
    let found = EvidenceSet {
        image: world.image.clone(),
        evidence: vec![evidence(world.image.digest(), form)],
        gaps: Vec::new(),
    };
    let time = VerificationTime::at(world.now());
    let appraisal = appraise(found, &trust, time, &Limits::default());
    match (appraisal.verified.len(), appraisal.rejected.as_slice()) {
        (1, []) => Ok(()),
        (0, [refused]) => Err(refused.code),
        (verified, rejected) => panic!("{verified} verified, and {rejected:?}"),
    }
}

/// What becomes of a signature.
pub(crate) type Change<'a> = dyn Fn(&[u8]) -> Vec<u8> + 'a;

/// A bundle or an older form by the key, with its signature changed.
pub(crate) fn forms(world: &World, key: &Key, change: &Change<'_>) -> Vec<Form> {
    let signing = world.forge.keyed(key, world.time).unlogged();
    let digest = world.digest();
    let mut bundle = signing.statement(&Statement::cosign_sign(&digest));
    if let sovverify_forge::Content::Dsse(envelope) = &mut bundle.content {
        envelope.signatures[0].1 = change(&envelope.signatures[0].1);
    }
    let attestation = signing.cosign_layer(&bundle, &[]);
    let payload = sovverify_forge::simple_signing("r", &digest);
    let signature = sovverify_forge::base64(&change(&key.sign(&payload)));
    let annotations = BTreeMap::from([(SIGNATURE.to_owned(), signature)]);
    vec![
        Form::Bundle(bundle.bytes()),
        Form::CosignAttestation {
            envelope: attestation.blob,
            annotations: attestation.annotations,
        },
        Form::CosignSignature {
            payload,
            annotations,
        },
    ]
}

#[test]
fn gauntlet_029_one_flipped_byte_of_any_kind_of_signature_denies_in_every_form() {
    let world = World::new();
    for key in keys() {
        let what = format!("{:?} {:?}", key.kind(), key.scheme());
        for form in forms(&world, &key, &<[u8]>::to_vec) {
            assert_eq!(under(&world, &key, form), Ok(()), "{what}");
        }
        for place in [0_usize, 7, usize::MAX] {
            let flipped = |signature: &[u8]| {
                let mut signature = signature.to_vec();
                let place = place.min(signature.len() - 1);
                signature[place] ^= 1;
                signature
            };
            for form in forms(&world, &key, &flipped) {
                let refused = under(&world, &key, form).unwrap_err();
                assert_eq!(refused, Code::SignatureInvalid, "{what}, byte {place}");
            }
        }
    }
}

#[test]
fn gauntlet_034_no_signature_and_one_of_zeros_verify_under_no_algorithm() {
    let world = World::new();
    for key in keys() {
        let what = format!("{:?} {:?}", key.kind(), key.scheme());
        let zeros: [&Change<'_>; 5] = [
            &|_| Vec::new(),
            &|_| vec![0],
            &|signature| vec![0; signature.len()],
            // Zero twice, as ECDSA writes it.
            &|_| seq(&[uint(&[0]), uint(&[0])]),
            &|signature| signature[..signature.len() / 2].to_vec(),
        ];
        for change in zeros {
            for form in forms(&world, &key, change) {
                let refused = under(&world, &key, form).unwrap_err();
                let expected = [Code::SignatureInvalid, Code::BundleMalformed];
                assert!(expected.contains(&refused), "{what}: {refused}");
            }
        }
    }
}

#[test]
fn gauntlet_034_a_signature_that_is_null_absent_or_of_another_type_is_none() {
    let world = forged::World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let signing = world.forge.keyed(&key, world.time).unlogged();
    let message = signing.message(ARTIFACT).json();
    let envelope = signing.statement(&Statement::slsa_v1(&digest_of(ARTIFACT)));
    let artifact = Artifact::Bytes(ARTIFACT);
    let when = days(world.time, 1);
    for (honest, place, member) in [
        (message, "/messageSignature", "signature"),
        (envelope.json(), "/dsseEnvelope/signatures/0", "sig"),
    ] {
        let text = honest.to_string();
        judge(text.as_bytes(), &artifact, key_only(&key), when).unwrap();
        for lie in [
            Some(Value::Null),
            Some("".into()),
            Some("AA==".into()),
            Some("=".into()),
            Some(true.into()),
            Some(Value::Array(Vec::new())),
            None,
        ] {
            let mut json = honest.clone();
            let object = json.pointer_mut(place).unwrap().as_object_mut().unwrap();
            match &lie {
                Some(value) => object.insert(member.to_owned(), value.clone()),
                None => object.remove(member),
            };
            let text = json.to_string();
            let verdict = judge(text.as_bytes(), &artifact, key_only(&key), when);
            let refused = verdict.unwrap_err();
            let expected = [Code::SignatureInvalid, Code::BundleMalformed];
            assert!(expected.contains(&refused), "{member} {lie:?}: {refused}");
        }
    }
}

/// The order of the group of P-256 (FIPS 186-5; SEC 2, section 2.4.2).
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/// The other signature that says the same: s is replaced by n - s.
fn twin(signature: &[u8]) -> Vec<u8> {
    let length = usize::from(signature[3]);
    let (r, rest) = signature[4..].split_at(length);
    let s = &rest[2..];
    let order: Vec<u8> = (0..32)
        .map(|n| u8::from_str_radix(&ORDER[2 * n..2 * n + 2], 16).unwrap())
        .collect();
    let s: Vec<u8> = s.iter().copied().skip_while(|byte| *byte == 0).collect();
    let s = [vec![0; 32 - s.len()], s].concat();
    let mut difference = vec![0; 32];
    let mut borrow = 0;
    for place in (0..32).rev() {
        let value = i16::from(order[place]) - i16::from(s[place]) - borrow;
        borrow = i16::from(value < 0);
        difference[place] = u8::try_from(value + 256 * borrow).unwrap();
    }
    seq(&[uint(r), uint(&difference)])
}

/// A policy in which keys alone sign.
fn keys_alone(world: &World, by: &str) -> PolicySet {
    let text = format!(
        r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: keys }}
spec:
  match: {{ images: ["**"] }}
  signers:
    first: {{ key: {{ file: first }}, trustRoot: none }}
    second: {{ key: {{ file: second }}, trustRoot: none }}
  require:
    - {{ name: signed, signature: {{ {by} }} }}
"#
    );
    world.documents(&text).unwrap()
}

#[test]
fn gauntlet_023_the_twin_of_an_ecdsa_signature_gets_the_verdict_of_the_signature() {
    let world = World::new();
    let about = Statement::cosign_sign(&world.digest());
    let honest = world.signing("first").unlogged().statement(&about);
    let mut other = honest.clone();
    if let sovverify_forge::Content::Dsse(envelope) = &mut other.content {
        envelope.signatures[0].1 = twin(&envelope.signatures[0].1);
    }
    assert_ne!(honest.bytes(), other.bytes());
    let (honest, other) = (world.attached(&honest), world.attached(&other));
    let one = keys_alone(&world, "by: [first, second]");
    for piece in [&honest, &other] {
        world.admits(&one, std::slice::from_ref(piece));
    }
    // Two signatures by one key are one signer, and whoever takes the key away takes both.
    let both = [honest, other];
    let two = keys_alone(&world, "by: [first, second], atLeast: 2");
    world.denies(&two, &both, Code::SignatureThreshold);
    let revoked = keys_alone(&world, "by: [second]");
    for piece in &both {
        let verdict = world.judge(&revoked, std::slice::from_ref(piece));
        let decision = verdict.decision;
        assert_eq!(decision, sovverify::Decision::Deny, "{}", said(&verdict));
    }
    // Where a log is asked for, it has seen one of the two.
    let set = world.policy("    - { name: signed, signature: { by: [first] } }");
    let honest = world.signing("first").statement(&about);
    world.admits(&set, &[world.attached(&honest)]);
    let mut lie = honest;
    if let sovverify_forge::Content::Dsse(envelope) = &mut lie.content {
        envelope.signatures[0].1 = twin(&envelope.signatures[0].1);
    }
    let lie = world.attached(&lie);
    world.denies(&set, &[lie], Code::TransparencyEntryMismatch);
}

#[test]
fn gauntlet_044_verdicts_in_parallel_are_those_of_one_after_the_other() {
    const THREADS: usize = 64;
    let world = World::new();
    let about = Statement::cosign_sign(&world.digest());
    let other = Statement::cosign_sign(&Digest::sha256(b"another image").to_string());
    let by = |name: &str, statement: &Statement| {
        let bundle = world.signing(name).statement(statement);
        world.attached(&bundle)
    };
    let broken = world
        .signing("release")
        .statement(&about)
        .signature_flipped();
    let sets: Vec<PolicySet> = [
        "    - { name: s, signature: { by: [release] } }",
        "    - { name: s, signature: { by: [first] } }",
        "    - { name: s, signature: { by: [first, second, release], atLeast: 2 } }",
        "    - { name: s, attestation: { type: spdx, by: [release] } }",
    ]
    .map(|require| world.policy(require))
    .into();
    let pools: [Vec<Evidence>; 4] = [
        vec![by("release", &about)],
        vec![by("first", &about), by("second", &other)],
        vec![by("release", &other), world.attached(&broken), world.spdx()],
        vec![by("second", &about), by("release", &about)],
    ];
    let jobs = sets.len() * pools.len();
    let verdict = |job: usize| {
        let (set, pool) = (&sets[job % sets.len()], &pools[job / sets.len()]);
        said(&set.evaluate(&world.appraise(set, pool), &Selection::default()))
    };
    let serial: Vec<String> = (0..jobs).map(verdict).collect();
    let admitted = serial.iter().filter(|text| text.starts_with("Admit"));
    assert!((4..jobs - 4).contains(&admitted.count()));
    std::thread::scope(|scope| {
        let (verdict, serial) = (&verdict, &serial);
        for thread in 0..THREADS {
            scope.spawn(move || {
                for turn in 0..jobs / 2 {
                    // 5 has no divisor in common with 16: each thread goes its own way.
                    let job = (thread * 3 + turn * 5) % jobs;
                    assert_eq!(verdict(job), serial[job], "thread {thread}, turn {turn}");
                }
            });
        }
    });
}
