//! Row 46: withheld evidence never helps. Whoever hides an attestation can only turn an admission into
//! a denial, with one documented exception: a trusted VEX statement that contradicts another one.

use std::collections::BTreeSet;

use serde_json::json;
use sovverify::policy::{PolicySet, Selection};
use sovverify::{Appraisal, Code, Decision, Digest, Evidence, Verdict};

use crate::world::{
    CUSTOM, EXCEPTION, OPENVEX, SCAN, World, codes, exception, scan, vex, warnings,
};

/// A generator of small numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's MMIX constants; the low bits are weak, so the high ones are used.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Worlds that are tried.
const WORLDS: usize = 200;
const PACKAGE: &str = "pkg:npm/greeting@0.3.1";
const FOUND: &str = "CVE-2026-0001";

/// Demands of every kind, some of which other evidence can excuse.
const REQUIRE: &str = r#"    - { name: sbom, sbom: { by: [release, scanner], deny: { packages: ["pkg:npm/banned"] } } }
    - { name: scan, vulnerabilities: { by: [scanner], maxSeverity: medium, vex: { by: [vendor, first] } } }
    - { name: built, attestation: { type: slsaprovenance1, by: [release] } }
    - { name: absent, attestation: { type: "https://acme.example/reviewed/v1", by: [first, second, scanner], atLeast: 2, cel: [{ expression: "predicate.ok" }] } }
  exceptions: { by: [first, second], atLeast: 2 }"#;

/// Everything that can be there; a world holds a part of it.
struct Everything {
    set: PolicySet,
    appraisal: Appraisal,
    /// The digests of the contradicting statements of those who may speak.
    contradicting: BTreeSet<Digest>,
}

impl Everything {
    fn new() -> Self {
        let world = World::new();
        let set = world.policy(REQUIRE);
        let contradicting: Vec<Evidence> = ["affected", "under_investigation"]
            .map(|status| world.attest("vendor", OPENVEX, vex(FOUND, PACKAGE, status)))
            .into();
        let mut evidence = vec![
            world.spdx(),
            world.attest(
                "scanner",
                "https://spdx.dev/Document",
                json!({ "spdxVersion": "SPDX-2.3" }),
            ),
            world.provenance(),
            world.attest("release", "https://slsa.dev/provenance/v1", json!({})),
            world.attest("scanner", SCAN, scan(&[(FOUND, "CRITICAL")])),
            world.attest(
                "scanner",
                SCAN,
                scan(&[(FOUND, "HIGH"), ("CVE-2026-0002", "LOW")]),
            ),
            world.attest("scanner", SCAN, json!({})),
            world.attest("release", SCAN, scan(&[])),
            world.attest("vendor", OPENVEX, vex(FOUND, PACKAGE, "not_affected")),
            world.attest("first", OPENVEX, vex(FOUND, PACKAGE, "fixed")),
            world.attest("scanner", OPENVEX, vex(FOUND, PACKAGE, "affected")),
            world.attest(
                "vendor",
                OPENVEX,
                json!({ "@context": OPENVEX, "statements": [] }),
            ),
        ];
        for name in ["first", "second", "scanner"] {
            evidence.push(world.attest(name, CUSTOM, json!({ "ok": true })));
        }
        evidence.push(world.attest("second", CUSTOM, json!({ "ok": false })));
        let excuse = exception(&world.digest(), "2026-04-01T00:00:00Z");
        for name in ["first", "second", "vendor"] {
            evidence.push(world.attest(name, EXCEPTION, excuse.clone()));
        }
        let elsewhere = exception(
            &Digest::sha256(b"another").to_string(),
            "2026-04-01T00:00:00Z",
        );
        evidence.push(world.attest("first", EXCEPTION, elsewhere));
        evidence.extend(contradicting.iter().cloned());
        let appraisal = world.appraise(&set, &evidence);
        assert_eq!(
            appraisal.verified.len(),
            evidence.len(),
            "all of it is genuine"
        );
        Self {
            set,
            appraisal,
            contradicting: contradicting
                .into_iter()
                .map(|piece| piece.origin.blob)
                .collect(),
        }
    }

    /// The verdict on a part: pieces are appraised one by one, so the rest is left out.
    fn verdict(&self, part: &BTreeSet<usize>) -> Verdict {
        let mut appraisal = self.appraisal.clone();
        let all = appraisal.verified.drain(..).enumerate();
        let kept = all.filter(|(number, _)| part.contains(number));
        appraisal.verified = kept.map(|(_, claim)| claim).collect();
        self.set.evaluate(&appraisal, &Selection::default())
    }

    fn contradicts(&self, piece: usize) -> bool {
        self.contradicting
            .contains(&self.appraisal.verified[piece].origin.blob)
    }
}

#[test]
fn gauntlet_046_hiding_an_attestation_never_turns_a_denial_into_an_admission() {
    let everything = Everything::new();
    let mut numbers = Numbers(46);
    let (mut admitted, mut turned, mut excepted) = (0, 0, 0);
    for _ in 0..WORLDS {
        let keep = 3 + numbers.below(6);
        let pieces = 0..everything.appraisal.verified.len();
        let part: BTreeSet<usize> = pieces
            .filter(|piece| {
                // A contradiction is rare, or no world would admit.
                let bound = if everything.contradicts(*piece) {
                    5
                } else {
                    keep
                };
                (numbers.below(bound) == 0) == everything.contradicts(*piece)
            })
            .collect();
        let before = everything.verdict(&part);
        admitted += usize::from(before.decision == Decision::Admit);
        for hidden in &part {
            let mut rest = part.clone();
            rest.remove(hidden);
            let after = everything.verdict(&rest);
            if (before.decision, after.decision) == (Decision::Admit, Decision::Deny) {
                turned += 1;
            }
            if (before.decision, after.decision) != (Decision::Deny, Decision::Admit) {
                continue;
            }
            let origin = &everything.appraisal.verified[*hidden].origin;
            assert!(
                everything.contradicts(*hidden),
                "hiding {origin:?} helped: {:?}",
                codes(&before)
            );
            assert!(
                warnings(&before).contains(&Code::VexConflict),
                "the conflict is said aloud"
            );
            excepted += 1;
        }
    }
    // The property says something: worlds of both kinds, and the exception, were there.
    assert!(
        admitted > 10 && turned > 20 && excepted > 5,
        "{admitted} {turned} {excepted}"
    );
}

#[test]
fn gauntlet_046_a_contradiction_in_vex_is_the_one_thing_worth_hiding() {
    let world = World::new();
    let set = world
        .policy("    - { name: scan, vulnerabilities: { by: [scanner], vex: { by: [vendor] } } }");
    let found = world.attest("scanner", SCAN, scan(&[(FOUND, "HIGH")]));
    let suppressed = world.attest("vendor", OPENVEX, vex(FOUND, PACKAGE, "not_affected"));
    let contradicted = world.attest("vendor", OPENVEX, vex(FOUND, PACKAGE, "affected"));
    let all = [found.clone(), suppressed.clone(), contradicted];
    let verdict = world.denies(&set, &all, Code::VulnerabilityFound);
    assert!(warnings(&verdict).contains(&Code::VexConflict));
    let verdict = world.admits(&set, &[found, suppressed]);
    assert!(
        warnings(&verdict).contains(&Code::VexSuppressed),
        "what was suppressed is said aloud"
    );
}
