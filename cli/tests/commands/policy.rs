//! `sovverify policy`.

use super::check;
use crate::run;

#[test]
fn good_documents_have_no_errors() {
    check(
        &["policy", "lint", "testdata/cases/policies/release.yaml"],
        0,
        "no errors\n",
        "",
    );
}

#[test]
fn contradicting_documents_are_an_error_with_both_places() {
    let said = run::said(&mut run::sovverify(&[
        "policy",
        "lint",
        "testdata/cases/policies",
    ]));
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr
            .contains("error[policy/invalid]: a second TrustRoot")
    );
    assert!(
        said.stderr
            .contains("the first one at testdata/cases/policies/claims.yaml:4:19")
    );
}

#[test]
fn the_schema_is_json() {
    let said = run::said(&mut run::sovverify(&["policy", "schema"]));
    assert_eq!(said.code, 0);
    let schema: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}

#[test]
fn the_definitions_for_a_cluster_are_those_that_are_installed() {
    let said = run::said(&mut run::sovverify(&["policy", "crds"]));
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let installed = run::root().join("deploy/kustomize/base/crds.yaml");
    assert_eq!(said.stdout, std::fs::read_to_string(installed).unwrap());
}

#[test]
fn a_selector_of_pods_that_can_be_evaded_is_a_notice() {
    let directory = tempfile::tempdir().unwrap();
    let policy = |name: &str, about: &str| {
        format!(
            "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {{ name: {name} }}\nspec:\n  match: {{ images: [\"**\"]{about} }}\n  signers:\n    ada: {{ key: {{ file: ada.pub }}, trustRoot: none }}\n  require: [{{ name: signed, signature: {{ by: [ada] }} }}]\n"
        )
    };
    let strict = policy("strict", ", objects: { matchLabels: { tier: front } }");
    let text = format!("{strict}{}", policy("lax", ""));
    let key = run::root().join("policies/keys/custodian-ada.pub");
    std::fs::copy(key, directory.path().join("ada.pub")).unwrap();
    let file = directory.path().join("policy.yaml");
    std::fs::write(&file, text).unwrap();
    let said = run::said(&mut run::sovverify(&[
        "policy",
        "lint",
        file.to_str().unwrap(),
    ]));
    assert_eq!(said.code, 0, "{}", said.stderr);
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(all.contains("policy/evadable-selector at "), "{all}");
}

#[test]
fn the_examples_that_are_shipped_are_good_together() {
    check(&["policy", "lint", "policies"], 0, "no errors\n", "");
}

#[test]
fn a_trust_root_that_expired_or_soon_will_is_a_notice_with_its_place() {
    let root = |name: &str, term: &str| {
        format!(
            "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: TrustRoot\nmetadata: {{ name: {name} }}\nspec:\n  sigstore: {{ instance: public-good }}\n{term}"
        )
    };
    let roots = [
        root("past", "  expires: 2020-01-01T00:00:00Z\n"),
        root(
            "soon",
            "  expires: 2099-01-01T00:00:00Z\n  warnBefore: 36500d\n",
        ),
        root(
            "far",
            "  expires: 2199-01-01T00:00:00Z\n  warnBefore: 30d\n",
        ),
    ]
    .concat();
    let policy = "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: { name: p }\nspec:\n  match: { images: [\"**\"] }\n  signers:\n    ada: { keyless: { issuer: https://issuer.example, identity: ada@example.org }, trustRoot: past }\n  require: [{ name: signed, signature: { by: [ada] } }]\n";
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("trust.yaml");
    for documents in [roots.clone(), format!("{roots}{policy}")] {
        std::fs::write(&file, documents).unwrap();
        let said = run::said(&mut run::sovverify(&[
            "policy",
            "lint",
            file.to_str().unwrap(),
        ]));
        let all = format!("{}{}", said.stdout, said.stderr);
        assert_eq!(said.code, 0, "{all}");
        for (code, place, what) in [
            ("trust/expired", 4, "`past` expired at 2020-01-01T00:00:00Z"),
            (
                "trust/expires-soon",
                11,
                "`soon` expires at 2099-01-01T00:00:00Z",
            ),
        ] {
            let line = all
                .lines()
                .find(|line| line.contains(&format!("{code} at ")));
            let line = line.unwrap_or_else(|| panic!("no {code} in {all}"));
            assert!(line.contains(&format!("trust.yaml:{place}:")), "{line}");
            assert!(line.contains(what), "{line}");
        }
        assert!(!all.contains("`far`"), "{all}");
    }
}
