use super::*;
use crate::sbom::model::{Family, License, Standing};

fn component(name: &str, version: &str, license: &str) -> Component {
    Component {
        place: "/components/0".into(),
        name: name.into(),
        version: Some(version.into()),
        purls: vec![format!("pkg:npm/{name}@{version}").into()],
        licenses: vec![stated(license, Standing::Declared)],
        ..Component::default()
    }
}

fn stated(text: &str, standing: Standing) -> License {
    License {
        text: text.into(),
        is_expression: true,
        standing,
    }
}

fn sbom(components: Vec<Component>) -> Sbom {
    Sbom {
        components,
        ..Sbom::default()
    }
}

fn deny(pattern: &str) -> PackageRule {
    PackageRule {
        deny: vec![PackagePattern::parse(pattern).unwrap()],
        allow: None,
    }
}

fn allow(patterns: &[&str]) -> PackageRule {
    let allow = patterns.iter().map(|p| PackagePattern::parse(p).unwrap());
    PackageRule {
        deny: Vec::new(),
        allow: Some(allow.collect()),
    }
}

fn licenses(allow: Option<&[&str]>, deny: Option<&[&str]>) -> LicenseRule {
    LicenseRule {
        allow: allow.map(|ids| LicenseSet::parse(ids).unwrap()),
        deny: deny.map(|ids| LicenseSet::parse(ids).unwrap()),
    }
}

fn codes(findings: &RuleFindings) -> Vec<&'static str> {
    findings.first.iter().map(|f| f.code.name()).collect()
}

#[test]
fn a_denied_version_is_found_and_its_neighbour_is_not() {
    let rule = deny("pkg:npm/event-stream@3.3.6");
    let good = sbom(vec![component("event-stream", "3.3.5", "MIT")]);
    assert!(rule.check(&good).is_satisfied());
    let bad = sbom(vec![
        component("a", "1", "MIT"),
        component("event-stream", "3.3.6", "MIT"),
    ]);
    let findings = rule.check(&bad);
    assert_eq!(codes(&findings), ["sbom/package-denied"]);
    assert_eq!(findings.first[0].found, "`pkg:npm/event-stream@3.3.6`");
}

#[test]
fn a_denied_package_does_not_hide_by_dropping_its_package_url() {
    let rule = deny("pkg:npm/event-stream@3.3.6");
    let mut bare = component("event-stream", "3.3.6", "MIT");
    for purl in [None, Some("pkg:"), Some("event-stream")] {
        bare.purls = purl.map(Into::into).into_iter().collect();
        let findings = rule.check(&sbom(vec![bare.clone()]));
        assert_eq!(codes(&findings), ["sbom/package-denied"], "{purl:?}");
    }
    bare.version = None;
    assert!(!rule.check(&sbom(vec![bare.clone()])).is_satisfied());
    // Another version, another name, and a pattern that would fit everything.
    bare.version = Some("3.3.5".into());
    assert!(rule.check(&sbom(vec![bare.clone()])).is_satisfied());
    assert!(
        deny("pkg:npm/*")
            .check(&sbom(vec![bare.clone()]))
            .is_satisfied()
    );
    bare.kind = ComponentKind::File;
    bare.version = Some("3.3.6".into());
    let mut files = sbom(vec![component("a", "1", "MIT"), bare]);
    files.format.family = Family::Spdx;
    assert_eq!(codes(&rule.check(&files)), ["sbom/package-denied"]);
}

#[test]
fn a_scope_may_stand_in_the_name_or_in_the_group() {
    let rule = deny("pkg:npm/@scope/lib");
    let mut bare = component("lib", "1", "MIT");
    bare.purls.clear();
    assert!(rule.check(&sbom(vec![bare.clone()])).is_satisfied());
    bare.group = Some("@scope".into());
    assert!(!rule.check(&sbom(vec![bare.clone()])).is_satisfied());
    bare.group = None;
    bare.name = "@scope/lib".into();
    assert!(!rule.check(&sbom(vec![bare])).is_satisfied());
}

#[test]
fn only_what_fits_the_list_is_allowed() {
    let rule = allow(&["pkg:npm/a", "pkg:npm/b@>=1.0.0,<2.0.0"]);
    let mut listed = vec![
        component("a", "7.0.0", "MIT"),
        component("b", "1.5.0", "MIT"),
    ];
    assert!(rule.check(&sbom(listed.clone())).is_satisfied());
    listed.push(component("b", "2.0.0", "MIT"));
    listed.push(component("c", "1.0.0", "MIT"));
    let mut bare = component("a", "7.0.0", "MIT");
    bare.purls = vec!["pkg:npm/a".into(), "not a purl".into()];
    listed.push(bare.clone());
    bare.purls.clear();
    listed.push(bare);
    let findings = rule.check(&sbom(listed));
    assert_eq!(codes(&findings), ["sbom/package-not-allowed"; 4]);
    assert_eq!(findings.first[2].found, "a package URL that cannot be read");
    assert_eq!(findings.first[3].found, "no package URL");
}

#[test]
fn the_image_itself_needs_not_be_allowed_unless_it_is_one_of_several() {
    let mut image = component("app", "1", "LicenseRef-acme");
    image.kind = ComponentKind::Container;
    let mut document = sbom(vec![image, component("a", "1", "MIT")]);
    document.subjects = vec![0];
    assert!(allow(&["pkg:npm/a"]).check(&document).is_satisfied());
    assert!(
        licenses(Some(&["MIT"]), None)
            .check(&document)
            .is_satisfied()
    );
    assert!(!deny("pkg:npm/app").check(&document).is_satisfied());
    document.subjects = vec![0, 1];
    assert!(!allow(&["pkg:npm/a"]).check(&document).is_satisfied());
}

#[test]
fn a_license_is_judged_by_the_choices_that_it_leaves() {
    let check = |text: &str, rule: &LicenseRule| {
        rule.check(&sbom(vec![component("a", "1", text)]))
            .is_satisfied()
    };
    let denying = licenses(None, Some(&["AGPL-3.0-only"]));
    let allowing = licenses(Some(&["MIT", "Apache-2.0"]), None);
    for (text, is_not_denied, is_allowed) in [
        ("MIT", true, true),
        ("mit", true, true),
        ("MIT AND Apache-2.0", true, true),
        ("MIT OR AGPL-3.0-only", true, true),
        ("MIT AND AGPL-3.0-only", false, false),
        ("AGPL-3.0-only", false, false),
        ("BSD-3-Clause", true, false),
        ("LicenseRef-acme", true, false),
        ("see COPYING", true, false),
        ("AGPL-3.0-only, see COPYING", false, false),
        ("NOASSERTION", true, false),
        ("", true, false),
    ] {
        assert_eq!(check(text, &denying), is_not_denied, "{text}");
        assert_eq!(check(text, &allowing), is_allowed, "{text}");
    }
}

#[test]
fn every_license_that_is_stated_counts() {
    let mut both = component("a", "1", "GPL-2.0-only");
    both.licenses.push(stated("MIT", Standing::Concluded));
    let findings = licenses(Some(&["MIT"]), None).check(&sbom(vec![both.clone()]));
    assert_eq!(codes(&findings), ["sbom/license-not-allowed"]);
    assert_eq!(findings.first[0].found, "`GPL-2.0-only` (declared)");
    let findings = licenses(None, Some(&["GPL-2.0-only"])).check(&sbom(vec![both]));
    assert_eq!(codes(&findings), ["sbom/license-denied"]);
    let mut without = component("a", "1", "MIT");
    without.licenses.clear();
    let findings = licenses(Some(&["MIT"]), None).check(&sbom(vec![without]));
    assert_eq!(findings.first[0].found, "no license");
}

#[test]
fn nothing_listed_is_nothing_allowed_and_nothing_proven() {
    for rule in [deny("pkg:npm/a"), allow(&["pkg:npm/a"])] {
        assert_eq!(codes(&rule.check(&Sbom::default())), ["sbom/empty"]);
    }
    for rule in [
        licenses(Some(&["MIT"]), None),
        licenses(None, Some(&["MIT"])),
    ] {
        assert_eq!(codes(&rule.check(&Sbom::default())), ["sbom/empty"]);
    }
    assert!(
        PackageRule::default()
            .check(&Sbom::default())
            .is_satisfied()
    );
}

#[test]
fn a_denied_license_is_looked_for_among_the_first_words() {
    let deny = licenses(None, Some(&["AGPL-3.0-only"]));
    let behind = |words: usize| {
        // No expression, so that its words are read one by one.
        let text = format!("{}AGPL-3.0-only", "under ".repeat(words));
        deny.check(&sbom(vec![component("a", "1", &text)])).count
    };
    assert_eq!(behind(MAX_WORDS - 1), 1);
    assert_eq!(behind(MAX_WORDS), 0);
}
