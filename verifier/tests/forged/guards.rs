//! What the borrowed verifier leaves open: downgrade, cost, thresholds, windows, time.

use std::sync::Arc;

use jiff::SignedDuration;
use sovverify::trust::{Danger, Inclusion, Requirements, Sct, TrustRoot, TrustRootOptions};
use sovverify::{Anchor, Code};
use sovverify_forge::days;
use sovverify_forge::{Key, KeyKind};
use sovverify_forge::{Log, TrustedLog, Version, Window};

use crate::world::{ARTIFACT, World, key_only, public};

#[test]
fn gauntlet_015_a_relabelled_bundle_passes_only_where_promises_alone_are_accepted() {
    let world = World::new();
    let downgraded = world
        .forge
        .keyless(world.time)
        .message(ARTIFACT)
        .proof_stripped_and_relabelled_v01();
    assert_eq!(
        world.judge(&downgraded, world.keyless()).unwrap_err(),
        Code::TransparencyProofMissing
    );
    let lax = Requirements {
        inclusion: Inclusion::DangerPromiseAlone,
        ..Requirements::default()
    };
    let claim = world
        .judge(&downgraded, Anchor::Certificates(world.root(lax)))
        .unwrap();
    assert_eq!(claim.dangers, [Danger::PromiseAlone]);
    // From v0.2 on the format itself demands the proof, so that a promise is never enough.
    for version in [Version::V02, Version::V03] {
        let bundle = world.forge.keyless(world.time).message(ARTIFACT);
        let bare = bundle.relabelled(version).proof_removed();
        let refused = world.judge(&bare, Anchor::Certificates(world.root(lax)));
        assert_eq!(refused.unwrap_err(), Code::TransparencyProofMissing);
    }
}

#[test]
fn duplicate_log_entries_are_counted_before_any_of_them_is_verified() {
    let world = World::new();
    let honest = world.forge.keyless(world.time).message(ARTIFACT);
    let many = honest.duplicate_log_entries(2_000);
    assert_eq!(
        world.judge(&many, world.keyless()).unwrap_err(),
        Code::LimitExceeded
    );
    let stamps = world
        .forge
        .keyless(world.time)
        .timestamped(1)
        .message(ARTIFACT)
        .duplicate_timestamps(33);
    assert_eq!(
        world.judge(&stamps, world.keyless()).unwrap_err(),
        Code::LimitExceeded
    );
}

#[test]
fn gauntlet_013_two_entries_of_one_log_are_one_log() {
    let world = World::new();
    let two = Requirements {
        logs: 2,
        ..Requirements::default()
    };
    let signing = world.forge.keyless(world.time);
    let bundle = signing.also_logged_in(&world.forge.rekor, signing.message(ARTIFACT));
    assert_eq!(world.judge(&bundle, world.keyless()).unwrap().logs.len(), 2);
    let refused = world.judge(&bundle, Anchor::Certificates(world.root(two)));
    assert_eq!(refused.unwrap_err(), Code::TransparencyMissing);
    // One entry that stands twice is not even two entries.
    let twice = signing.message(ARTIFACT).duplicate_log_entries(2);
    let refused = world.judge(&twice, world.keyless());
    assert_eq!(refused.unwrap_err(), Code::TransparencyEntryMalformed);
    let twice = signing.clone().timestamped(1).message(ARTIFACT);
    let refused = world.judge(&twice.duplicate_timestamps(2), world.keyless());
    assert_eq!(refused.unwrap_err(), Code::TimestampInvalid);
    // Two tokens of one authority are one source of time.
    let two = Requirements {
        timestamps: 2,
        ..Requirements::default()
    };
    let stamped = world
        .forge
        .keyless(world.time)
        .logged_in(Log::V2)
        .timestamped(2)
        .message(ARTIFACT);
    let refused = world.judge(&stamped, Anchor::Certificates(world.root(two)));
    assert_eq!(refused.unwrap_err(), Code::TimestampMissing);
    let both = world
        .forge
        .keyless(world.time)
        .timestamped(1)
        .message(ARTIFACT);
    assert!(
        world
            .judge(&both, Anchor::Certificates(world.root(two)))
            .is_ok(),
        "log and authority are two"
    );
}

#[test]
fn gauntlet_013_one_key_under_two_names_is_one_log() {
    use base64::Engine as _;
    let world = World::new();
    let forge = &world.forge;
    let mut trusted = forge.trusted_root();
    let alias = [7; 32];
    trusted.logs.push(TrustedLog {
        host: "alias.forge.example".to_owned(),
        key: forge.rekor.key.clone(),
        id: alias,
        validity: Window::decade(days(world.time, -30)),
    });
    let signing = forge.keyless(world.time);
    let mut bundle = signing.also_logged_in(&forge.rekor, signing.message(ARTIFACT));
    let mut entry = bundle.entries.pop().unwrap();
    // The one log signs its second promise under its other identifier.
    let promised = format!(
        r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}}"#,
        base64::engine::general_purpose::STANDARD.encode(&entry.body),
        world.time.as_second(),
        "07".repeat(32),
        entry.log_index,
    );
    entry.log_id = alias;
    entry.promise = Some(forge.rekor.key.sign(promised.as_bytes()));
    bundle.entries.push(entry);
    let judged = |logs, timestamps| {
        let options = TrustRootOptions {
            requirements: Requirements {
                logs,
                timestamps,
                ..Requirements::default()
            },
            expires: None,
        };
        let root = TrustRoot::from_json("forge", &trusted.text(), options).unwrap();
        world.judge(&bundle, Anchor::Certificates(Arc::new(root)))
    };
    // Both entries are genuine, and together they are one log and one source of time.
    assert_eq!(judged(1, 1).unwrap().logs.len(), 2);
    assert_eq!(judged(2, 1).unwrap_err(), Code::TransparencyMissing);
    assert_eq!(judged(1, 2).unwrap_err(), Code::TimestampMissing);
}

#[test]
fn a_key_without_log_is_accepted_when_and_only_when_the_trust_root_says_so() {
    let world = World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let bare = world
        .forge
        .keyed(&key, world.time)
        .unlogged()
        .message(ARTIFACT);
    assert!(world.judge(&bare, key_only(&key)).is_ok());
    let under = |requirements| Anchor::Key {
        key: public(&key, None),
        root: Some(world.root(requirements)),
    };
    let strict = world.judge(&bare, under(Requirements::default()));
    assert_eq!(strict.unwrap_err(), Code::TransparencyMissing);
    let none = Requirements {
        logs: 0,
        timestamps: 0,
        ..Requirements::default()
    };
    let claim = world.judge(&bare, under(none)).unwrap();
    assert_eq!(claim.dangers, [Danger::NoLog, Danger::NoTimestamp]);
    let time = Requirements {
        logs: 0,
        timestamps: 1,
        ..Requirements::default()
    };
    assert_eq!(
        world.judge(&bare, under(time)).unwrap_err(),
        Code::TimestampMissing
    );
}

#[test]
fn gauntlet_106_a_key_with_a_window_needs_a_proven_time_inside_it() {
    let world = World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let anchor = |end, root| {
        let public = public(&key, None)
            .as_ref()
            .clone()
            .valid_for(None, Some(end));
        Anchor::Key {
            key: Arc::new(public),
            root,
        }
    };
    let root = || Some(world.root(Requirements::default()));
    let logged = world.forge.keyed(&key, world.time).message(ARTIFACT);
    assert!(
        world
            .judge(&logged, anchor(days(world.time, 1), root()))
            .is_ok()
    );
    let after = world.judge(&logged, anchor(days(world.time, -1), root()));
    assert_eq!(after.unwrap_err(), Code::KeyOutsideValidity);
    let untimed = world
        .forge
        .keyed(&key, world.time)
        .unlogged()
        .message(ARTIFACT);
    let refused = world.judge(&untimed, anchor(days(world.time, 1), None));
    assert_eq!(refused.unwrap_err(), Code::KeyOutsideValidity);
}

#[test]
fn gauntlet_109_evidence_later_than_the_verification_time_does_not_count() {
    let world = World::new();
    for bundle in [
        world.forge.keyless(world.time).message(ARTIFACT),
        world
            .forge
            .keyless(world.time)
            .logged_in(Log::V2)
            .timestamped(1)
            .message(ARTIFACT),
    ] {
        // Not by a second: a tolerance would let a log withhold an entry for as long.
        for early in [1, 60] {
            let early = world.time - SignedDuration::from_secs(early);
            let before = world.judge_at(&bundle, world.keyless(), early);
            assert_eq!(before.unwrap_err(), Code::TimestampLaterThanVerification);
        }
        assert!(world.judge_at(&bundle, world.keyless(), world.time).is_ok());
        assert!(
            world
                .judge_at(&bundle, world.keyless(), days(world.time, 2_000))
                .is_ok()
        );
    }
}

#[test]
fn an_expired_trust_root_trusts_nothing() {
    let world = World::new();
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    let expires = days(world.time, 10);
    let options = TrustRootOptions {
        requirements: Requirements::default(),
        expires: Some(expires),
    };
    let json = world.forge.trusted_root().text();
    let root = Arc::new(TrustRoot::from_json("forge", &json, options).unwrap());
    let anchor = || Anchor::Certificates(Arc::clone(&root));
    assert!(
        world
            .judge_at(&bundle, anchor(), days(world.time, 9))
            .is_ok()
    );
    assert_eq!(
        world.judge_at(&bundle, anchor(), expires).unwrap_err(),
        Code::TrustExpired
    );
}

#[test]
fn an_sct_is_missed_only_where_it_is_asked_for() {
    let world = World::new();
    let bundle = world
        .forge
        .keyless(world.time)
        .without_sct()
        .message(ARTIFACT);
    assert_eq!(
        world.judge(&bundle, world.keyless()).unwrap_err(),
        Code::CertificateSctMissing
    );
    let lax = Requirements {
        sct: Sct::DangerNotRequired,
        ..Requirements::default()
    };
    let claim = world
        .judge(&bundle, Anchor::Certificates(world.root(lax)))
        .unwrap();
    assert_eq!(claim.dangers, [Danger::NoSct]);
}

#[test]
fn a_timestamp_says_in_what_it_signs_that_it_is_one() {
    const DATA: &str = "1.2.840.113549.1.7.1";
    let mut world = World::new();
    let honest = world.forge.timestamper.clone();
    let judged = |world: &World| {
        let signing = world.forge.keyless(world.time).logged_in(Log::V2);
        let bundle = signing.timestamped(1).message(ARTIFACT);
        world.judge(&bundle, world.keyless()).map(|_| ())
    };
    assert_eq!(judged(&world), Ok(()));
    for (content_type, version) in [(None, 1), (Some(DATA), 1), (honest.content_type, 2)] {
        world.forge.timestamper.content_type = content_type;
        world.forge.timestamper.version = version;
        let refused = judged(&world);
        assert_eq!(refused, Err(Code::TimestampInvalid), "{content_type:?}");
    }
}

#[test]
fn an_entry_names_the_very_certificate_and_not_another_one_for_its_key() {
    let world = World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let signed = || world.forge.keyless(world.time).key(&key).message(ARTIFACT);
    assert!(world.judge(&signed(), world.keyless()).is_ok());
    let other = signed().certificate_borrowed_from(&signed());
    let refused = world.judge(&other, world.keyless());
    assert_eq!(refused.unwrap_err(), Code::TransparencyEntryMismatch);
}

#[test]
fn a_certificate_is_valid_to_its_last_second() {
    let world = World::new();
    for (seconds, expected) in [(0, Ok(())), (1, Err(Code::CertificateExpired))] {
        let valid = Window::new(days(world.time, -1), world.time);
        let late = world.time + SignedDuration::from_secs(seconds);
        let signing = world.forge.keyless(world.time).certificate_valid(valid);
        let bundle = signing.logged_at(late).message(ARTIFACT);
        let judged = world.judge(&bundle, world.keyless()).map(|_| ());
        assert_eq!(judged, expected, "{seconds} s after its end");
    }
}
