//! What broken documents do, and what they do not.

mod objects;
mod selectors;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::*;
use crate::policy::Target;

const KEY: &str = "-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\\n-----END PUBLIC KEY-----\\n";

fn object(kind: &str, namespace: Option<&str>, name: &str, spec: &str) -> Source {
    let place = namespace.map_or(String::new(), |n| format!(", namespace: {n}"));
    Source {
        file: format!("{kind}/{name}"),
        text: format!(
            "apiVersion: policy.sovverify.dev/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name}{place} }}\nspec:\n{spec}"
        ),
    }
}

fn spec(about: &str, by: &str) -> String {
    format!(
        "  match: {about}\n  signers:\n    ada:\n      key: {{ inline: \"{KEY}\" }}\n      trustRoot: none\n  require:\n    - name: signed\n      signature: {{ by: [{by}] }}\n"
    )
}

fn cluster(name: &str, about: &str, by: &str) -> Source {
    object("ClusterImagePolicy", None, name, &spec(about, by))
}

fn tenant(namespace: &str, name: &str, about: &str, by: &str) -> Source {
    object("ImagePolicy", Some(namespace), name, &spec(about, by))
}

fn joined(sources: &[Source]) -> Documents {
    let parts = sources.iter().map(Documents::parse_object);
    let parts: Vec<Documents> = parts
        .map(|part| part.unwrap_or_else(|e| panic!("{e}")))
        .collect();
    Documents::join(parts).unwrap()
}

fn lenient(sources: &[Source]) -> Lenient {
    let compiled = joined(sources).compile_lenient(&BTreeMap::new(), &BTreeMap::new());
    compiled.unwrap_or_else(|error| panic!("{error}"))
}

/// The codes of what denies `image` in `namespace`, whatever the evidence.
fn refused(set: &PolicySet, image: &str, namespace: &str, labels: &[(&str, &str)]) -> Vec<String> {
    let labels = labels
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let target = Target {
        namespace: namespace.to_owned(),
        namespace_labels: labels.collect(),
        object_labels: BTreeMap::new(),
    };
    let matching = set.matching(&image.parse().unwrap(), Some(&target));
    let refusals = matching.refusals();
    refusals.iter().map(|f| f.code.to_string()).collect()
}

const EVERYTHING: &str = r#"{ images: ["**"] }"#;
const APPS: &str = r#"{ images: ["registry.example/apps/**"] }"#;

#[test]
fn a_broken_policy_denies_its_own_images_and_leaves_the_others_alone() {
    let compiled = lenient(&[
        cluster("good", EVERYTHING, "ada"),
        cluster("typo", APPS, "adda"),
    ]);
    let [broken] = compiled.broken.as_slice() else {
        panic!("{:?}", compiled.broken);
    };
    assert_eq!(broken.file, "ClusterImagePolicy/typo");
    assert_eq!(
        (broken.kind, broken.name.as_str()),
        ("ClusterImagePolicy", "typo")
    );
    let line = broken.problems.first().one_line();
    assert!(
        line.starts_with("policy/invalid at line 12: unknown signer `adda`"),
        "{line}"
    );
    let set = &compiled.policies;
    assert_eq!(set.policies().len(), 1);
    assert_eq!(set.unusable().len(), 1);
    let unusable = ["policy/unusable".to_owned()];
    assert_eq!(refused(set, "registry.example/apps/a", "x", &[]), unusable);
    assert!(refused(set, "registry.example/base/a", "x", &[]).is_empty());
}

#[test]
fn a_broken_policy_of_a_namespace_denies_there_alone() {
    let compiled = lenient(&[
        cluster("good", EVERYTHING, "ada"),
        tenant("team", "typo", EVERYTHING, "adda"),
    ]);
    let set = &compiled.policies;
    assert_eq!(compiled.broken[0].namespace.as_deref(), Some("team"));
    assert_eq!(
        refused(set, "a.example/b", "team", &[]),
        ["policy/unusable"]
    );
    assert!(refused(set, "a.example/b", "other", &[]).is_empty());
}

#[test]
fn what_cannot_be_read_of_a_broken_policy_counts_as_the_widest() {
    for (about, apps, others) in [
        (APPS, true, false),
        // A pattern among them that is none.
        (
            r#"{ images: ["registry.example/apps/**", "nginx"] }"#,
            true,
            true,
        ),
        // The selector narrows only where it can be read.
        (
            r#"{ images: ["**"], namespaces: { matchLabels: { env: prod } } }"#,
            false,
            false,
        ),
        (
            r#"{ images: ["**"], namespaces: { matchLabels: { env: "a b" } } }"#,
            true,
            true,
        ),
        (
            r#"{ images: ["registry.example/apps/**"], objects: { matchExpressions: [{ key: a, operator: In }] } }"#,
            true,
            false,
        ),
    ] {
        let compiled = lenient(&[
            cluster("good", EVERYTHING, "ada"),
            cluster("typo", about, "adda"),
        ]);
        let set = &compiled.policies;
        let denied = |image: &str| !refused(set, image, "x", &[("env", "test")]).is_empty();
        assert_eq!(denied("registry.example/apps/a"), apps, "{about}");
        assert_eq!(denied("registry.example/base/a"), others, "{about}");
    }
}

#[test]
fn a_document_that_does_not_even_parse_is_read_as_far_as_it_can_be() {
    let set = lenient(&[cluster("good", EVERYTHING, "ada")]).policies;
    for (about, apps, others, selected) in [
        (APPS, true, false, false),
        (
            r#"{ images: ["registry.example/apps/**"], nonsense: 1 }"#,
            true,
            false,
            false,
        ),
        ("{ images: 5 }", true, true, true),
        ("{}", true, true, true),
        ("[]", true, true, true),
        (
            r#"{ images: ["**"], namespaces: { matchLabels: { env: prod } } }"#,
            false,
            false,
            true,
        ),
        (
            r#"{ images: ["**"], namespaces: { matchLabel: { env: prod } } }"#,
            true,
            true,
            true,
        ),
    ] {
        let source = object(
            "ClusterImagePolicy",
            None,
            "bad",
            &format!("  match: {about}\n  signers: 3\n"),
        );
        let problem = Documents::parse_object(&source)
            .unwrap_err()
            .first()
            .clone();
        let bad = Unusable::read(&source, Scope::Cluster, "bad", problem);
        let set = set.clone().with_unusable(vec![bad]);
        let denied =
            |image: &str, env: &str| !refused(&set, image, "x", &[("env", env)]).is_empty();
        assert_eq!(denied("registry.example/apps/a", "test"), apps, "{about}");
        assert_eq!(denied("registry.example/base/a", "test"), others, "{about}");
        assert_eq!(
            denied("registry.example/base/a", "prod"),
            selected,
            "{about}"
        );
    }
    for text in ["", "{", "a\n---\nb", "- x"] {
        let source = Source {
            file: "x".into(),
            text: text.into(),
        };
        let problem = Documents::parse_object(&source)
            .unwrap_err()
            .first()
            .clone();
        let bad = Unusable::read(&source, Scope::Namespace("team".into()), "bad", problem);
        let set = set.clone().with_unusable(vec![bad]);
        assert_eq!(
            refused(&set, "a.example/b", "team", &[]),
            ["policy/unusable"],
            "{text}"
        );
        assert!(
            refused(&set, "a.example/b", "other", &[]).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn a_broken_trust_root_breaks_the_policies_that_start_from_it_and_says_why() {
    let root = |name: &str, instance: &str| {
        object(
            "TrustRoot",
            None,
            name,
            &format!("  sigstore: {{ instance: {instance} }}\n"),
        )
    };
    let keyless = |name: &str, root: &str| {
        let spec = spec(APPS, "ada").replace("trustRoot: none", &format!("trustRoot: {root}"));
        object("ClusterImagePolicy", None, name, &spec)
    };
    let broken = object(
        "TrustRoot",
        None,
        "bad",
        "  sigstore: { trustedRoot: { inline: \"{}\" } }\n",
    );
    let compiled = lenient(&[
        root("good", "public-good"),
        broken,
        keyless("on-good", "good"),
        keyless("on-bad", "bad"),
    ]);
    let names: Vec<&str> = compiled.broken.iter().map(|b| b.name.as_str()).collect();
    assert_eq!(names, ["bad", "on-bad"]);
    let line = compiled.broken[1].problems.first().one_line();
    assert!(
        line.contains("the trust root `bad` cannot be used"),
        "{line}"
    );
    assert!(line.contains("trust/malformed"), "{line}");
    assert_eq!(compiled.policies.policies()[0].name(), "on-good");
    assert_eq!(compiled.policies.unusable()[0].name(), "on-bad");
}

#[test]
fn a_set_of_nothing_but_broken_policies_denies_and_so_does_one_of_nothing() {
    let set = lenient(&[cluster("typo", APPS, "adda")]).policies;
    assert_eq!(
        refused(&set, "registry.example/apps/a", "x", &[]),
        ["policy/unusable"]
    );
    assert_eq!(
        refused(&set, "registry.example/base/a", "x", &[]),
        ["policy/no-match"]
    );
    let set = lenient(&[]).policies;
    assert_eq!(
        refused(&set, "registry.example/base/a", "x", &[]),
        ["policy/no-match"]
    );
}

#[test]
fn of_two_documents_with_one_name_the_first_counts_and_the_second_is_broken() {
    let compiled = lenient(&[
        cluster("one", APPS, "ada"),
        cluster("one", EVERYTHING, "ada"),
        tenant("team", "one", APPS, "ada"),
    ]);
    assert_eq!(compiled.policies.policies().len(), 2);
    assert_eq!(compiled.broken.len(), 1);
    let set = &compiled.policies;
    assert_eq!(
        refused(set, "registry.example/base/a", "x", &[]),
        ["policy/unusable"]
    );
    // Compiled as files, they are refused together.
    let documents = joined(&[
        cluster("one", APPS, "ada"),
        cluster("one", EVERYTHING, "ada"),
    ]);
    let error = documents.compile(&BTreeMap::new()).unwrap_err();
    assert!(
        error
            .first()
            .message
            .contains("a second ClusterImagePolicy")
    );
}

#[test]
fn the_patterns_of_one_namespace_are_bounded() {
    let broken = |first: usize, second: usize| {
        let about = |from: usize, count: usize| {
            let images: Vec<String> = (from..from + count)
                .map(|n| format!("\"r.example/a{n}/*\""))
                .collect();
            format!("{{ images: [{}] }}", images.join(", "))
        };
        let sources = [
            tenant("team", "a", &about(0, first), "ada"),
            tenant("team", "b", &about(first, second), "ada"),
        ];
        lenient(&sources).broken
    };
    let half = MAX_NAMESPACE_PATTERNS / 2;
    assert!(broken(half, half).is_empty());
    let refused = broken(half, half + 1);
    assert_eq!((refused.len(), refused[0].name.as_str()), (1, "b"));
    assert_eq!(refused[0].problems.first().code, Code::LimitExceeded);
}

#[test]
fn one_tenant_uses_up_nothing_that_others_need() {
    let mut sources: Vec<Source> = (0..MAX_NAMESPACE_POLICIES + 2)
        .map(|number| tenant("greedy", &format!("p{number}"), EVERYTHING, "ada"))
        .collect();
    let mut many = String::from("{ images: [");
    for number in 0..200 {
        write!(many, "\"registry.example/a{number}/*\", ").unwrap();
    }
    many.push_str("] }");
    for number in 0..8 {
        sources.push(tenant("wide", &format!("w{number}"), &many, "ada"));
    }
    sources.push(tenant("modest", "m", APPS, "ada"));
    sources.push(cluster("late", EVERYTHING, "ada"));
    let compiled = lenient(&sources);
    let broken = |namespace: &str| {
        let of = |broken: &&Broken| broken.namespace.as_deref() == Some(namespace);
        compiled.broken.iter().filter(of).count()
    };
    assert_eq!(
        (broken("greedy"), broken("wide"), broken("modest")),
        (2, 7, 0)
    );
    assert_eq!(
        compiled.broken.len(),
        9,
        "the cluster's policy comes last and counts"
    );
    for broken in &compiled.broken {
        assert_eq!(broken.problems.first().code, Code::LimitExceeded);
    }
    let set = &compiled.policies;
    assert!(refused(set, "registry.example/apps/a", "modest", &[]).is_empty());
    assert!(refused(set, "registry.example/apps/a", "x", &[]).is_empty());
    assert_eq!(
        refused(set, "registry.example/apps/a", "wide", &[]).len(),
        7
    );
}
