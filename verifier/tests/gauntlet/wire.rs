//! What is written about evidence: how much of everything there is, and which algorithm a key has.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sovverify::trust::{KeyError, TrustRoot, TrustRootOptions};
use sovverify::{Code, Decision, PublicKey};
use sovverify_forge::{Key, KeyKind, Material, Statement, base64};

use crate::pki::{seq, tlv, uint};
use crate::signatures::{forms, under};
use crate::world::{CUSTOM, World, codes, said};

/// Of everything as many as no bundle has.
const MANY: usize = 100_000;
/// Far above what counting takes in this build, and far below what reading each of them would.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn gauntlet_153_a_hundred_thousand_of_anything_are_counted_and_not_read() {
    let world = World::new();
    let set = world.policy("    - { name: signed, signature: { by: [release] } }");
    let about = Statement::cosign_sign(&world.digest());
    let honest = world.signing("release").timestamped(1).statement(&about);
    world.admits(&set, &[world.attached(&honest)]);
    let document: Value = serde_json::from_slice(&honest.bytes()).unwrap();
    let material = "/verificationMaterial";
    let proof = format!("{material}/tlogEntries/0/inclusionProof/hashes");
    let stamps = format!("{material}/timestampVerificationData/rfc3161Timestamps");
    for (place, item, expected) in [
        (
            format!("{material}/tlogEntries"),
            json!({}),
            Code::LimitExceeded,
        ),
        (
            format!("{material}/tlogEntries"),
            document["verificationMaterial"]["tlogEntries"][0].clone(),
            Code::LimitExceeded,
        ),
        (stamps.clone(), json!({}), Code::LimitExceeded),
        (
            stamps,
            document["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][0]
                .clone(),
            Code::LimitExceeded,
        ),
        (proof, json!("AAAA"), Code::LimitExceeded),
        (
            "/dsseEnvelope/signatures".to_owned(),
            document["dsseEnvelope"]["signatures"][0].clone(),
            Code::BundleMalformed,
        ),
    ] {
        // As many as fit into a bundle at all: whole entries are some kilobytes each.
        let fit = (30 << 20) / item.to_string().len();
        let mut lie = document.clone();
        *lie.pointer_mut(&place).unwrap() = Value::Array(vec![item; MANY.min(fit)]);
        let found = world.bytes(lie.to_string().into_bytes());
        let started = Instant::now();
        let verdict = world.denies(&set, &[found], expected);
        assert!(
            started.elapsed() < PATIENCE,
            "{place}: {:?}",
            started.elapsed()
        );
        assert_eq!(verdict.decision, Decision::Deny);
    }
}

#[test]
fn gauntlet_153_subjects_and_digests_are_counted_before_any_is_compared() {
    let world = World::new();
    let set = world.policy(&format!(
        "    - {{ name: x, attestation: {{ type: \"{CUSTOM}\", by: [release] }} }}"
    ));
    let ours = world.image.digest().hex();
    let subject = |hex: &str| json!({ "name": "s", "digest": { "sha256": hex } });
    let with_subjects = |subjects: &[Value]| {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1", "predicateType": CUSTOM,
            "subject": subjects, "predicate": {},
        });
        world.payload("release", statement.to_string().as_bytes())
    };
    // The last one of as many as there may be is the image.
    let mut subjects = vec![subject(&"0".repeat(64)); 1023];
    subjects.push(subject(&ours));
    world.admits(&set, &[with_subjects(&subjects)]);
    for count in [1024, MANY] {
        let mut subjects = vec![subject(&"0".repeat(64)); count];
        subjects.push(subject(&ours));
        let started = Instant::now();
        let verdict = world.judge(&set, &[with_subjects(&subjects)]);
        assert_eq!(verdict.decision, Decision::Deny);
        let found = codes(&verdict);
        assert!(
            found.contains(&Code::SubjectMalformed),
            "{}",
            said(&verdict)
        );
        assert!(
            verdict.policies[0].requirements[0].findings[0]
                .found
                .contains("at most 1024")
        );
        assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    }
    // Names of algorithms without end, beside the one that counts.
    let mut many = subject(&ours);
    for number in 0..MANY {
        many["digest"][format!("x{number}")] = json!("00");
    }
    let started = Instant::now();
    let verdict = world.judge(&set, &[with_subjects(&[many])]);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(verdict.decision, Decision::Admit, "{}", said(&verdict));
}

/// A public key of this algorithm, as a document holds it.
fn spki(algorithm: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = seq(&[tlv(0x06, algorithm), parameters.to_vec()]);
    seq(&[algorithm, tlv(0x03, &[&[0], key].concat())])
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

#[test]
fn gauntlet_172_the_algorithm_is_that_of_the_trusted_key_whatever_the_evidence_is_signed_with() {
    let world = World::new();
    let keys = KeyKind::ALL.map(Key::generate);
    for trusted in &keys {
        for form in forms(&world, trusted, &<[u8]>::to_vec) {
            assert_eq!(under(&world, trusted, form), Ok(()), "{:?}", trusted.kind());
        }
        for signer in keys.iter().filter(|key| key.kind() != trusted.kind()) {
            let what = format!("{:?} under {:?}", signer.kind(), trusted.kind());
            for form in forms(&world, signer, &<[u8]>::to_vec) {
                let refused = under(&world, trusted, form).unwrap_err();
                assert_eq!(refused, Code::SignatureInvalid, "{what}");
            }
            // The same under the name of the key that is trusted.
            let about = Statement::cosign_sign(&world.digest());
            let mut lie = world
                .forge
                .keyed(signer, world.time)
                .unlogged()
                .statement(&about);
            lie.material = Material::PublicKey(trusted.hint());
            let form = sovverify::evidence::Form::Bundle(lie.bytes());
            assert_eq!(
                under(&world, trusted, form),
                Err(Code::SignatureInvalid),
                "{what}"
            );
        }
    }
}

#[test]
fn gauntlet_172_what_is_no_key_of_a_known_algorithm_is_none() {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const NULL: &[u8] = &[0x05, 0x00];
    let key = Key::generate(KeyKind::EcdsaP256);
    let read = |text: &str| PublicKey::from_pem(text, None);
    assert!(read(&key.public_pem()).is_ok());
    let rsa = |bits: usize| {
        let mut modulus = vec![0xff; bits / 8];
        modulus.insert(0, 0);
        let key = seq(&[tlv(0x02, &modulus), uint(&[1, 0, 1])]);
        pem("PUBLIC KEY", &spki(RSA, NULL, &key))
    };
    assert!(read(&rsa(2048)).is_ok(), "{:?}", read(&rsa(2048)));
    for bits in [512, 1024, 1536, 16_384] {
        let refused = read(&rsa(bits)).unwrap_err();
        assert!(
            matches!(refused, KeyError::Unsupported { .. }),
            "{bits}: {refused}"
        );
    }
    // Points and seeds without their algorithm, other labels, and other algorithms.
    let raw = key.raw_public();
    let (ecdsa, curve) = (
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
        [0x2b, 0x81, 0x04, 0x00, 0x0a],
    );
    for text in [
        pem("PUBLIC KEY", &raw),
        pem("PUBLIC KEY", &[7; 32]),
        pem("EC PUBLIC KEY", &raw),
        pem("RSA PUBLIC KEY", &seq(&[uint(&[7]), uint(&[3])])),
        pem("CERTIFICATE", key.spki()),
        pem("PRIVATE KEY", key.spki()),
        pem("PUBLIC KEY", &spki(&ecdsa, &tlv(0x06, &curve), &raw)),
        pem("PUBLIC KEY", &spki(&[0x2a, 0x03], NULL, &raw)),
        pem("PUBLIC KEY", &[key.spki(), b"more"].concat()),
        format!(
            "{}{}",
            key.public_pem(),
            Key::generate(KeyKind::Ed25519).public_pem()
        ),
        base64(key.spki()),
        base64(&raw),
        String::new(),
    ] {
        assert!(read(&text).is_err(), "{text}");
    }
}

#[test]
fn gauntlet_172_what_a_trusted_root_calls_its_keys_makes_them_no_others() {
    // What they are stands in the keys.
    let world = World::new();
    let root = |details: &str| {
        let mut root = world.forge.trusted_root().json();
        for list in ["tlogs", "ctlogs"] {
            for log in root[list].as_array_mut().unwrap() {
                log["publicKey"]["keyDetails"] = json!(details);
            }
        }
        TrustRoot::from_json("x", &root.to_string(), TrustRootOptions::default())
    };
    let honest = world.forge.trusted_root().logs[0].key.details();
    assert!(root(&honest).is_ok());
    let bundle = world
        .forge
        .keyless(world.time)
        .message(crate::forged::ARTIFACT);
    for lie in [
        "PKIX_ED25519",
        "PKIX_RSA_PKCS1V15_2048_SHA256",
        "PKCS1_RSA_PKCS1V5",
        "x",
        "",
    ] {
        // Refused, or read as the key that it is: never as one of another algorithm.
        let Ok(root) = root(lie) else { continue };
        let anchor = sovverify::Anchor::Certificates(std::sync::Arc::new(root));
        let judged = crate::forged::judge(
            &bundle.bytes(),
            &sovverify::verify::Artifact::Bytes(crate::forged::ARTIFACT),
            anchor,
            world.now(),
        );
        assert!(judged.is_ok(), "{lie}: {:?}", judged.err());
    }
}

#[test]
fn gauntlet_172_members_are_read_under_the_names_that_the_format_writes() {
    let world = World::new();
    let set = world.policy("    - { name: signed, signature: { by: [release] } }");
    let about = Statement::cosign_sign(&world.digest());
    let bundle = world.signing("release").statement(&about);
    let text = String::from_utf8(bundle.bytes()).unwrap();
    world.admits(&set, &[world.bytes(text.clone().into_bytes())]);
    // Another spelling of a member is another member, so what it holds is missing.
    for (name, other) in [
        ("mediaType", "media_type"),
        ("verificationMaterial", "verification_material"),
        ("tlogEntries", "tlog_entries"),
        ("inclusionPromise", "inclusion_promise"),
        ("inclusionProof", "inclusion_proof"),
        ("canonicalizedBody", "canonicalized_body"),
        ("dsseEnvelope", "dsse_envelope"),
        ("payloadType", "payload_type"),
        ("signatures", "Signatures"),
        ("rawBytes", "raw_bytes"),
    ] {
        let (from, to) = (format!("\"{name}\":"), format!("\"{other}\":"));
        assert!(text.contains(&from), "{name}");
        let lie = world.bytes(text.replace(&from, &to).into_bytes());
        let verdict = world.judge(&set, &[lie]);
        assert_eq!(
            verdict.decision,
            Decision::Deny,
            "{name}: {}",
            said(&verdict)
        );
    }
}
