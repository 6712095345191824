use std::collections::BTreeMap;

use super::*;
use crate::policy::document::common::MatchKind;

fn exact(text: &str) -> Matcher {
    Matcher::new(MatchKind::Exact, text).unwrap()
}

fn rule() -> SummaryRule {
    SummaryRule {
        verifier: exact("https://verifier.example"),
        resource: None,
        levels: Vec::new(),
        policy: None,
        policy_digest: None,
    }
}

fn summary() -> VerificationSummary {
    let digest = Digest::sha256(b"policy");
    VerificationSummary {
        verifier: "https://verifier.example".into(),
        verifier_version: BTreeMap::new(),
        time_verified: None,
        resource: "registry.example/app".into(),
        policy: Resource {
            uri: Some("https://verifier.example/policy".into()),
            digests: BTreeMap::from([("sha256".to_owned(), digest.hex())]),
        },
        input_attestations: Vec::new(),
        outcome: Outcome::Passed,
        verified_levels: vec!["SLSA_BUILD_LEVEL_3".into(), "ACME_REVIEWED".into()],
        dependency_levels: BTreeMap::new(),
        slsa_version: None,
    }
}

#[track_caller]
fn fails(rule: &SummaryRule, summary: &VerificationSummary, code: Code) {
    let unmet = rule.check(summary);
    let found: Vec<Code> = unmet.iter().map(|unmet| unmet.code).collect();
    assert_eq!(found, [code], "{unmet:?}");
}

#[test]
fn an_honest_summary_meets_every_condition() {
    let rule = SummaryRule {
        resource: Some(exact("registry.example/app")),
        levels: vec!["SLSA_BUILD_LEVEL_2".into(), "ACME_REVIEWED".into()],
        policy: Some(exact("https://verifier.example/policy")),
        policy_digest: Some(Digest::sha256(b"policy")),
        ..rule()
    };
    assert_eq!(rule.check(&summary()), []);
}

#[test]
fn each_lie_has_its_code() {
    let other = VerificationSummary {
        verifier: "https://verifier.example.evil".into(),
        ..summary()
    };
    fails(&rule(), &other, Code::SummaryVerifierMismatch);
    let failed = VerificationSummary {
        outcome: Outcome::Failed,
        ..summary()
    };
    fails(&rule(), &failed, Code::SummaryFailed);
    let resource = SummaryRule {
        resource: Some(exact("registry.example/other")),
        ..rule()
    };
    fails(&resource, &summary(), Code::SummaryResourceMismatch);
    let level = SummaryRule {
        levels: vec!["SLSA_BUILD_LEVEL_4".into()],
        ..rule()
    };
    fails(&level, &summary(), Code::SummaryLevelTooLow);
    let policy = SummaryRule {
        policy: Some(exact("https://verifier.example/other")),
        ..rule()
    };
    fails(&policy, &summary(), Code::SummaryPolicyMismatch);
    let digest = SummaryRule {
        policy_digest: Some(Digest::sha256(b"other")),
        ..rule()
    };
    fails(&digest, &summary(), Code::SummaryPolicyMismatch);
    let unnamed = VerificationSummary {
        policy: Resource::default(),
        ..summary()
    };
    fails(&policy, &unnamed, Code::SummaryPolicyMismatch);
    fails(&digest, &unnamed, Code::SummaryPolicyMismatch);
}

#[test]
fn a_level_covers_those_below_it_on_its_own_track() {
    for (found, wanted) in [
        ("SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_3"),
        ("SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_1"),
        ("SLSA_SOURCE_LEVEL_4", "SLSA_SOURCE_LEVEL_3"),
        ("ACME_REVIEWED", "ACME_REVIEWED"),
        ("ACME_LEVEL_2", "ACME_LEVEL_2"),
        (
            "SLSA_BUILD_LEVEL_UNEVALUATED",
            "SLSA_BUILD_LEVEL_UNEVALUATED",
        ),
    ] {
        assert!(covers(found, wanted), "{found} {wanted}");
    }
    for (found, wanted) in [
        ("SLSA_BUILD_LEVEL_2", "SLSA_BUILD_LEVEL_3"),
        ("SLSA_SOURCE_LEVEL_3", "SLSA_BUILD_LEVEL_2"),
        ("SLSA_BUILD_LEVEL_9x", "SLSA_BUILD_LEVEL_2"),
        ("SLSA_BUILD_LEVEL_10", "SLSA_BUILD_LEVEL_2"),
        ("SLSA_BUILD_LEVEL_UNEVALUATED", "SLSA_BUILD_LEVEL_0"),
        ("BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_3"),
        ("slsa_build_level_3", "SLSA_BUILD_LEVEL_3"),
        ("ACME_LEVEL_3", "ACME_LEVEL_2"),
        ("SLSA_BUILD_LEVEL_", "SLSA_BUILD_LEVEL_1"),
    ] {
        assert!(!covers(found, wanted), "{found} {wanted}");
    }
}

#[test]
fn no_level_meets_no_wish() {
    let rule = SummaryRule {
        levels: vec!["SLSA_BUILD_LEVEL_0".into()],
        ..rule()
    };
    let bare = VerificationSummary {
        verified_levels: Vec::new(),
        ..summary()
    };
    assert_eq!(rule.check(&bare)[0].found, "no level");
    let many = VerificationSummary {
        verified_levels: vec!["X".into(); 12],
        ..summary()
    };
    assert!(rule.check(&many)[0].found.ends_with("4 more"));
}

#[test]
fn every_condition_is_a_part_of_the_identity_of_the_policy() {
    let all = [
        rule(),
        SummaryRule {
            verifier: exact("x"),
            ..rule()
        },
        SummaryRule {
            resource: Some(exact("x")),
            ..rule()
        },
        SummaryRule {
            levels: vec!["X".into()],
            ..rule()
        },
        SummaryRule {
            policy: Some(exact("x")),
            ..rule()
        },
        SummaryRule {
            policy_digest: Some(Digest::sha256(b"x")),
            ..rule()
        },
    ];
    let texts: std::collections::BTreeSet<String> = all
        .iter()
        .map(|rule| rule.canonical().to_string())
        .collect();
    assert_eq!(texts.len(), all.len());
}

#[test]
fn a_message_lists_so_many_levels_and_counts_the_others() {
    let levels = |count: usize| {
        let levels: Vec<Box<str>> = (0..count).map(|n| format!("L{n}").into()).collect();
        describe_levels(&levels)
    };
    assert_eq!(levels(LISTED).matches("`L").count(), LISTED);
    assert!(!levels(LISTED).contains("more"));
    let more = levels(LISTED + 1);
    assert_eq!(more.matches("`L").count(), LISTED);
    assert!(more.ends_with(", 1 more"), "{more}");
}
