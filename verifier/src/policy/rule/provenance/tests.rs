#![expect(
    clippy::unnecessary_wraps,
    reason = "the fields of a rule are optional"
)]

mod source;

use super::*;
use crate::claim::provenance::Dependency;
use crate::policy::document::common::MatchKind;

const BUILDER: &str = "https://github.com/acme/b/.github/workflows/b.yml";
const COMMIT: &str = "4d329c75e7ec1725f7c9ce917a8799d408d06be3";

fn exact(text: &str) -> Option<Matcher> {
    Some(Matcher::new(MatchKind::Exact, text).unwrap())
}

fn glob(text: &str) -> Option<Matcher> {
    Some(Matcher::new(MatchKind::Glob, text).unwrap())
}

fn source(uri: &str, reference: &str) -> Source {
    Source {
        uri: uri.into(),
        digests: BTreeMap::from([("sha1".to_owned(), COMMIT.to_owned())]),
        reference: Some(reference.into()),
        kind: SourceKind::Dependency,
    }
}

fn dependency(uri: &str, digests: &[(&str, &str)]) -> Dependency {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Dependency {
        uri: Some(uri.into()),
        digests: digests.iter().map(own).collect(),
        name: None,
    }
}

fn provenance() -> Provenance {
    Provenance {
        builder_id: Some(format!("{BUILDER}@refs/tags/v1.2.3").into()),
        build_type: "https://build.example/v1".into(),
        source: Some(source(
            "git+https://github.com/acme/app",
            "refs/tags/v2.1.0",
        )),
        trigger: Some(source(
            "https://github.com/acme/app.git",
            "refs/tags/v2.1.0",
        )),
        base_branch: Some("main".into()),
        entry_point: Some("release.yml".into()),
        external_parameters: json!({
            "workflow": { "path": "release.yml", "a.b": "dotted", "on": true, "count": 3, "none": null },
            "list": ["x", { "y": "z" }],
        }),
        dependencies: vec![
            dependency("git+https://github.com/acme/app", &[("sha1", COMMIT)]),
            dependency("pkg:docker/alpine@3.20", &[("sha256", &"ab".repeat(32))]),
        ],
        invocation_id: Some("run-7".into()),
        reproducible: Some(true),
        ..Provenance::default()
    }
}

#[track_caller]
fn holds(rule: &ProvenanceRule) {
    assert_eq!(rule.check(&provenance()), [], "{:?}", rule.canonical());
}

#[track_caller]
fn fails(rule: &ProvenanceRule, code: Code, field: &str) {
    let unmet = rule.check(&provenance());
    let found: Vec<(Code, &str)> = unmet
        .iter()
        .map(|unmet| (unmet.code, unmet.field))
        .collect();
    assert_eq!(found, [(code, field)], "{unmet:?}");
}

#[test]
fn a_rule_without_conditions_holds() {
    holds(&ProvenanceRule::default());
    assert_eq!(ProvenanceRule::default().check(&Provenance::default()), []);
}

#[test]
fn the_builder_is_the_one_that_is_wanted() {
    let rule = |builder: Option<Matcher>| ProvenanceRule {
        builder,
        ..ProvenanceRule::default()
    };
    holds(&rule(exact(BUILDER)));
    holds(&rule(exact(&format!("{BUILDER}@v1.2.3"))));
    holds(&rule(glob(
        "https://github.com/acme/b/.github/workflows/*.yml@refs/tags/v*",
    )));
    for other in [
        exact(&format!("{BUILDER}@v1.2.4")),
        exact("https://github.com/acme/b"),
        glob("https://github.com/acme/b/.github/workflows/*.yml"),
    ] {
        fails(&rule(other), Code::ProvenanceBuilderMismatch, "builder");
    }
    let unmet = rule(glob("**")).check(&Provenance::default());
    assert_eq!(unmet[0].found, "nothing");
}

#[test]
fn the_run_is_as_it_is_wanted() {
    let none = ProvenanceRule::default;
    let unmet = Code::ProvenanceConditionUnmet;
    holds(&ProvenanceRule {
        build_type: exact("https://build.example/v1"),
        entry_point: exact("release.yml"),
        invocation: glob("run-*"),
        reproducible: true,
        ..none()
    });
    fails(
        &ProvenanceRule {
            build_type: exact("x"),
            ..none()
        },
        unmet,
        "buildType",
    );
    fails(
        &ProvenanceRule {
            entry_point: exact("x"),
            ..none()
        },
        unmet,
        "entryPoint",
    );
    fails(
        &ProvenanceRule {
            invocation: exact("x"),
            ..none()
        },
        unmet,
        "invocation",
    );
    let reproducible = ProvenanceRule {
        reproducible: true,
        ..none()
    };
    for claim in [None, Some(false)] {
        let provenance = Provenance {
            reproducible: claim,
            ..provenance()
        };
        assert_eq!(reproducible.check(&provenance)[0].field, "reproducible");
    }
}

#[test]
fn parameters_are_found_by_path_and_pointer() {
    let rule = |path: &str, wanted: &str| ProvenanceRule {
        parameters: BTreeMap::from([(path.to_owned(), exact(wanted).unwrap())]),
        ..ProvenanceRule::default()
    };
    for (path, wanted) in [
        ("workflow.path", "release.yml"),
        ("/workflow/a.b", "dotted"),
        ("workflow.on", "true"),
        ("workflow.count", "3"),
        ("list.0", "x"),
        ("list.1.y", "z"),
        ("/list/1/y", "z"),
    ] {
        holds(&rule(path, wanted));
        fails(
            &rule(path, "other"),
            Code::ProvenanceConditionUnmet,
            "parameters",
        );
    }
    for path in [
        "workflow",
        "workflow.none",
        "workflow.absent",
        "list.9",
        "list.-1",
        "/",
        ".",
    ] {
        let any = ProvenanceRule {
            parameters: BTreeMap::from([(path.to_owned(), glob("**").unwrap())]),
            ..ProvenanceRule::default()
        };
        fails(&any, Code::ProvenanceConditionUnmet, "parameters");
    }
}

#[test]
fn dependencies_are_there_and_no_others() {
    let pattern = |uri: &str, digest| DependencyPattern {
        uri: glob(uri).unwrap(),
        digest,
    };
    let contains = |uri: &str| ProvenanceRule {
        dependencies: DependencyRule {
            contains: vec![pattern(uri, true)],
            only: Vec::new(),
        },
        ..ProvenanceRule::default()
    };
    holds(&contains("pkg:docker/alpine@*"));
    holds(&contains("git+https://github.com/acme/*"));
    fails(
        &contains("pkg:docker/debian@*"),
        Code::ProvenanceConditionUnmet,
        "dependencies.contains",
    );
    let only = |patterns: &[&str]| ProvenanceRule {
        dependencies: DependencyRule {
            contains: Vec::new(),
            only: patterns.iter().map(|uri| pattern(uri, true)).collect(),
        },
        ..ProvenanceRule::default()
    };
    holds(&only(&["pkg:docker/**", "git+https://github.com/acme/*"]));
    fails(
        &only(&["pkg:docker/**"]),
        Code::ProvenanceConditionUnmet,
        "dependencies.only",
    );
    let all = only(&["**"]);
    assert_eq!(all.check(&Provenance::default())[0].found, "no dependency");
    for digests in [
        &[][..],
        &[("md5", "d41d8cd98f00b204e9800998ecf8427e0000000000")][..],
        &[("sha256", "")][..],
        &[("sha1", COMMIT)][..],
    ] {
        let mut loose = provenance();
        loose.dependencies = vec![dependency("pkg:generic/x", digests)];
        assert_eq!(all.check(&loose).len(), 1, "{digests:?}");
    }
    let mut many = provenance();
    many.dependencies = vec![dependency("evil", &[]); 9];
    assert!(all.check(&many)[0].found.ends_with("6 more"));
}

#[test]
fn a_level_comes_from_the_table_and_never_from_the_provenance() {
    let rule = |wanted, id: Option<Matcher>, level| ProvenanceRule {
        level: Some(LevelRule {
            wanted,
            builders: vec![TrustedBuilder {
                id: id.unwrap(),
                level,
            }],
        }),
        ..ProvenanceRule::default()
    };
    let low = Code::ProvenanceLevelTooLow;
    for wanted in 1..=3 {
        holds(&rule(wanted, exact(BUILDER), 3));
    }
    fails(&rule(3, exact(BUILDER), 2), low, "level");
    holds(&rule(1, exact("https://other.example"), 3));
    fails(&rule(2, exact("https://other.example"), 3), low, "level");
    let branch = Provenance {
        builder_id: Some(format!("{BUILDER}@refs/heads/main").into()),
        ..provenance()
    };
    assert_eq!(rule(3, exact(BUILDER), 3).check(&branch)[0].code, low);
    let nameless = Provenance {
        builder_id: None,
        ..provenance()
    };
    assert_eq!(rule(1, glob("**"), 3).check(&nameless)[0].code, low);
}

#[test]
fn every_condition_is_a_part_of_the_identity_of_the_policy() {
    let pattern = || DependencyPattern {
        uri: exact("x").unwrap(),
        digest: true,
    };
    let level = LevelRule {
        wanted: 2,
        builders: Vec::new(),
    };
    let changes: [&dyn Fn(&mut ProvenanceRule); 16] = [
        &|_| {},
        &|rule| rule.builder = exact("x"),
        &|rule| rule.build_type = exact("x"),
        &|rule| rule.source = exact("x"),
        &|rule| rule.source_digest = exact("x"),
        &|rule| rule.reference = exact("x"),
        &|rule| rule.branch = exact("x"),
        &|rule| rule.tag = exact("x"),
        &|rule| rule.versioned_tag = "v1".parse().ok(),
        &|rule| rule.entry_point = exact("x"),
        &|rule| rule.invocation = exact("x"),
        &|rule| drop(rule.parameters.insert("p".into(), exact("x").unwrap())),
        &|rule| rule.dependencies.contains.push(pattern()),
        &|rule| rule.dependencies.only.push(pattern()),
        &|rule| rule.reproducible = true,
        &|rule| rule.level = Some(level.clone()),
    ];
    let canonical = |change: &&dyn Fn(&mut ProvenanceRule)| {
        let mut rule = ProvenanceRule::default();
        change(&mut rule);
        rule.canonical().to_string()
    };
    let texts: std::collections::BTreeSet<String> = changes.iter().map(canonical).collect();
    assert_eq!(texts.len(), changes.len());
}
