//! A log entry is about one signature, one key and one artifact, or it proves nothing.

use sovverify::evidence::Form;
use sovverify::trust::{Danger, Requirements};
use sovverify::{Anchor, Code, Decision, Digest, Evidence};
use sovverify_forge::{
    CosignLayer, DSSE_ENVELOPE, Identity, Key, KeyKind, LOG_BUNDLE, Statement, days, minutes,
};

use crate::forged::{self, ARTIFACT, key_only, public};
use crate::world::{World, codes, evidence, said};

/// A signature by a certificate or by a key.
const SIGNED: &str = "    - { name: signed, signature: { by: [release, scanner] } }";
/// The same as an attestation.
const BUILT: &str =
    "    - { name: built, attestation: { type: slsaprovenance1, by: [release, scanner] } }";

/// A layer of cosign's older form, attached to the image.
fn older(world: &World, layer: CosignLayer) -> Evidence {
    let annotations = layer.annotations;
    let form = if layer.media_type == DSSE_ENVELOPE {
        let envelope = layer.blob;
        Form::CosignAttestation {
            envelope,
            annotations,
        }
    } else {
        let payload = layer.blob;
        Form::CosignSignature {
            payload,
            annotations,
        }
    };
    evidence(world.image.digest(), form)
}

#[test]
fn gauntlet_001_the_entry_of_another_signature_is_no_entry_of_this_one() {
    let world = World::new();
    let set = world.policy(BUILT);
    let about = Statement::slsa_v1(&world.digest());
    let another = Statement::slsa_v1(&Digest::sha256(b"another image").to_string());
    for name in ["release", "scanner"] {
        // One key signs all of it; its certificates and signatures differ.
        let signing = world.signing(name);
        let honest = signing.statement(&about);
        world.admits(&set, &[world.attached(&honest)]);
        let layer = signing.cosign_attestation(&about);
        world.admits(&set, &[older(&world, layer.clone())]);
        for statement in [&about, &another] {
            let other = signing.statement(statement);
            let lie = honest.clone().log_entry_borrowed_from(&other);
            world.denies(
                &set,
                &[world.attached(&lie)],
                Code::TransparencyEntryMismatch,
            );
            let other = signing.cosign_attestation(statement);
            let lie = layer.clone().annotation_borrowed_from(&other, LOG_BUNDLE);
            world.denies(&set, &[older(&world, lie)], Code::TransparencyEntryMismatch);
        }
    }
}

#[test]
fn gauntlet_002_a_bundle_excuses_from_no_check_and_one_bad_entry_condemns_it() {
    let world = World::new();
    let set = world.policy("    - { name: signed, signature: { by: [release] } }");
    let about = Statement::cosign_sign(&world.digest());
    let signing = world.signing("release");
    let honest = signing.statement(&about);
    world.admits(&set, &[world.attached(&honest)]);
    // Who signed is asked with a bundle as without one.
    let evil = Identity::workflow("evil.yml", "refs/heads/main");
    let evil = world.signing("release").identity(evil).statement(&about);
    let attached = world.attached(&evil);
    world.denies(&set, &[attached], Code::CertificateIdentityMismatch);
    // An entry that is garbage is an error, and not the end of all checks, wherever it stands.
    let garbage = honest.clone().entry_body_malformed().entries;
    for entries in [
        garbage.clone(),
        [garbage.clone(), honest.entries.clone()].concat(),
        [honest.entries.clone(), garbage].concat(),
    ] {
        let mut lie = honest.clone();
        lie.entries = entries;
        let attached = world.attached(&lie);
        world.denies(&set, &[attached], Code::TransparencyPromiseInvalid);
    }
    let layer = signing.cosign_signature("r", &world.digest());
    world.admits(&set, &[older(&world, layer.clone())]);
    for (text, code) in [
        ("garbage", Code::TransparencyEntryMalformed),
        ("{}", Code::TransparencyEntryMalformed),
        ("", Code::TimestampMissing),
    ] {
        let lie = layer.clone().annotation_changed(LOG_BUNDLE, text);
        world.denies(&set, &[older(&world, lie)], code);
    }
}

#[test]
fn gauntlet_003_the_log_annotation_of_another_image_proves_nothing_for_this_one() {
    let world = World::new();
    let set = world.policy(SIGNED);
    for name in ["release", "scanner"] {
        let signing = world.signing(name);
        let mine = signing.cosign_signature("r", &world.digest());
        let other = Digest::sha256(b"another image").to_string();
        let other = signing.cosign_signature("r", &other);
        world.admits(&set, &[older(&world, mine.clone())]);
        let lie = mine.annotation_borrowed_from(&other, LOG_BUNDLE);
        world.denies(&set, &[older(&world, lie)], Code::TransparencyEntryMismatch);
        // The other image's layer as a whole is about the other image.
        world.denies(&set, &[older(&world, other)], Code::SubjectMismatch);
    }
}

#[test]
fn gauntlet_004_an_entry_of_the_right_time_is_spliced_in_neither_whole_nor_in_parts() {
    let world = forged::World::new();
    let signing = world.forge.keyless(world.time);
    let mine = signing.message(ARTIFACT);
    let other = signing.message(b"another file").entries.remove(0);
    assert!(world.judge(&mine, world.keyless()).is_ok());
    let spliced = |part: &str| {
        let mut lie = mine.clone();
        let entry = &mut lie.entries[0];
        match part {
            "whole" => entry.clone_from(&other),
            "body" => entry.body.clone_from(&other.body),
            "proof" => entry.proof.clone_from(&other.proof),
            "promise" => entry.promise.clone_from(&other.promise),
            // All that is signed is the other's, under our own body.
            _ => {
                let body = std::mem::take(&mut entry.body);
                entry.clone_from(&other);
                entry.body = body;
            }
        }
        world.judge(&lie, world.keyless()).unwrap_err()
    };
    assert_eq!(spliced("whole"), Code::TransparencyEntryMismatch);
    assert_eq!(spliced("body"), Code::TransparencyPromiseInvalid);
    assert_eq!(spliced("proof"), Code::TransparencyProofInvalid);
    assert_eq!(spliced("promise"), Code::TransparencyPromiseInvalid);
    assert_eq!(spliced("rest"), Code::TransparencyPromiseInvalid);
}

/// No log is asked for, a time is.
const WITHOUT_LOG: Requirements = Requirements {
    logs: 0,
    timestamps: 1,
    sct: sovverify::trust::Sct::Required,
    inclusion: sovverify::trust::Inclusion::ProofUnlessLegacy,
};

#[test]
fn gauntlet_007_without_a_log_an_entry_vouches_for_no_time() {
    let world = forged::World::new();
    let anchor = || Anchor::Certificates(world.root(WITHOUT_LOG));
    let signing = world.forge.keyless(world.time);
    let bare = signing.clone().unlogged().message(ARTIFACT);
    let foreign = world.forge.keyless(world.time).message(b"something else");
    let honest = signing.message(ARTIFACT);
    assert!(world.judge(&honest, anchor()).is_ok());
    // The time of a genuine entry lies within the certificate's ten minutes, and is another's.
    let lie = bare.clone().log_entry_borrowed_from(&foreign);
    let refused = world.judge(&lie, anchor()).unwrap_err();
    assert_eq!(refused, Code::TransparencyEntryMismatch);
    // Logged a day late, and the time is pulled back.
    let late = signing.logged_at(days(world.time, 1)).message(ARTIFACT);
    let refused = world.judge(&late, anchor()).unwrap_err();
    assert_eq!(refused, Code::CertificateExpired);
    let lie = late.integrated_time_shifted(-24 * 3600);
    let refused = world.judge(&lie, anchor()).unwrap_err();
    assert_eq!(refused, Code::TransparencyPromiseInvalid);
    // A trust root that knows no log: the entry is not read, and so no time is known.
    let mut root = world.forge.trusted_root();
    root.logs.clear();
    let anchor = || crate::times::certificates(&root, WITHOUT_LOG);
    let refused = world.judge(&honest, anchor()).unwrap_err();
    assert_eq!(refused, Code::TimestampMissing);
    let signing = world.forge.keyless(world.time).timestamped(1);
    let claim = world.judge(&signing.message(ARTIFACT), anchor()).unwrap();
    assert_eq!((claim.logs.len(), claim.times.len()), (0, 1));
    assert_eq!(claim.dangers, [Danger::NoLog]);
}

#[test]
fn gauntlet_007_a_key_alone_believes_no_entry() {
    let world = forged::World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let signing = world.forge.keyed(&key, world.time);
    let bare = signing.clone().unlogged().message(ARTIFACT);
    let foreign = signing.message(b"something else");
    let lie = bare.log_entry_borrowed_from(&foreign);
    let claim = world.judge(&lie, key_only(&key)).unwrap();
    assert_eq!((claim.logs.len(), claim.times.len()), (0, 0));
    assert_eq!(claim.dangers, [Danger::NoLog, Danger::NoTimestamp]);
    // A key with an end needs a time, and an entry that nobody verifies gives none.
    let bounded = public(&key, None)
        .as_ref()
        .clone()
        .valid_for(None, Some(minutes(world.time, 60)));
    let anchor = |root| Anchor::Key {
        key: std::sync::Arc::new(bounded.clone()),
        root,
    };
    for bundle in [&lie, &signing.message(ARTIFACT)] {
        let refused = world.judge(bundle, anchor(None)).unwrap_err();
        assert_eq!(refused, Code::KeyOutsideValidity);
    }
    let root = Some(world.root(Requirements::default()));
    assert!(
        world
            .judge(&signing.message(ARTIFACT), anchor(root))
            .is_ok()
    );
}

#[test]
fn gauntlet_010_other_entries_of_the_same_signer_are_no_entry_of_this_signature() {
    let world = World::new();
    let set = world.policy(SIGNED);
    for name in ["release", "scanner"] {
        let signing = world.signing(name);
        let honest = signing.statement(&Statement::cosign_sign(&world.digest()));
        let others = (0..3_u8).flat_map(|n| {
            let other = Digest::sha256(&[n]).to_string();
            signing.statement(&Statement::cosign_sign(&other)).entries
        });
        let others: Vec<_> = others.collect();
        world.admits(&set, &[world.attached(&honest)]);
        let with = |entries: Vec<_>| {
            let mut lie = honest.clone();
            lie.entries = entries;
            let verdict = world.judge(&set, &[world.attached(&lie)]);
            assert_eq!(verdict.decision, Decision::Deny, "{}", said(&verdict));
            codes(&verdict)
        };
        for entries in [
            others.clone(),
            vec![others[0].clone()],
            vec![honest.entries[0].clone(), others[0].clone()],
            vec![others[0].clone(), honest.entries[0].clone()],
        ] {
            assert!(with(entries).contains(&Code::TransparencyEntryMismatch));
        }
    }
}
