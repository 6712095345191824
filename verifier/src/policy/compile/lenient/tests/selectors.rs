//! Selectors of namespaces and pods.

use super::*;

#[test]
fn selectors_that_need_labels_are_found_with_their_place() {
    let labels = |about: &str| {
        let set = lenient(&[cluster("a", about, "ada")]).policies;
        set.needs_namespace_labels()
            .map(|position| position.source.clone())
    };
    assert_eq!(labels(APPS), None);
    let by_name =
        r#"{ images: ["**"], namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }"#;
    assert_eq!(labels(by_name), None);
    let by_pod = r#"{ images: ["**"], objects: { matchLabels: { env: prod } } }"#;
    assert_eq!(labels(by_pod), None);
    let by_label =
        r#"{ images: ["**"], namespaces: { matchExpressions: [{ key: env, operator: Exists }] } }"#;
    assert!(labels(by_label).unwrap().contains("key: env"));
}

#[test]
fn selectors_are_checked_as_kubernetes_checks_them() {
    for (selector, message, line) in [
        (
            "{ matchExpressions: [{ key: a, operator: In }] }",
            "`In` without values",
            "operator",
        ),
        (
            "{ matchExpressions: [{ key: a, operator: NotIn }] }",
            "`NotIn` without values",
            "",
        ),
        (
            "{ matchExpressions: [{ key: a, operator: Exists, values: [b] }] }",
            "`Exists` with values",
            "",
        ),
        (
            "{ matchExpressions: [{ key: a, operator: DoesNotExist, values: [b] }] }",
            "`DoesNotExist` with values",
            "",
        ),
        (
            "{ matchExpressions: [{ key: a b, operator: Exists }] }",
            "no label has this key",
            "a b",
        ),
        ("{ matchLabels: { -a: b } }", "no label has this key", "-a"),
        (
            "{ matchLabels: { a: b/c } }",
            "no label has this value",
            "b/c",
        ),
        (
            "{ matchExpressions: [{ key: a, operator: In, values: [b, \"-\"] }] }",
            "no label has this value",
            "-",
        ),
    ] {
        for field in ["namespaces", "objects"] {
            let about = format!("{{ images: [\"**\"], {field}: {selector} }}");
            let compiled = lenient(&[cluster("a", &about, "ada")]);
            let problem = compiled.broken[0].problems.first();
            assert_eq!(problem.message, message, "{about}");
            assert_eq!(problem.position.line, 5, "{about}");
            assert!(problem.position.source.contains(line), "{about}");
        }
    }
    let own = r#"{ images: ["**"], namespaces: { matchLabels: { a: b } } }"#;
    let compiled = lenient(&[tenant("team", "a", own, "ada")]);
    let problem = compiled.broken[0].problems.first();
    assert!(problem.message.contains("selects namespaces"), "{problem}");
    // Whatever else was wrong, it denies in its own namespace.
    assert_eq!(
        refused(&compiled.policies, "a.example/b", "team", &[]).len(),
        2
    );
}

#[test]
fn whoever_can_evade_a_selector_of_pods_is_named_where_that_matters() {
    let pods = r#"{ images: ["**"], objects: { matchLabels: { tier: front } } }"#;
    let warned = |sources: &[Source]| {
        let set = lenient(sources).policies;
        let warnings = set.warnings().iter();
        warnings.map(|warning| warning.code).collect::<Vec<_>>()
    };
    // Alone: who leaves the label off is denied.
    assert!(warned(&[cluster("a", pods, "ada")]).is_empty());
    let evadable = [Code::PolicyEvadableSelector];
    assert_eq!(
        warned(&[cluster("a", pods, "ada"), cluster("b", EVERYTHING, "ada")]),
        evadable
    );
    assert_eq!(
        warned(&[
            cluster("b", EVERYTHING, "ada"),
            tenant("t", "a", pods, "ada")
        ]),
        evadable
    );
    let admit = object("Configuration", None, "c", "  unmatched: admit\n");
    assert_eq!(warned(&[cluster("a", pods, "ada"), admit]), evadable);
}
