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
