//! Which reason leads.

use super::world::*;
use crate::claim::Content;
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::Gap;
use crate::policy::PolicySet;
use crate::verdict::{Decision, RequirementVerdict};
use crate::verify::{Appraisal, ClaimedKind, Rejection};

#[test]
fn what_a_certificate_lacks_is_said_with_what_it_has() {
    let set = policy("enforce", "", SIGNED);
    let base = appraisal(image());
    let root = base.image.digest().clone();
    let fine = (
        "https://issuer.example",
        GOOD,
        Some("https://git.example/app"),
    );
    let (issuer, identity, repository) = fine;
    let nightly = "https://ci.example/a/nightly@main";
    let longer = format!("{GOOD}/x");
    let by_identity = Code::CertificateIdentityMismatch;
    let by_claim = Code::CertificateClaimMismatch;
    for (issuer, identity, repository, code, found) in [
        (issuer, nightly, repository, by_identity, nightly),
        (issuer, &longer, repository, by_identity, &longer),
        (
            "https://i",
            identity,
            repository,
            Code::CertificateIssuerMismatch,
            "https://i",
        ),
        (
            issuer,
            identity,
            Some("https://fork"),
            by_claim,
            "https://fork",
        ),
        (issuer, identity, None, by_claim, "nothing"),
    ] {
        let mut world = base.clone();
        let signer = holder(issuer, identity, repository);
        let anchor = anchor(&set, None);
        let made = claim(&root, anchor, signer, Content::Artifact);
        world.verified.push(made);
        let verdict = verdict(&set, &world);
        assert_eq!(verdict.decision, Decision::Deny);
        let finding = &verdict.policies[0].requirements[0].findings[0];
        assert_eq!(finding.code, code);
        assert!(finding.found.contains(found), "{}", finding.found);
        assert!(
            finding.found.contains("2026-03-02T11:04:05Z"),
            "{}",
            finding.found
        );
        let line = finding.position.as_ref().map(|p| p.source.as_str());
        assert!(line.unwrap().contains("https://"));
        assert_eq!(finding.because.len(), 1);
    }
}

#[test]
fn the_most_specific_rejection_leads_and_the_others_follow() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let certificates = anchor(&set, None);
    for (code, anchor) in [
        (Code::KeyMismatch, Some(certificates)),
        (Code::TransparencyProofInvalid, Some(certificates)),
        (Code::BundleMalformed, None),
        // Another anchor's rejection is no news about this rule.
        (Code::LimitExceeded, Some(anchor(&set, Some(KEY_A)))),
    ] {
        let made = rejection(code, &root, anchor, code.name());
        world.rejected.push(made);
    }
    let verdict = verdict(&set, &world);
    assert_eq!(codes(&verdict)[0], "transparency/proof-invalid");
    let because = &verdict.policies[0].requirements[0].findings[0].because;
    let listed: Vec<Code> = because.iter().map(|r| r.code).collect();
    let expected = [
        Code::TransparencyProofInvalid,
        Code::KeyMismatch,
        Code::BundleMalformed,
    ];
    assert_eq!(listed, expected);
}

#[test]
fn a_constraint_is_never_met_by_two_claims_together() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let certificates = anchor(&set, None);
    for signer in [
        holder("https://issuer.example", GOOD, None),
        holder(
            "https://issuer.example",
            "https://ci.example/x",
            Some("https://git.example/app"),
        ),
        holder(
            "https://other.example",
            GOOD,
            Some("https://git.example/app"),
        ),
    ] {
        world
            .verified
            .push(claim(&root, certificates, signer, Content::Artifact));
    }
    assert_eq!(verdict(&set, &world).decision, Decision::Deny);
}

#[test]
fn an_outage_does_not_look_like_a_missing_signature() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    assert_eq!(codes(&verdict(&set, &world)), ["signature/missing"]);
    world.gaps.push(Gap {
        code: Code::LimitExceeded,
        place: "registry.example/app:sha256-00.sig".into(),
        expected: "an answer".into(),
        found: "429".into(),
    });
    let gap = verdict(&set, &world);
    assert_eq!(gap.decision, Decision::Deny);
    assert_eq!(codes(&gap)[0], "limit/exceeded");
    // Behind a gap or not: what is there and enough, is enough.
    world
        .verified
        .push(honest(&set, &world.image.digest().clone()));
    assert_eq!(verdict(&set, &world).decision, Decision::Admit);
}

/// Signatures of one payload by two strangers lie in one manifest and have one digest.
#[test]
fn two_refusals_of_the_same_bytes_have_one_order() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    world.rejected = ["mallory", "eve"]
        .into_iter()
        .map(|found| Rejection {
            found: found.to_owned(),
            ..rejection(Code::SignatureInvalid, &root, None, "place")
        })
        .collect();
    let first = verdict(&set, &world).policies[0].requirements[0]
        .findings
        .clone();
    world.rejected.reverse();
    let second = verdict(&set, &world).policies[0].requirements[0]
        .findings
        .clone();
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    assert_eq!(first[0].found, "eve");
}

#[test]
fn rejections_are_listed_up_to_a_bound_and_counted() {
    use crate::policy::eval::reason::MAX_BECAUSE;
    let set = policy("enforce", "", SIGNED);
    let listed = |count: usize| {
        let mut world = appraisal(image());
        let root = world.image.digest().clone();
        for n in 0..count {
            let made = rejection(Code::BundleMalformed, &root, None, &n.to_string());
            world.rejected.push(made);
        }
        let finding = verdict(&set, &world).policies[0].requirements[0].findings[0].clone();
        (finding.because.len(), finding.omitted)
    };
    assert_eq!(listed(MAX_BECAUSE), (MAX_BECAUSE, 0));
    assert_eq!(listed(MAX_BECAUSE + 1), (MAX_BECAUSE, 1));
}

#[test]
fn policies_that_only_observe_are_counted_and_admit_no_artifact() {
    let text = policy_text("warn", "", SIGNED);
    let second = text.split_once("---").unwrap().1;
    let second = second.replace("name: production", "name: rehearsal");
    let set = compile(&format!("{text}---{second}"));
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    world.verified.push(honest(&set, &root));
    let judged = verdict(&set, &world);
    let found = judged.warnings.iter().map(|warning| &warning.found);
    let found: Vec<_> = found.collect();
    assert!(
        found
            .iter()
            .any(|found| found.contains("2 with `mode: warn`")),
        "{found:?}"
    );
    // What observes would admit the file, and nobody who decides was asked.
    let (verified, time) = (&world.verified, world.time);
    let observed = set.evaluate_artifact(&root, verified, &[], time);
    assert_eq!(observed.decision, Decision::Deny);
    let enforced = policy("enforce", "", SIGNED);
    let decided = enforced.evaluate_artifact(&root, verified, &[], time);
    assert_eq!(decided.decision, Decision::Admit);
}

/// What is said of the one requirement of a policy.
fn first(set: &PolicySet, world: &Appraisal) -> RequirementVerdict {
    verdict(set, world).policies[0].requirements[0].clone()
}

#[test]
fn a_gap_leads_only_where_nothing_worse_is_known() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let certificates = Some(anchor(&set, None));
    world.gaps.push(Gap {
        code: Code::RegistryTimeout,
        place: "registry.example/app:sha256-00.sig".into(),
        expected: "an answer".into(),
        found: "none".into(),
    });
    let hidden = &first(&set, &world).findings[0];
    assert_eq!(hidden.code, Code::RegistryTimeout);
    assert!(hidden.hint.as_ref().unwrap().starts_with("try again"));
    let made = rejection(Code::SignatureInvalid, &root, certificates, "x");
    world.rejected.push(made);
    let worse = &first(&set, &world).findings[0];
    assert_eq!(worse.code, Code::SignatureInvalid);
    let hint = worse.hint.as_ref().unwrap();
    assert!(hint.contains("could not be read"), "{hint}");
}

#[test]
fn findings_say_what_was_wanted_and_what_else_is_there() {
    let on = |on: &str| format!("    - {{ name: s, on: {on}, signature: {{ by: [release] }} }}");
    let set = policy("enforce", "", &on("any"));
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let none = &first(&set, &world).findings[0];
    assert_eq!(
        (none.expected.as_str(), none.found.as_str()),
        ("a signature by `release`", "none")
    );
    // Where the index has it, nothing is missed on platforms.
    world.verified.push(honest(&set, &root));
    let met = first(&set, &world);
    assert!(met.satisfied && met.findings.is_empty(), "{met:?}");
    // Nobody is sent to platforms that have none either.
    let on_index = policy("enforce", "", &on("index"));
    let nowhere = &first(&on_index, &appraisal(image())).findings[0];
    assert!(!nowhere.hint.as_ref().unwrap().contains("`on: platform`"));
    // News of a platform is told; that nothing is there is not.
    let mut world = appraisal(image());
    let stranger = holder(
        "https://other.example",
        GOOD,
        Some("https://git.example/app"),
    );
    let platform = Digest::sha256(&[1]);
    let made = claim(&platform, anchor(&set, None), stranger, Content::Artifact);
    world.verified.push(made);
    let told: Vec<Code> = first(&set, &world)
        .findings
        .iter()
        .map(|f| f.code)
        .collect();
    assert_eq!(
        told,
        [Code::CertificateIssuerMismatch, Code::SignatureMissing]
    );
    let rejected = &first(&set, &world).findings[0].because[0];
    assert_eq!(rejected.claims_to_be, ClaimedKind::Signature);
    // Not even that where the index has it.
    world.verified.push(honest(&set, &root));
    let met = first(&set, &world);
    assert!(met.satisfied && met.findings.is_empty(), "{met:?}");
}
