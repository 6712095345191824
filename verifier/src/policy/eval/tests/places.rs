//! Where in a cluster an image is to run, and which policies are asked there.

mod identity;
mod written;

use std::collections::BTreeMap;

use super::properties::{Numbers, random_world};
use super::world::*;
use crate::Decision;
use crate::image::{ImageName, PinnedImage};
use crate::policy::{Documents, PolicySet, Scope, Selection, Source, Target, Unusable};
use crate::verdict::{Finding, Verdict};
use crate::verify::Appraisal;

/// The documents of most tests: a trust root, one policy of the cluster and its signers.
fn base() -> String {
    policy_text("enforce", "", SIGNED)
}

/// A further policy with the same signers.
fn further(kind: &str, metadata: &str, about: &str) -> String {
    let text = base();
    let (_, policy) = text.split_once("---").unwrap();
    let named = policy
        .replace("kind: ClusterImagePolicy", &format!("kind: {kind}"))
        .replace("{ name: production }", &format!("{{ {metadata} }}"))
        .replace(r#"{ images: ["registry.example/**"] }"#, about);
    assert!(named.contains(about) && named.contains(metadata));
    format!("---{named}")
}

fn target(namespace: &str, labels: &[(&str, &str)], pods: &[(&str, &str)]) -> Target {
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    };
    Target {
        namespace: namespace.to_owned(),
        namespace_labels: map(labels),
        object_labels: map(pods),
    }
}

fn name(text: &str) -> ImageName {
    text.parse().unwrap()
}

/// The policies that are asked, by name.
fn asked(set: &PolicySet, image: &str, target: Option<&Target>) -> Vec<String> {
    let matching = set.matching(&name(image), target);
    matching.policies().iter().map(|p| p.name()).collect()
}

fn verdict_in(set: &PolicySet, world: &Appraisal, target: Option<&Target>) -> Verdict {
    let selection = Selection {
        target: target.cloned(),
        ..Selection::default()
    };
    set.evaluate(world, &selection)
}

fn codes_of(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|f| f.code.name()).collect()
}

/// A world in which the one image is signed as the policies want it.
fn signed(set: &PolicySet) -> Appraisal {
    let mut world = appraisal(image());
    let digest = world.image.digest().clone();
    world.verified.push(honest(set, &digest));
    world
}

const ABOUT_PRODUCTION: &str = r#"
    images: ["registry.example/**"]
    namespaces:
      matchLabels: { env: production }
      matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [legacy] }]
"#;

#[test]
fn a_policy_of_the_cluster_is_about_the_namespaces_and_pods_that_it_selects() {
    let strict = r#"
    images: ["registry.example/**"]
    namespaces: { matchLabels: { env: production } }
    objects: { matchExpressions: [{ key: tier, operator: In, values: [front, back] }] }
"#;
    let set = compile(&format!(
        "{}\n{}\n{}",
        base(),
        further("ClusterImagePolicy", "name: namespaces", ABOUT_PRODUCTION),
        further("ClusterImagePolicy", "name: pods", strict),
    ));
    let image = "registry.example/app";
    for (place, expected) in [
        (target("shop", &[], &[]), &["production"][..]),
        (
            target("shop", &[("env", "production")], &[]),
            &["namespaces", "production"],
        ),
        (
            target("shop", &[("env", "production")], &[("tier", "front")]),
            &["namespaces", "pods", "production"],
        ),
        (
            target("shop", &[("env", "production")], &[("tier", "side")]),
            &["namespaces", "production"],
        ),
        (
            target("shop", &[("env", "test")], &[("tier", "front")]),
            &["production"],
        ),
        (
            target("legacy", &[("env", "production")], &[]),
            &["production"],
        ),
        // Labels of pods are no labels of the namespace, nor the other way round.
        (
            target("shop", &[("tier", "front")], &[("env", "production")]),
            &["production"],
        ),
    ] {
        assert_eq!(asked(&set, image, Some(&place)), expected, "{place:?}");
        assert!(asked(&set, "other.example/app", Some(&place)).is_empty());
    }
    // Outside a cluster there is no place to tell apart.
    assert_eq!(
        asked(&set, image, None),
        ["namespaces", "pods", "production"]
    );
}

#[test]
fn a_policy_of_a_namespace_is_about_that_namespace_alone_and_only_tightens() {
    let everything = r#"{ images: ["**"] }"#;
    let team = further("ImagePolicy", "name: own, namespace: team", everything);
    let set = compile(&format!("{}\n{team}", base()));
    let (team, other) = (target("team", &[], &[]), target("other", &[], &[]));
    let image = "registry.example/app";
    assert_eq!(asked(&set, image, Some(&team)), ["production", "team/own"]);
    assert_eq!(asked(&set, image, Some(&other)), ["production"]);
    // Of what no policy of the cluster matches, it decides nothing.
    let foreign = set.matching(&name("evil.example/app"), Some(&team));
    assert_eq!(foreign.policies().len(), 1);
    assert!(!foreign.is_empty() && !foreign.has_cluster_policy());
    let refusals = foreign.refusals();
    assert_eq!(codes_of(&refusals), ["policy/no-match"]);
    assert!(refusals[0].found.contains("only tighten"));
    let nothing = set.matching(&name("evil.example/app"), Some(&other));
    assert!(nothing.is_empty());
    assert_eq!(codes_of(&nothing.refusals()), ["policy/no-match"]);
}

#[test]
fn what_is_known_before_any_network_is_what_the_verdict_says() {
    let set = compile(&format!(
        "{}\n{}\n{}",
        base().replace("registry.example/**", "registry.example/base/**"),
        further("ClusterImagePolicy", "name: apps", ABOUT_PRODUCTION),
        further(
            "ImagePolicy",
            "name: own, namespace: team",
            r#"{ images: ["**/app"] }"#
        ),
    ))
    .with_unusable(vec![Unusable::new(
        Scope::Namespace("broken".into()),
        "bad",
        problem(),
    )]);
    let places = [
        None,
        Some(target("team", &[], &[])),
        Some(target("team", &[("env", "production")], &[])),
        Some(target("legacy", &[("env", "production")], &[])),
        Some(target("broken", &[("env", "production")], &[])),
        Some(target("broken", &[], &[])),
    ];
    let (mut early, mut late) = (0, 0);
    for image in [
        "registry.example/app",
        "registry.example/base/a",
        "x.example/app",
    ] {
        for place in &places {
            let world = appraisal(index(image, &[entry(1, "linux/amd64")]));
            let matching = set.matching(&name(image), place.as_ref());
            let verdict = verdict_in(&set, &world, place.as_ref());
            let before: Vec<String> = matching.policies().iter().map(|p| p.name()).collect();
            let after: Vec<String> = verdict.policies.iter().map(|p| p.name.clone()).collect();
            assert_eq!(before, after, "{image} {place:?}");
            let refusals = matching.refusals();
            assert_eq!(format!("{refusals:?}"), format!("{:?}", verdict.findings));
            if refusals.is_empty() {
                late += 1;
            } else {
                assert_eq!(verdict.decision, Decision::Deny);
                early += 1;
            }
        }
    }
    assert!(early > 3 && late > 3, "{early} {late}");
}

#[test]
fn a_set_that_admits_what_nothing_matches_refuses_nothing_early() {
    let admit = "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: c }\nspec: { unmatched: admit }\n";
    let set = compile(&format!("{}\n{admit}", base()));
    let matching = set.matching(&name("other.example/app"), None);
    assert!(matching.is_empty() && matching.refusals().is_empty());
    let world = appraisal(index("other.example/app", &[entry(1, "linux/amd64")]));
    let verdict = verdict_in(&set, &world, None);
    assert_eq!(verdict.decision, Decision::Admit);
    assert_eq!(codes_of(&verdict.warnings), ["policy/unmatched-admitted"]);
}

#[test]
fn a_pattern_of_layouts_matches_no_image_of_a_registry_that_looks_like_one() {
    let set = compile(&base().replace("registry.example/**", "oci:5000/**"));
    // `oci` is a host as good as any other, and a scheme on the command line.
    let place = target("shop", &[], &[]);
    let world = appraisal(index("oci:5000/app", &[entry(1, "linux/amd64")]));
    assert!(world.image.name().is_some());
    assert!(asked(&set, "oci:5000/app", Some(&place)).is_empty());
    assert!(verdict_in(&set, &world, Some(&place)).policies.is_empty());
    let bytes = world.image.bytes();
    let digest = world.image.digest().clone();
    let layout = PinnedImage::pin("oci:5000/app".into(), None, digest, bytes, None).unwrap();
    assert_eq!(verdict_in(&set, &appraisal(layout), None).policies.len(), 1);
}

/// What is wrong with a document that holds nothing of what is asked.
fn problem() -> crate::policy::Diagnostic {
    let source = Source {
        file: "ClusterImagePolicy/broken".into(),
        text: "apiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: { name: broken }\nspec: { mach: x }\n".into(),
    };
    Documents::parse(&[source]).unwrap_err().first().clone()
}

#[test]
fn a_policy_that_cannot_be_used_denies_whatever_the_evidence() {
    let set = compile(&base());
    let world = signed(&set);
    assert_eq!(verdict_in(&set, &world, None).decision, Decision::Admit);
    let own = Unusable::new(Scope::Namespace("team".into()), "strict", problem());
    let set = set.with_unusable(vec![own]);
    let team = target("team", &[], &[]);
    let verdict = verdict_in(&set, &world, Some(&team));
    assert_eq!(verdict.decision, Decision::Deny);
    assert_eq!(codes_of(&verdict.findings), ["policy/unusable"]);
    let finding = &verdict.findings[0];
    assert!(finding.expected.contains("`team/strict`"), "{finding:?}");
    assert!(finding.found.contains("at line 4"), "{finding:?}");
    let other = target("other", &[], &[]);
    let verdict = verdict_in(&set, &world, Some(&other));
    assert_eq!(verdict.decision, Decision::Admit);

    let everywhere = Unusable::new(Scope::Cluster, "broken", problem());
    let set = set.with_unusable(vec![everywhere]);
    for place in [None, Some(&team), Some(&other)] {
        assert_eq!(verdict_in(&set, &world, place).decision, Decision::Deny);
    }
    // It may have been about this image, so that none matches is no news.
    let foreign = set.matching(&name("x.example/y"), Some(&other));
    assert_eq!(codes_of(&foreign.refusals()), ["policy/unusable"]);
}

#[test]
fn the_anchors_of_the_matching_policies_keep_their_numbers_and_the_others_are_left_out() {
    let elsewhere = further(
        "ClusterImagePolicy",
        "name: elsewhere",
        r#"{ images: ["x.example/**"] }"#,
    );
    // Anchors of the other policy come first, so that the numbers are not those of a smaller store.
    // RFC 8032, section 7.1, test 3: a key that nobody else names.
    let third = KEY_B.replace(
        "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",
        "MCowBQYDK2VwAyEA/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=",
    );
    let indented = |pem: &str| pem.replace('\n', "\n          ");
    let elsewhere = elsewhere.replace(&indented(KEY_B), &indented(&third));
    assert_ne!(third, KEY_B);
    let set = compile(&format!("{elsewhere}\n---{}", base()));
    let matching = set.matching(&name("registry.example/app"), None);
    let store = matching.trust_store();
    let whole: BTreeMap<_, _> = set.trust_store().iter().collect();
    assert_eq!(store.iter().count(), 3);
    for (id, anchor) in store.iter() {
        assert_eq!(format!("{anchor:?}"), format!("{:?}", whole[&id]));
        assert!(store.get(id).is_some());
    }
    let foreign = whole.keys().find(|id| store.get(**id).is_none());
    assert!(foreign.is_some());
    let nothing = set.matching(&name("y.example/app"), None);
    assert!(nothing.trust_store().is_empty());
}

#[test]
fn a_decision_ends_with_the_first_trust_root_that_it_rests_on() {
    let set = compile(&base());
    let matching = set.matching(&name("registry.example/app"), None);
    let at = |text: &str| text.parse().unwrap();
    let end = Some(at("2026-06-30T00:00:00Z"));
    assert_eq!(matching.trust_expires(at("2026-03-03T00:00:00Z")), end);
    assert_eq!(matching.trust_expires(at("2026-07-01T00:00:00Z")), None);
    let unmatched = set.matching(&name("y.example/app"), None);
    assert_eq!(unmatched.trust_expires(at("2026-03-03T00:00:00Z")), None);
}

#[test]
fn what_a_tenant_writes_never_admits_what_was_denied() {
    let mut numbers = Numbers(7);
    let texts = [
        base(),
        base().replace("registry.example/**", "x.example/**"),
        base().replace("mode: enforce", "mode: audit"),
    ];
    let (mut denied, mut tightened) = (0, 0);
    for seed in 0..80 {
        let text = &texts[numbers.next(3)];
        let mode = ["enforce", "warn", "audit"][numbers.next(3)];
        let about = [r#"{ images: ["**"] }"#, r#"{ images: ["x.example/**"] }"#][numbers.next(2)];
        let own = further("ImagePolicy", "name: e, namespace: team", about)
            .replace("mode: enforce", &format!("mode: {mode}"));
        let with = format!("{text}\n{own}");
        let place = target("team", &[], &[]);
        let decided = |text: &str| {
            let set = compile(text);
            let world = random_world(&set, &mut Numbers(seed));
            verdict_in(&set, &world, Some(&place)).decision
        };
        let (before, after) = (decided(text), decided(&with));
        if before == Decision::Deny {
            denied += 1;
            assert_eq!(after, Decision::Deny, "{with}");
        } else if after == Decision::Deny {
            tightened += 1;
        }
    }
    assert!(denied > 10, "{denied} {tightened}");
}
