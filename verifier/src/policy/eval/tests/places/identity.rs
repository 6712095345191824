//! The digest of what decides about an image in a place: equal where the decisions are.

use super::*;

/// Documents that may or may not be in a set; each changes what some image must meet.
fn pool() -> Vec<String> {
    let everywhere = r#"{ images: ["registry.example/**"] }"#;
    let elsewhere = r#"{ images: ["x.example/**"] }"#;
    let two = |text: String| text.replace("by: [release]", "by: [first, second], atLeast: 2");
    vec![
        further("ClusterImagePolicy", "name: a", everywhere),
        further("ClusterImagePolicy", "name: b", ABOUT_PRODUCTION),
        further("ClusterImagePolicy", "name: c", elsewhere),
        two(further("ClusterImagePolicy", "name: d", ABOUT_PRODUCTION)),
        two(further("ImagePolicy", "name: e, namespace: team", everywhere)),
        further("ImagePolicy", "name: f, namespace: other", everywhere),
        further("ClusterImagePolicy", "name: a", everywhere).replace("enforce", "audit"),
        two(further("ClusterImagePolicy", "name: c", elsewhere)),
        "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: c }\nspec: { unmatched: admit }\n".into(),
        "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: c }\nspec: { limits: { platforms: 1 } }\n".into(),
    ]
}

fn random_set(numbers: &mut Numbers) -> PolicySet {
    let mut text = base().split("---").next().unwrap().to_owned();
    let (mut names, mut configured) = (Vec::new(), false);
    for document in pool() {
        let mut lines = document.lines();
        let metadata = lines.find(|line| line.contains("metadata:"));
        let metadata = metadata.unwrap().to_owned();
        let is_configuration = document.contains("kind: Configuration");
        let double = names.contains(&metadata) || (is_configuration && configured);
        if numbers.next(2) == 0 && !double {
            configured |= is_configuration;
            names.push(metadata);
            text.push_str(&document);
        }
    }
    if !names.iter().any(|name| !name.contains("name: c }")) || !text.contains("ImagePolicy") {
        text.push_str(&further(
            "ClusterImagePolicy",
            "name: z",
            r#"{ images: ["z.example/**"] }"#,
        ));
    }
    compile(&text)
}

#[test]
fn sets_with_one_digest_for_an_image_in_a_place_decide_alike_about_it() {
    let mut numbers = Numbers(11);
    let image = name("registry.example/app");
    let places = [
        None,
        Some(target("team", &[], &[])),
        Some(target("team", &[("env", "production")], &[])),
        Some(target("other", &[("env", "test")], &[])),
    ];
    let (mut same, mut other) = (0, 0);
    for seed in 0..160 {
        let (one, two) = (random_set(&mut numbers), random_set(&mut numbers));
        let place = places[numbers.next(places.len())].as_ref();
        let digest = |set: &PolicySet| set.matching(&image, place).identity();
        if digest(&one) != digest(&two) {
            other += 1;
            continue;
        }
        let decided = |set: &PolicySet| {
            let anchored = set.trust_store().iter().count() >= 3;
            if !anchored {
                return None;
            }
            let world = random_world(set, &mut Numbers(seed));
            let verdict = verdict_in(set, &world, place);
            let asked: Vec<_> = verdict
                .policies
                .iter()
                .map(|policy| (policy.digest.clone(), policy.decision))
                .collect();
            Some((verdict.decision, codes_of(&verdict.findings), asked))
        };
        if let (Some(a), Some(b)) = (decided(&one), decided(&two)) {
            assert_eq!(a, b);
            same += 1;
        }
    }
    assert!(same > 10 && other > 10, "{same} {other}");
}

#[test]
fn only_what_matches_changes_the_digest_that_a_cache_is_keyed_by() {
    let digest = |text: &str| {
        let place = target("team", &[("env", "production")], &[]);
        let set = compile(text);
        set.matching(&name("registry.example/app"), Some(&place))
            .identity()
    };
    let original = digest(&base());
    for (documents, changes) in [
        (pool()[0].clone(), true),
        (pool()[1].clone(), true),
        (pool()[2].clone(), false),
        (pool()[4].clone(), true),
        // One tenant must not flush what is remembered for the others.
        (pool()[5].clone(), false),
        (pool()[8].clone(), true),
        (pool()[9].clone(), true),
    ] {
        let changed = digest(&format!("{}\n{documents}", base())) != original;
        assert_eq!(changed, changes, "{documents}");
    }
    for (from, to) in [
        ("mode: enforce", "mode: warn"),
        ("warnBefore: 30d", "warnBefore: 31d"),
        ("expires: 2026-06-30", "expires: 2026-06-29"),
        ("  warnBefore", "  algorithms: fips-140-3\n  warnBefore"),
        ("  warnBefore", "  require: { log: 2 }\n  warnBefore"),
        ("instance: public-good", "instance: staging"),
        ("mode: enforce", "mode: enforce\n  requireDigest: deny"),
        ("mode: enforce", "mode: enforce\n  requireDigest: warn"),
    ] {
        let text = base().replacen(from, to, 1);
        assert_ne!(text, base(), "{from}");
        assert_ne!(digest(&text), original, "{to}");
    }
    let commented = format!("# a remark\n{}", base());
    assert_eq!(digest(&commented), original);
}
