//! The policies that we ship, and those of the cases, are taken without a warning.

use crate::disk::{compile, files, shown};

#[test]
fn every_shipped_policy_opens_with_its_intent_and_is_taken() {
    let policies = files("policies", "yaml");
    assert!(policies.len() >= 5, "found {} policies", policies.len());
    for path in policies {
        let text = std::fs::read_to_string(&path).unwrap();
        let intent = text.lines().next().unwrap_or_default();
        assert!(
            intent.starts_with("# ") && intent.ends_with('.'),
            "{} opens with `{intent}`",
            shown(&path)
        );
        let set = compile(&path, text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(set.warnings(), [], "{}", shown(&path));
        assert!(!set.trust_store().is_empty());
    }
}

#[test]
fn every_policy_of_the_cases_is_taken() {
    for path in files("testdata/cases", "yaml") {
        let text = std::fs::read_to_string(&path).unwrap();
        let case = std::fs::read_to_string(path.with_file_name("case.toml")).unwrap_or_default();
        let compiled = compile(&path, text);
        // Where a case is about a bad document, its code is the one that is complained of.
        if case.contains("expect = \"error\"") && case.contains("policy = \"policy.yaml\"") {
            let code = case
                .lines()
                .find_map(|line| line.strip_prefix("code = "))
                .unwrap();
            let complaints = compiled.err().unwrap_or_else(|| panic!("{}", shown(&path)));
            let mut codes = complaints.iter().map(|complaint| complaint.code.name());
            assert!(codes.any(|name| code.contains(name)), "{complaints}");
        } else {
            compiled.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
