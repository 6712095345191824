//! When something was signed: by whom that is known, and what must hold at every such time.

use std::sync::Arc;

use sovverify::trust::{Danger, Inclusion, Requirements, Sct, TrustRoot, TrustRootOptions};
use sovverify::{Anchor, Code};
use sovverify_forge::{
    Bundle, Key, KeyKind, Log, RekorV1, Timestamper, TrustedAuthority, TrustedLog, TrustedRoot,
    Version, Window, days, minutes, trusted,
};

use crate::forged::{ARTIFACT, World, public};

/// A trust root as it is written here.
pub(crate) fn root(trusted: &TrustedRoot, requirements: Requirements) -> Arc<TrustRoot> {
    let options = TrustRootOptions {
        requirements,
        expires: None,
    };
    Arc::new(TrustRoot::from_json("own", &trusted.text(), options).unwrap())
}

/// Certificates under it.
pub(crate) fn certificates(trusted: &TrustedRoot, requirements: Requirements) -> Anchor {
    Anchor::Certificates(root(trusted, requirements))
}

#[test]
fn gauntlet_099_a_time_that_no_promise_covers_is_no_time() {
    let world = World::new();
    for version in [Version::V01, Version::V02, Version::V03] {
        let signing = || world.forge.keyless(world.time).version(version);
        let honest = signing().message(ARTIFACT);
        assert!(world.judge(&honest, world.keyless()).is_ok(), "{version:?}");
        let refused = world.judge(&honest.set_removed(), world.keyless());
        assert_eq!(refused.unwrap_err(), Code::TimestampMissing, "{version:?}");
        // The promise is there, and its time is not the certificate's.
        let late = signing().logged_at(minutes(world.time, 11));
        let refused = world.judge(&late.message(ARTIFACT), world.keyless());
        assert_eq!(
            refused.unwrap_err(),
            Code::CertificateExpired,
            "{version:?}"
        );
        let early = signing().logged_at(minutes(world.time, -1));
        let refused = world.judge(&early.message(ARTIFACT), world.keyless());
        let code = refused.unwrap_err();
        assert_eq!(code, Code::CertificateNotYetValid, "{version:?}");
    }
    // The second log promises nothing, so a time beside its entry is nobody's.
    let signing = world.forge.keyless(world.time).logged_in(Log::V2);
    assert!(
        world
            .judge(
                &signing.clone().timestamped(1).message(ARTIFACT),
                world.keyless()
            )
            .is_ok()
    );
    let mut lie = signing.message(ARTIFACT);
    lie.entries[0].integrated_time = Some(world.time.as_second());
    let refused = world.judge(&lie, world.keyless());
    assert_eq!(refused.unwrap_err(), Code::TransparencyEntryMalformed);
}

#[test]
fn gauntlet_100_a_certificate_is_judged_at_every_time_and_not_at_the_first() {
    let world = World::new();
    let stamp = |bundle: &Bundle, at: i64| {
        let signature = bundle.content.signature();
        let stamper = &world.forge.timestamper;
        stamper.stamp(signature, minutes(world.time, at))
    };
    let bare = world.forge.keyless(world.time).unlogged().message(ARTIFACT);
    let logged = world.forge.keyless(world.time).message(ARTIFACT);
    let unlogged = Requirements {
        logs: 0,
        ..Requirements::default()
    };
    for (bundle, requirements) in [(bare, unlogged), (logged, Requirements::default())] {
        let judged = |times: &[i64]| {
            let mut bundle = bundle.clone();
            bundle.timestamps = times.iter().map(|at| stamp(&bundle, *at)).collect();
            let anchor = Anchor::Certificates(world.root(requirements));
            world.judge(&bundle, anchor).map(|_| ())
        };
        assert_eq!(judged(&[1, 2]), Ok(()));
        assert_eq!(judged(&[9, 0]), Ok(()));
        for lie in [&[1, 20][..], &[20, 1], &[1, 2, 20], &[20, 20]] {
            assert_eq!(judged(lie), Err(Code::CertificateExpired), "{lie:?}");
        }
        for lie in [&[1, -20][..], &[-20, 1], &[1, 2, -20]] {
            assert_eq!(judged(lie), Err(Code::CertificateNotYetValid), "{lie:?}");
        }
    }
}

#[test]
fn gauntlet_100_the_time_of_a_second_log_counts_as_well() {
    let world = World::new();
    let second = RekorV1::new("second.forge.example");
    let mut trusted = world.forge.trusted_root();
    trusted.logs.push(TrustedLog {
        host: second.host.clone(),
        key: second.key.clone(),
        id: second.id(),
        validity: Window::decade(days(world.time, -30)),
    });
    let two = Requirements {
        logs: 2,
        ..Requirements::default()
    };
    let signing = world.forge.keyless(world.time);
    let once = signing.message(ARTIFACT);
    let anchor = || certificates(&trusted, two);
    let refused = world.judge(&once, anchor()).unwrap_err();
    assert_eq!(refused, Code::TransparencyMissing);
    let honest = signing.also_logged_in(&second, once.clone());
    assert!(world.judge(&honest, anchor()).is_ok());
    let late = signing.logged_at(minutes(world.time, 20));
    let mut lie = late.also_logged_in(&second, once);
    for _ in 0..2 {
        lie.entries.reverse();
        let refused = world.judge(&lie, anchor()).unwrap_err();
        assert_eq!(refused, Code::CertificateExpired);
    }
}

#[test]
fn gauntlet_101_a_retired_timestamper_borrows_no_window_of_another() {
    let world = World::new();
    let founded = Window::decade(days(world.time, -30));
    let retired = &world.forge.timestamper;
    let key = Key::generate(KeyKind::EcdsaP256);
    let others = [
        Timestamper::new("tsa.other.example", founded),
        // The same authority above both.
        Timestamper::under(retired.authority.clone(), &key),
    ];
    let ended = Window::new(founded.start, days(world.time, -1));
    let named = |stamper: &Timestamper, validity: Window| TrustedAuthority {
        organisation: stamper.authority.organisation.clone(),
        chain: stamper.chain(),
        validity,
    };
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    let stamped = |by: &Timestamper| {
        let mut bundle = bundle.clone();
        let signature = bundle.content.signature();
        bundle.timestamps = vec![by.stamp(signature, world.time)];
        bundle
    };
    for other in &others {
        let judged = |by: &Timestamper, mut list: Vec<TrustedAuthority>| {
            let mut verdicts = Vec::new();
            for _ in 0..list.len() {
                list.rotate_left(1);
                let mut trusted = world.forge.trusted_root();
                trusted.timestamp_authorities.clone_from(&list);
                let anchor = certificates(&trusted, Requirements::default());
                verdicts.push(world.judge(&stamped(by), anchor).map(|_| ()));
            }
            verdicts.dedup();
            assert_eq!(verdicts.len(), 1, "the order decides nothing: {verdicts:?}");
            verdicts.remove(0)
        };
        let both = |first: Window| vec![named(retired, first), named(other, founded)];
        assert_eq!(judged(retired, both(founded)), Ok(()));
        assert_eq!(judged(other, both(ended)), Ok(()));
        let refused = judged(retired, both(ended));
        assert_eq!(refused, Err(Code::TimestampOutsideAuthority));
        // Not named at all, although its authority is.
        let refused = judged(retired, vec![named(other, founded)]);
        assert_eq!(refused, Err(Code::TimestampInvalid));
    }
    // An entry without certificates authorizes nobody: the whole trust root is refused.
    let mut trusted = world.forge.trusted_root();
    let nobody = TrustedAuthority {
        organisation: "nobody".to_owned(),
        chain: Vec::new(),
        validity: founded,
    };
    trusted.timestamp_authorities.push(nobody);
    let options = TrustRootOptions::default();
    assert!(TrustRoot::from_json("own", &trusted.text(), options).is_err());
}

#[test]
fn gauntlet_108_which_times_suffice_is_a_fixed_table() {
    let world = World::new();
    let unlogged = world.forge.keyless(world.time).unlogged();
    let logged = world.forge.keyless(world.time);
    let (none, stamp) = (
        unlogged.message(ARTIFACT),
        unlogged.clone().timestamped(1).message(ARTIFACT),
    );
    let (log, both) = (
        logged.message(ARTIFACT),
        logged.clone().timestamped(1).message(ARTIFACT),
    );
    let missing = Err(Code::TimestampMissing);
    // While the certificate is valid, and when it is not any more.
    for (what, bundle, timestamps, valid, expired) in [
        ("nothing", &none, 0, Ok(()), Err(Code::CertificateExpired)),
        ("nothing", &none, 1, missing, missing),
        ("nothing", &none, 2, missing, missing),
        ("a promise", &log, 0, Ok(()), Ok(())),
        ("a promise", &log, 1, Ok(()), Ok(())),
        ("a promise", &log, 2, missing, missing),
        ("a token", &stamp, 0, Ok(()), Ok(())),
        ("a token", &stamp, 1, Ok(()), Ok(())),
        ("a token", &stamp, 2, missing, missing),
        ("both", &both, 0, Ok(()), Ok(())),
        ("both", &both, 1, Ok(()), Ok(())),
        ("both", &both, 2, Ok(()), Ok(())),
    ] {
        let requirements = Requirements {
            logs: 0,
            timestamps,
            sct: Sct::Required,
            inclusion: Inclusion::Proof,
        };
        for (minute, expected) in [(5, valid), (60, expired)] {
            let anchor = Anchor::Certificates(world.root(requirements));
            let judged = world.judge_at(bundle, anchor, minutes(world.time, minute));
            let untimed = matches!(&judged, Ok(claim) if claim.times.is_empty());
            if let Ok(claim) = &judged {
                assert_eq!(claim.dangers.contains(&Danger::NoTimestamp), untimed);
            }
            let found = judged.map(|_| ());
            assert_eq!(found, expected, "{what}, {timestamps} asked, {minute} min");
        }
    }
}

#[test]
fn gauntlet_110_a_key_or_authority_counts_within_its_window_alone() {
    let world = World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let bundle = world.forge.keyed(&key, world.time).message(ARTIFACT);
    let held = |from: Option<i64>, to: Option<i64>| {
        let at = |day: i64| days(world.time, day);
        let key = public(&key, None)
            .as_ref()
            .clone()
            .valid_for(from.map(at), to.map(at));
        let anchor = Anchor::Key {
            key: Arc::new(key),
            root: Some(world.root(Requirements::default())),
        };
        world.judge(&bundle, anchor).map(|_| ())
    };
    assert_eq!(held(None, None), Ok(()));
    assert_eq!(held(Some(-1), Some(1)), Ok(()));
    let outside = Err(Code::KeyOutsideValidity);
    // Not yet when it signed, though by the time of the verdict; and not any more.
    assert_eq!(held(Some(1), None), outside);
    assert_eq!(held(None, Some(-1)), outside);
    // An authority, a log and a log of certificates that the operator has ended.
    let keyless = world.forge.keyless(world.time).message(ARTIFACT);
    let ended = Window::new(days(world.time, -30), days(world.time, -1));
    let judged = |change: &dyn Fn(&mut TrustedRoot)| {
        let mut trusted = world.forge.trusted_root();
        change(&mut trusted);
        let anchor = certificates(&trusted, Requirements::default());
        world.judge(&keyless, anchor).map(|_| ())
    };
    assert_eq!(judged(&|_| ()), Ok(()));
    let authority = judged(&|root| root.certificate_authorities[0].validity = ended);
    assert_eq!(authority, Err(Code::CertificateUntrusted));
    let log = judged(&|root| root.logs[0].validity = ended);
    assert_eq!(log, Err(Code::TransparencyTimeInvalid));
    let ct_log = judged(&|root| root.ct_logs[0].validity = ended);
    assert_eq!(ct_log, Err(Code::CertificateSctInvalid));
    // A log that promises no time is held to the one that somebody else proved.
    let v2 = world.forge.keyless(world.time).logged_in(Log::V2);
    let stamped = v2.timestamped(1).message(ARTIFACT);
    let judged_v2 = |validity: Option<Window>| {
        let mut trusted = world.forge.trusted_root();
        for log in trusted.logs.iter_mut().skip(1) {
            log.validity = validity.unwrap_or(log.validity);
        }
        let anchor = certificates(&trusted, Requirements::default());
        world.judge(&stamped, anchor).map(|_| ())
    };
    assert_eq!(judged_v2(None), Ok(()));
    let refused = judged_v2(Some(ended));
    assert_eq!(refused, Err(Code::TransparencyTimeInvalid));
    // And an authority that is not in it any more.
    let gone = judged(&|root: &mut TrustedRoot| {
        let other = World::new().forge;
        root.certificate_authorities = vec![trusted(&other.fulcio)];
    });
    assert_eq!(gone, Err(Code::CertificateUntrusted));
}

#[test]
fn gauntlet_099_what_nobody_could_have_made_is_read_only_where_it_is_asked_for() {
    let world = World::new();
    let both = world
        .forge
        .keyless(world.time)
        .timestamped(1)
        .message(ARTIFACT);
    let judged = |change: fn(&mut TrustedRoot), requirements: Requirements| {
        let mut trusted = world.forge.trusted_root();
        change(&mut trusted);
        world
            .judge(&both, certificates(&trusted, requirements))
            .map(|_| ())
    };
    let without_stampers = |trusted: &mut TrustedRoot| trusted.timestamp_authorities.clear();
    let without_logs = |trusted: &mut TrustedRoot| trusted.logs.clear();
    // The token of a stranger beside a promise says nothing; where one is asked for, it is a stranger's.
    let nothing = Requirements {
        timestamps: 0,
        ..Requirements::default()
    };
    assert_eq!(judged(without_stampers, nothing), Ok(()));
    let one = Requirements {
        timestamps: 1,
        ..Requirements::default()
    };
    let refused = judged(without_stampers, one);
    assert_eq!(refused, Err(Code::TimestampInvalid));
    // And likewise an entry.
    let unlogged = Requirements {
        logs: 0,
        timestamps: 1,
        ..Requirements::default()
    };
    assert_eq!(judged(without_logs, unlogged), Ok(()));
    let refused = judged(without_logs, one);
    assert_eq!(refused, Err(Code::TransparencyUnknownLog));
}
