//! `sovverify inspect`.

use super::{AT, IDENTITY, ISSUER, KEY, QUICKSTART, TRUSTED_ROOT, check};
use crate::run;

#[test]
fn the_tree_shows_everything_attached_with_signer_time_and_log() {
    let said = run::said(&mut run::sovverify(&[
        "inspect",
        QUICKSTART,
        "--at",
        AT,
        "--trusted-root",
        TRUSTED_ROOT,
        "--key",
        KEY,
    ]));
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(lines[0].ends_with("  (index, 2 platforms)"), "{}", lines[0]);
    let by = format!("by {IDENTITY} (issuer {ISSUER})");
    for expected in [
        format!("|- verified signature {by}"),
        format!("|- verified attestation https://slsa.dev/provenance/v1 {by}"),
        "|  |- signed 2026-03-02T11:04:05Z (says https://tsa.forge.example)".to_owned(),
        format!("|  |- verified attestation https://spdx.dev/Document {by}"),
    ] {
        assert!(
            lines.contains(&expected.as_str()),
            "{expected}\n{}",
            said.stdout
        );
    }
    assert!(
        said.stdout.contains("`- linux/arm64  sha256:"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("(dsse/0.0.1, inclusion proven)"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout
            .contains("unsigned https://slsa.dev/provenance/v0.2 in ")
    );
}

#[test]
fn what_does_not_verify_is_shown_with_its_code_and_is_no_failure() {
    let said = run::said(&mut run::sovverify(&["inspect", QUICKSTART, "--at", AT]));
    assert_eq!(said.code, 0);
    let refused = "not verified signature: transparency/unknown-log (untrusted)";
    assert!(said.stdout.contains(refused), "{}", said.stdout);
    assert!(!said.stdout.contains("- verified "), "{}", said.stdout);
}

#[test]
fn nothing_attached_is_said() {
    let said = run::said(&mut run::sovverify(&[
        "inspect",
        "oci:testdata/images/unsigned",
    ]));
    assert_eq!(said.code, 0);
    assert!(
        said.stdout
            .contains("unsigned https://slsa.dev/provenance/v0.2")
    );
}

#[test]
fn trust_root_documents_are_enough_to_verify() {
    let said = run::said(&mut run::sovverify(&[
        "inspect",
        QUICKSTART,
        "--at",
        AT,
        "--trust",
        "testdata/cases/policies/release.yaml",
        "--output",
        "json",
    ]));
    let report: sovverify::report::v1::Report = serde_json::from_str(&said.stdout).unwrap();
    let roots: Vec<_> = report.results[0]
        .trust_roots
        .iter()
        .map(|r| r.name.as_str())
        .collect();
    assert_eq!(roots, ["forge", "public-good"]);
    assert_eq!(report.results[0].decision, None);
}

#[test]
fn content_that_is_wrong_is_shown_and_ends_in_one() {
    let directory = tempfile::tempdir().unwrap();
    let reference = format!("oci:{}", directory.path().display());
    check(
        &["inspect", &reference],
        1,
        &format!(
            "\
not inspected  {reference}  layout/malformed
error[layout/malformed]: {reference}: the directory or archive does not have the format that its name promises
   = expected: an `index.json`
   = found: none
"
        ),
        "",
    );
}
