//! Profiles of one's own.

use super::*;
use crate::code::Code;

const OWN: &str = "\
name: acme
title: What Acme asks of its suppliers
rules:
  - field: version
    clause: Acme 7.1
    scope: component
    strength: required
    check: version
";

#[test]
fn a_profile_of_ones_own_is_read_in_yaml_and_in_json() {
    let profile = Profile::parse(OWN).unwrap();
    assert_eq!(profile.name(), "acme");
    assert!(profile.check(&honest()).conforms());
    let json = r#"{"name": "acme", "title": "", "rules": [{"field": "f", "clause": "c",
        "scope": "document", "strength": "required", "check": {"party": {"from": ["authors"]}}}]}"#;
    assert!(Profile::parse(json).unwrap().check(&honest()).conforms());
    let text = Profile::parse(OWN).unwrap().rules().next().unwrap();
    assert_eq!(
        (text.applies_to.as_str(), text.strength),
        ("every component", "required")
    );
}

#[test]
fn a_rule_for_the_subject_asks_the_subject_alone() {
    let profile = Profile::parse(&OWN.replace("scope: component", "scope: subject")).unwrap();
    let mut sbom = honest();
    sbom.components[2].version = None;
    assert!(profile.check(&sbom).conforms());
    sbom.components[0].version = None;
    assert_eq!(profile.check(&sbom).required, 1);
}

#[test]
fn a_bad_profile_is_refused_with_its_place() {
    let refused = |text: &str| Profile::parse(text).unwrap_err();
    for (bad, place) in [
        (OWN.replace("field:", "feild:"), "line 4 column 5"),
        (
            OWN.replace("check: version", "check: versoin"),
            "line 8 column 12",
        ),
        (
            OWN.replace("scope: component", "scope: document"),
            "line 4 column 5",
        ),
        (
            OWN.replace("check: version", "check: { link: { kinds: [] } }"),
            "line 4 column 5",
        ),
        (
            OWN.replace("name: acme", "name: Acme Inc"),
            "line 1 column 7",
        ),
        (
            OWN.replace("name: acme", "name: acme\nname: b"),
            "line 2 column 1",
        ),
        (
            OWN.replace("name: acme", "name: &a acme"),
            "line 1 column 10",
        ),
        (
            "name: a\ntitle: b\nrules: []\n".to_owned(),
            "line 1 column 7",
        ),
    ] {
        let error = refused(&bad);
        assert_eq!(error.code, Code::PolicyMalformed, "{error}");
        assert_eq!(error.place, place, "{error}");
    }
    let error = refused(&OWN.replace("acme", "ntia-2021"));
    assert_eq!(error.code, Code::PolicyInvalid);
    for text in ["", "[", "- a", "\u{0}", "name: acme"] {
        assert_eq!(refused(text).code, Code::PolicyMalformed, "{text:?}");
    }
}

#[test]
fn a_profile_has_bounds() {
    use super::super::document::{MAX_NAME, MAX_NODES};
    let read = |text: &str| Profile::parse(text).map(|_| ());
    let code = |text: &str| read(text).err().map(|error| error.code);
    let padded = |bytes: usize| format!("{OWN}#{}", "x".repeat(bytes - OWN.len() - 1));
    assert_eq!(code(&padded(MAX_PROFILE_BYTES)), None);
    let beyond = padded(MAX_PROFILE_BYTES + 1);
    assert_eq!(code(&beyond), Some(Code::LimitExceeded));
    let rule = OWN.split_once("rules:\n").unwrap().1;
    let many = |count: usize| format!("name: a\ntitle: b\nrules:\n{}", rule.repeat(count));
    assert_eq!(code(&many(MAX_RULES)), None);
    assert_eq!(code(&many(MAX_RULES + 1)), Some(Code::LimitExceeded));
    let named = |length: usize| OWN.replacen("acme", &"a".repeat(length), 1);
    assert_eq!(code(&named(MAX_NAME)), None);
    assert_eq!(code(&named(MAX_NAME + 1)), Some(Code::PolicyMalformed));
    // The longest list of a rule fills a profile to its bound.
    let wide = |kinds: usize| {
        let kinds = vec!["k"; kinds].join(",");
        OWN.replacen(
            "check: version",
            &format!("check: {{ link: {{ kinds: [{kinds}] }} }}"),
            1,
        )
    };
    // What stands around the list.
    let most = MAX_NODES - 22;
    assert_eq!(code(&wide(most)), None);
    let refused = read(&wide(most + 1)).unwrap_err();
    assert_eq!(refused.code, Code::PolicyMalformed);
    assert!(refused.found.contains("limits breached"), "{refused}");
}
