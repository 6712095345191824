//! Properties over random worlds, the same worlds in every run.

use std::fmt::Write as _;

use super::world::*;
use crate::claim::Content;
use crate::code::Code;
use crate::digest::Digest;
use crate::policy::PolicySet;
use crate::verdict::{Decision, Verdict};
use crate::verify::{Appraisal, Rejection};

/// A generator of small numbers, the same in every run.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn next(&mut self, below: usize) -> usize {
        // Knuth's MMIX constants; the low bits are weak, so the high ones are used.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

/// What does not depend on the order of evidence.
fn essence(verdict: &Verdict, world: &Appraisal) -> String {
    let mut text = format!("{:?} {:?}\n", verdict.decision, verdict.dangers);
    for requirement in verdict
        .policies
        .iter()
        .flat_map(|policy| &policy.requirements)
    {
        let mut by: Vec<String> = requirement
            .by
            .iter()
            .map(|index| world.verified[*index].origin.place.clone())
            .collect();
        by.sort();
        let (satisfied, findings) = (requirement.satisfied, &requirement.findings);
        writeln!(text, "{satisfied} {by:?} {findings:?}").unwrap();
    }
    text
}

/// A set with every kind of rule.
fn rules() -> PolicySet {
    let sbom = "    - { name: p, on: platform, attestation: { type: \"https://example.com/parts/v1\", by: [anybody, first] } }";
    policy("enforce", "", &format!("{TWO}\n{sbom}\n{SIGNED}"))
}

/// A world with evidence of every kind, good and bad, on the index and on its platforms.
pub(super) fn random_world(set: &PolicySet, numbers: &mut Numbers) -> Appraisal {
    const PARTS: &str = "https://example.com/parts/v1";
    let mut world = appraisal(image());
    let places = places(&world);
    let certificates = anchor(set, None);
    let identities = [GOOD, "https://ci.example/b", "x"];
    for _ in 0..numbers.next(14) {
        let place = &places[numbers.next(3)];
        let identity = identities[numbers.next(3)];
        let signer = holder(
            "https://issuer.example",
            identity,
            Some("https://git.example/app"),
        );
        let made = match numbers.next(5) {
            0 => keyed(set, KEY_A, place),
            1 => keyed(set, KEY_B, place),
            2 => claim(place, certificates, signer, Content::Artifact),
            3 => claim(place, certificates, signer, statement(PARTS, place)),
            _ => honest(set, place),
        };
        world.verified.push(made);
    }
    if numbers.next(3) == 0 {
        for place in &places[1..] {
            let signer = holder("https://issuer.example", "https://ci.example/b", None);
            let made = claim(place, certificates, signer, statement(PARTS, place));
            world.verified.push(made);
        }
    }
    for _ in 0..numbers.next(3) {
        let made = random_rejection(set, &world, numbers);
        world.rejected.push(made);
    }
    world
}

fn places(world: &Appraisal) -> [Digest; 3] {
    let root = world.image.digest().clone();
    [root, Digest::sha256(&[1]), Digest::sha256(&[2])]
}

fn random_rejection(set: &PolicySet, world: &Appraisal, numbers: &mut Numbers) -> Rejection {
    let code = Code::ALL[numbers.next(Code::ALL.len())];
    let place = &places(world)[numbers.next(3)];
    let anchor = [None, Some(anchor(set, None))][numbers.next(2)];
    rejection(code, place, anchor, ["bad", "worse"][numbers.next(2)])
}

const WORLDS: usize = 300;

#[test]
fn the_order_of_evidence_never_matters() {
    let set = rules();
    let mut numbers = Numbers(1);
    for _ in 0..WORLDS {
        let world = random_world(&set, &mut numbers);
        let mut turned = world.clone();
        turned.verified.reverse();
        turned.rejected.reverse();
        let length = turned.verified.len().max(1);
        turned.verified.rotate_left(numbers.next(length));
        let (one, other) = (verdict(&set, &world), verdict(&set, &turned));
        assert_eq!(essence(&one, &world), essence(&other, &turned));
    }
}

#[test]
fn one_more_bad_piece_of_evidence_never_changes_a_decision() {
    let set = rules();
    let mut numbers = Numbers(2);
    let mut admitted = 0;
    for _ in 0..WORLDS {
        let mut world = random_world(&set, &mut numbers);
        let before = verdict(&set, &world).decision;
        admitted += usize::from(before == Decision::Admit);
        let made = random_rejection(&set, &world, &mut numbers);
        world.rejected.push(made);
        assert_eq!(verdict(&set, &world).decision, before);
    }
    assert!(admitted > 5, "worlds of both kinds are needed: {admitted}");
}

#[test]
fn less_evidence_never_turns_a_denial_into_an_admission() {
    let set = rules();
    let mut numbers = Numbers(3);
    for _ in 0..WORLDS {
        let mut world = random_world(&set, &mut numbers);
        let mut denied = verdict(&set, &world).decision == Decision::Deny;
        while !world.verified.is_empty() {
            world.verified.remove(numbers.next(world.verified.len()));
            let now = verdict(&set, &world).decision == Decision::Deny;
            assert!(now || !denied);
            denied = now;
        }
        assert!(denied, "no evidence is never enough");
    }
}
