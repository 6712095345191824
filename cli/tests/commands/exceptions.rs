//! `--exception`: signed exceptions that are carried by hand.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{AT, file, refused};
use crate::run;

/// An image without anything that its policy demands.
const BARE: &str = "oci:testdata/cases/sbom/unsigned/layout:v1.0.0";
const POLICY: &str = "testdata/cases/exception/used/policy.yaml";

/// The Sigstore bundles in the layout of a case.
fn bundles(case: &str) -> Vec<PathBuf> {
    let blobs = run::root().join(case).join("layout/blobs/sha256");
    let mut found: Vec<PathBuf> = fs::read_dir(blobs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let text = fs::read(path).unwrap();
            let value: Value = serde_json::from_slice(&text).unwrap_or_default();
            value.get("verificationMaterial").is_some()
        })
        .collect();
    found.sort();
    found
}

/// The report on the bare image with these exceptions.
fn report(exceptions: &[&Path]) -> (i32, Value) {
    let mut arguments = vec![
        "image", BARE, "--policy", POLICY, "--at", AT, "--output", "json",
    ];
    for path in exceptions {
        arguments.extend(["--exception", path.to_str().unwrap()]);
    }
    let said = run::said(&mut run::sovverify(&arguments));
    assert_eq!(said.stderr, "");
    (said.code, serde_json::from_str(&said.stdout).unwrap())
}

fn warnings(report: &Value) -> Vec<String> {
    let warnings = report
        .pointer("/results/0/warnings")
        .unwrap()
        .as_array()
        .unwrap();
    let code = |warning: &Value| {
        warning
            .pointer("/code")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    warnings.iter().map(code).collect()
}

#[test]
fn signed_exceptions_in_files_count_as_those_on_the_image_do() {
    let bundles = bundles("testdata/cases/exception/used");
    let [first, second] = bundles.as_slice() else {
        panic!("expected two bundles: {bundles:?}");
    };
    let (code, none) = report(&[]);
    assert_eq!((code, warnings(&none)), (1, Vec::new()));
    let (code, both) = report(&[first, second]);
    assert_eq!(
        (code, warnings(&both)),
        (0, vec!["exception/used".to_owned()])
    );
    let (code, one) = report(&[first]);
    assert_eq!(
        (code, warnings(&one)),
        (1, vec!["exception/threshold".to_owned()])
    );
    // The same file twice is one signer.
    let (code, twice) = report(&[first, first]);
    assert_eq!(
        (code, warnings(&twice)),
        (1, vec!["exception/threshold".to_owned()])
    );
}

#[test]
fn a_directory_of_exceptions_is_read_whole() {
    let directory = tempfile::tempdir().unwrap();
    for (number, bundle) in bundles("testdata/cases/exception/used").iter().enumerate() {
        fs::copy(bundle, directory.path().join(format!("{number}.json"))).unwrap();
    }
    let (code, report) = report(&[directory.path()]);
    assert_eq!(
        (code, warnings(&report)),
        (0, vec!["exception/used".to_owned()])
    );
}

#[test]
fn an_exception_for_another_image_is_named_and_does_not_count() {
    // The quickstart image is another one, and its release workflow is nobody here.
    let bundles = bundles("testdata/cases/exception/used");
    let arguments = [
        "image",
        "oci:testdata/images/quickstart",
        "--policy",
        POLICY,
        "--at",
        AT,
    ];
    let mut command = run::sovverify(&arguments);
    for bundle in &bundles {
        command.arg("--exception").arg(bundle);
    }
    let said = run::said(command.args(["--output", "json"]));
    assert_eq!(said.code, 1, "{}", said.stderr);
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    let expected = vec!["exception/other-image".to_owned(); bundles.len()];
    assert_eq!(warnings(&report), expected);
}

#[test]
fn an_unsigned_exception_is_refused_before_anything_is_judged() {
    let text = r#"{"apiVersion":"policy.sovverify.dev/v1alpha1","kind":"PolicyException","metadata":{"name":"mine"},"spec":{"images":["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],"requirements":["sbom"],"reason":"because","ticket":"none","notAfter":"2027-01-01T00:00:00Z"}}"#;
    let (_directory, path) = file("exception.json", text.as_bytes());
    refused(
        &["image", BARE, "--policy", POLICY, "--exception", &path],
        2,
        &format!(
            "\
error[exception/unsigned]: `{path}` is not signed
   = expected: a Sigstore bundle or a DSSE envelope around an exception
   = found: the exception `mine`, unsigned
   = hint: sign it; docs/policy/exceptions.md says how
"
        ),
    );
    let (_directory, path) = file("exception.json", b"[]");
    refused(
        &["image", BARE, "--policy", POLICY, "--exception", &path],
        2,
        &format!(
            "\
error[exception/unsigned]: `{path}` is not signed
   = expected: a Sigstore bundle or a DSSE envelope around an exception
   = found: something else: invalid type: sequence, expected struct ExceptionDocument at line 1 column 0
   = hint: sign it; docs/policy/exceptions.md says how
"
        ),
    );
}

#[test]
fn an_exception_is_said_even_where_only_bad_news_is_wanted() {
    let case = "testdata/cases/exception/used";
    let image = format!("oci:{case}/layout:v1.0.0");
    let said = run::said(&mut run::sovverify(&[
        "image", &image, "--policy", POLICY, "--at", AT, "-q",
    ]));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(
        said.stdout
            .ends_with("WITH EXCEPTION vendor-without-sbom\n"),
        "{}",
        said.stdout
    );
    assert_eq!(said.stdout.lines().count(), 1);
}
