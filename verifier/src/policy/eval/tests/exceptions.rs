//! Signed exceptions: an honest one is used and said aloud, every lie is refused with its code.

use super::world::*;
use super::*;
use crate::claim::exception::PREDICATE_TYPE;
use crate::digest::Digest;
use crate::evidence::{Origin, OriginKind};
use crate::verify::{ClaimedKind, Rejection, Verified};

const EXCEPTIONS: &str = "    - { name: sbom, attestation: { type: spdx, by: [release] } }
    - { name: signed, signature: { by: [release] } }
  exceptions: { by: [first, second], atLeast: 2, requirements: [sbom], maxImages: 2 }";

/// An exception for `images`, as a predicate.
fn exception(images: &[&Digest], requirements: &str, not_after: &str) -> String {
    let images: Vec<String> = images
        .iter()
        .map(|digest| format!("\"{digest}\""))
        .collect();
    let images = images.join(",");
    format!(
        r#"{{"apiVersion":"policy.sovverify.dev/v1alpha1","kind":"PolicyException","metadata":{{"name":"vendor-sbom"}},"spec":{{"images":[{images}],"requirements":[{requirements}],"reason":"the vendor delivers none","ticket":"SEC-7","notAfter":"{not_after}"}}}}"#
    )
}

/// A signed image without SBOM, and the exception signed by these keys.
fn world(set: &PolicySet, exception: &str, keys: &[&str]) -> Appraisal {
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    world.verified.push(honest(set, &root));
    for key in keys {
        let content = stated(PREDICATE_TYPE, &root, exception);
        world
            .verified
            .push(attested_by_key(set, key, &root, content));
    }
    world
}

fn warned(verdict: &Verdict) -> Vec<&'static str> {
    verdict
        .warnings
        .iter()
        .map(|warning| warning.code.name())
        .collect()
}

#[test]
fn an_exception_by_enough_signers_excuses_and_says_so() {
    let set = policy("enforce", "", EXCEPTIONS);
    let root = image().digest().clone();
    let text = exception(&[&root], "\"sbom\"", "2026-04-01T00:00:00Z");
    let none = verdict(&set, &world(&set, &text, &[]));
    assert_eq!(none.decision, Decision::Deny);
    let used = verdict(&set, &world(&set, &text, &[KEY_A, KEY_B]));
    assert_eq!(used.decision, Decision::Admit);
    assert_eq!(warned(&used), ["exception/used"]);
    let requirement = &used.policies[0].requirements[0];
    assert!(!requirement.satisfied && requirement.findings[0].code == Code::AttestationMissing);
    let exception = requirement.exception.as_ref().unwrap();
    assert_eq!(
        (exception.ticket.as_str(), exception.by.as_slice()),
        ("SEC-7", &[1, 2][..])
    );
    let words = &used.warnings[0];
    assert!(
        words.found.contains("vendor-sbom") && words.found.contains("the vendor delivers none")
    );
    assert!(words.position.is_some() && words.hint.is_some());
}

#[test]
fn every_exception_that_does_not_count_says_why() {
    let set = policy("enforce", "", EXCEPTIONS);
    let root = image().digest().clone();
    let other = Digest::sha256(b"another image");
    let third = Digest::sha256(b"a third");
    let both: &[&str] = &[KEY_A, KEY_B];
    let soon = "2026-04-01T00:00:00Z";
    for (text, keys, code) in [
        (
            exception(&[&root], "\"sbom\"", soon),
            &both[..1],
            "exception/threshold",
        ),
        (
            exception(&[&other], "\"sbom\"", soon),
            both,
            "exception/other-image",
        ),
        (
            exception(&[&root], "\"sbom\"", "2026-03-02T12:00:00Z"),
            both,
            "exception/expired",
        ),
        (
            exception(&[&root], "\"sbom\"", "2027-04-01T00:00:00Z"),
            both,
            "exception/too-broad",
        ),
        (
            exception(&[&root], "\"sbom\",\"signed\"", soon),
            both,
            "exception/too-broad",
        ),
        (
            exception(&[&root, &other, &third], "\"sbom\"", soon),
            both,
            "exception/too-broad",
        ),
        (
            exception(&[&root], "\"*\"", soon),
            both,
            "exception/too-broad",
        ),
        (
            exception(&[&root], "\"sbom\"", "soon"),
            both,
            "exception/malformed",
        ),
    ] {
        let verdict = verdict(&set, &world(&set, &text, keys));
        assert_eq!(verdict.decision, Decision::Deny, "{text}");
        assert!(
            warned(&verdict).contains(&code),
            "{code}: {:?}",
            warned(&verdict)
        );
        assert!(!warned(&verdict).contains(&"exception/used"), "{code}");
    }
}

#[test]
fn an_exception_by_nobody_whom_the_policy_names_is_refused() {
    let set = policy("enforce", "", EXCEPTIONS);
    let root = image().digest().clone();
    let text = exception(&[&root], "\"sbom\"", "2026-04-01T00:00:00Z");
    let mut world = world(&set, &text, &[]);
    let content = stated(PREDICATE_TYPE, &root, &text);
    world.verified.push(attested(&set, &root, content));
    let refused = verdict(&set, &world);
    assert_eq!(refused.decision, Decision::Deny);
    assert_eq!(warned(&refused), ["exception/untrusted"]);
    let closed = policy(
        "enforce",
        "",
        "    - { name: sbom, attestation: { type: spdx, by: [first] } }",
    );
    let signed = self::world(&closed, &text, &[KEY_A]);
    let refused = verdict(&closed, &signed);
    assert_eq!(refused.decision, Decision::Deny);
    assert_eq!(warned(&refused), ["exception/untrusted"]);
}

#[test]
fn two_signers_of_two_exceptions_are_not_two_signers_of_one() {
    let set = policy("enforce", "", EXCEPTIONS);
    let root = image().digest().clone();
    let first = exception(&[&root], "\"sbom\"", "2026-04-01T00:00:00Z");
    let second = exception(&[&root], "\"sbom\"", "2026-04-02T00:00:00Z");
    let mut world = world(&set, &first, &[KEY_A]);
    let content = stated(PREDICATE_TYPE, &root, &second);
    world
        .verified
        .push(attested_by_key(&set, KEY_B, &root, content));
    let refused = verdict(&set, &world);
    assert_eq!(refused.decision, Decision::Deny);
    assert_eq!(
        warned(&refused),
        ["exception/threshold", "exception/threshold"]
    );
}

#[test]
fn an_exception_excuses_nothing_but_what_it_names() {
    let set = policy("enforce", "", EXCEPTIONS);
    let root = image().digest().clone();
    let text = exception(&[&root], "\"sbom\"", "2026-04-01T00:00:00Z");
    let mut world = world(&set, &text, &[KEY_A, KEY_B]);
    world.verified.remove(0);
    let refused = verdict(&set, &world);
    assert_eq!(refused.decision, Decision::Deny);
    assert_eq!(warned(&refused), ["exception/used"]);
    // An exception from another policy is nobody's business here, and nobody's excuse.
    let elsewhere = text.replace(
        "\"requirements\"",
        "\"policies\":[\"staging\"],\"requirements\"",
    );
    let quiet = verdict(&set, &self::world(&set, &elsewhere, &[KEY_A, KEY_B]));
    assert_eq!(quiet.decision, Decision::Deny);
    assert!(warned(&quiet).is_empty());
}

#[test]
fn an_exception_whose_signature_is_refused_is_said_aloud() {
    let set = policy("enforce", "", EXCEPTIONS);
    let mut world = world(&set, "{}", &[]);
    let root = world.image.digest().clone();
    for (code, warning) in [
        (Code::SubjectMismatch, "exception/other-image"),
        (Code::SignatureInvalid, "signature/invalid"),
    ] {
        world.rejected = vec![Rejection {
            claims_to_be: ClaimedKind::Attestation(PREDICATE_TYPE.to_owned()),
            ..rejection(code, &root, None, "exception")
        }];
        let verdict = verdict(&set, &world);
        assert_eq!(verdict.decision, Decision::Deny);
        assert_eq!(warned(&verdict), [warning]);
    }
}

#[test]
fn a_stranger_neither_shortens_an_exception_nor_stands_among_its_signers() {
    let set = policy("enforce", "", EXCEPTIONS);
    let root = image().digest().clone();
    let text = exception(&[&root], "\"sbom\"", "2026-05-30T00:00:00Z");
    let mut world = world(&set, &text, &[KEY_A, KEY_B]);
    let content = stated(PREDICATE_TYPE, &root, &text);
    let mut stranger = Claim::clone(&attested(&set, &root, content));
    stranger.times[0].time = "2026-01-01T00:00:00Z".parse().unwrap();
    world.verified.push(Verified::for_tests(stranger));
    let used = verdict(&set, &world);
    assert_eq!(used.decision, Decision::Admit, "{:?}", used.warnings);
    assert_eq!(warned(&used), ["exception/used"]);
    assert!(!used.warnings[0].found.contains(GOOD));
}

#[test]
fn an_exception_that_counts_is_not_refused_under_other_trust_roots_as_well() {
    let set = policy("enforce", "", EXCEPTIONS);
    let root = image().digest().clone();
    let text = exception(&[&root], "\"sbom\"", "2026-04-01T00:00:00Z");
    let mut world = world(&set, &text, &[KEY_A, KEY_B]);
    world.rejected = vec![Rejection {
        claims_to_be: ClaimedKind::Attestation(PREDICATE_TYPE.to_owned()),
        origin: world.verified[1].origin.clone(),
        ..rejection(Code::CertificateUntrusted, &root, None, "exception")
    }];
    assert_eq!(warned(&verdict(&set, &world)), ["exception/used"]);
}

#[test]
fn an_exception_from_what_the_policy_does_not_ask_is_not_passed_over_in_silence() {
    let set = policy(
        "enforce",
        "",
        &EXCEPTIONS.replace(", requirements: [sbom]", ""),
    );
    let root = image().digest().clone();
    let text = exception(&[&root], "\"sboms\"", "2026-04-01T00:00:00Z");
    let named = text.replace(
        "\"requirements\"",
        "\"policies\":[\"production\"],\"requirements\"",
    );
    let refused = verdict(&set, &world(&set, &named, &[KEY_A, KEY_B]));
    assert_eq!(refused.decision, Decision::Deny);
    assert_eq!(warned(&refused), ["exception/too-broad"]);
    assert_eq!(
        refused.warnings[0].expected,
        "a requirement of `production`: `sbom` or `signed`"
    );
}

#[test]
fn what_a_policy_does_not_say_about_exceptions_has_bounds_too() {
    use crate::policy::compile::{DEFAULT_IMAGES, DEFAULT_VALIDITY};
    let silent = EXCEPTIONS.replace(", maxImages: 2", "");
    let set = policy("enforce", "", &silent);
    let root = image().digest().clone();
    let used = |images: usize, end: jiff::Timestamp| {
        let others: Vec<Digest> = (1..images)
            .map(|n| Digest::sha256(n.to_string().as_bytes()))
            .collect();
        let images: Vec<&Digest> = std::iter::once(&root).chain(&others).collect();
        let text = exception(&images, "\"sbom\"", &end.to_string());
        warned(&verdict(&set, &world(&set, &text, &[KEY_A, KEY_B])))
    };
    // The moment at which everything here was signed.
    let signed: jiff::Timestamp = "2026-03-02T11:04:05Z".parse().unwrap();
    let latest = signed + DEFAULT_VALIDITY;
    let later = latest + jiff::SignedDuration::from_secs(1);
    assert_eq!(used(DEFAULT_IMAGES, latest), ["exception/used"]);
    assert_eq!(used(DEFAULT_IMAGES + 1, latest), ["exception/too-broad"]);
    assert_eq!(used(DEFAULT_IMAGES, later), ["exception/too-broad"]);
}

const FREE: &str = "    - { name: sbom, attestation: { type: spdx, by: [release] } }
    - { name: signed, signature: { by: [release] } }
  exceptions: { by: [first] }";

#[test]
fn an_exception_counts_to_its_last_moment() {
    let set = policy("enforce", "", FREE);
    let root = image().digest().clone();
    // The verdict is of 2026-03-03T00:00:00Z.
    for (end, expected) in [
        ("2026-03-03T00:00:00Z", Decision::Admit),
        ("2026-03-02T23:59:59Z", Decision::Deny),
    ] {
        let text = exception(&[&root], "\"sbom\"", end);
        let judged = verdict(&set, &world(&set, &text, &[KEY_A]));
        assert_eq!(judged.decision, expected, "{end}");
    }
}

#[test]
fn what_is_met_needs_no_exception_and_what_is_not_asked_for_is_no_mistake() {
    let set = policy("enforce", "", FREE);
    let root = image().digest().clone();
    let text = exception(
        &[&root],
        "\"sbom\",\"signed\",\"scan\"",
        "2026-04-01T00:00:00Z",
    );
    let judged = verdict(&set, &world(&set, &text, &[KEY_A]));
    let excused: Vec<bool> = judged.policies[0]
        .requirements
        .iter()
        .map(|requirement| requirement.exception.is_some())
        .collect();
    assert_eq!(excused, [true, false]);
    assert_eq!(warned(&judged), ["exception/used"]);
    // It names no policy, so that it may be about another one's requirement.
    let text = exception(&[&root], "\"scan\"", "2026-04-01T00:00:00Z");
    let judged = verdict(&set, &world(&set, &text, &[KEY_A]));
    assert_eq!(judged.decision, Decision::Deny);
    assert_eq!(warned(&judged), [""; 0]);
}

#[test]
fn an_exception_for_another_image_is_told_to_whom_it_could_have_helped() {
    let set = policy("enforce", "", FREE);
    let root = image().digest().clone();
    let other = Digest::sha256(b"another image");
    let used = exception(&[&root], "\"sbom\"", "2026-04-01T00:00:00Z");
    let foreign = exception(&[&other], "\"sbom\"", "2026-04-01T00:00:00Z");
    for kind in [OriginKind::File, OriginKind::Referrers] {
        let attach = |world: &mut Appraisal| {
            let content = stated(PREDICATE_TYPE, &root, &foreign);
            let claim = Claim::clone(&attested_by_key(&set, KEY_A, &root, content));
            let origin = Origin {
                kind,
                ..claim.origin.clone()
            };
            let claim = Claim { origin, ..claim };
            world.verified.push(Verified::for_tests(claim));
        };
        let mut denied = world(&set, &used, &[]);
        attach(&mut denied);
        let judged = verdict(&set, &denied);
        assert_eq!(judged.decision, Decision::Deny);
        assert_eq!(warned(&judged), ["exception/other-image"]);
        let mut admitted = world(&set, &used, &[KEY_A]);
        attach(&mut admitted);
        let judged = verdict(&set, &admitted);
        assert_eq!(judged.decision, Decision::Admit);
        let told = warned(&judged).contains(&"exception/other-image");
        assert_eq!(told, kind == OriginKind::Referrers);
    }
}
