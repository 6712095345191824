//! Documents that are none: each complaint with file, line and column, and the line underlined.

use super::{QUICKSTART, file, refused};
use crate::run;

#[test]
fn a_policy_file_that_is_not_there_is_named() {
    refused(
        &["image", QUICKSTART, "--policy", "nosuch.yaml"],
        2,
        "\
error[file/missing]: no such file `nosuch.yaml`
   = expected: a file or directory that exists
   = found: none
   = hint: relative paths start at the working directory
",
    );
}

#[test]
fn what_is_not_yaml_is_shown_with_its_place() {
    let (_directory, path) = file("policy.yaml", b"a: [b\n");
    refused(
        &["image", QUICKSTART, "--policy", &path],
        2,
        &format!(
            "\
error[policy/malformed]: the file is not YAML or JSON that we take
 --> {path}:1:4
  |
1 | a: [b
  |    ^
   = found: unclosed bracket '['
"
        ),
    );
}

#[test]
fn an_unknown_field_is_an_error_with_the_one_that_was_meant() {
    let policy = include_str!("../../../testdata/cases/policies/key.yaml");
    let policy = policy.replace("  match:", "  mode: enforce\n  mtach:");
    let (_directory, path) = file("policy.yaml", policy.as_bytes());
    let said = run::said(&mut run::sovverify(&[
        "image", QUICKSTART, "--policy", &path,
    ]));
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.contains("unknown field `mtach`"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("did you mean `match`?"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("^^^^^"), "{}", said.stderr);
}

#[test]
fn an_unknown_version_is_an_error() {
    let (_directory, path) = file(
        "policy.yaml",
        b"apiVersion: policy.sovverify.dev/v9\nkind: ClusterImagePolicy\n",
    );
    refused(
        &["image", QUICKSTART, "--policy", &path],
        2,
        &format!(
            "\
error[policy/malformed]: unknown `apiVersion`
 --> {path}:1:13
  |
1 | apiVersion: policy.sovverify.dev/v9
  |             ^^^^^^^^^^^^^^^^^^^^^^^
   = expected: `policy.sovverify.dev/v1alpha1`
   = found: `policy.sovverify.dev/v9`
   = hint: this version of sovverify reads no other
"
        ),
    );
}

#[test]
fn an_empty_policy_admits_nothing() {
    let (_directory, path) = file("policy.yaml", b"");
    let said = run::said(&mut run::sovverify(&[
        "image", QUICKSTART, "--policy", &path,
    ]));
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr.starts_with("error[policy/malformed]: "),
        "{}",
        said.stderr
    );
}

#[test]
fn a_directory_without_documents_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    refused(
        &["image", QUICKSTART, "--policy", path],
        2,
        &format!(
            "\
error[file/malformed]: the directory `{path}` holds no document
   = expected: at least one file *.yaml, *.yml or *.json
   = found: none
"
        ),
    );
}

#[test]
fn what_is_no_text_is_no_policy() {
    let (_directory, path) = file("policy.yaml", b"\0\xff");
    refused(
        &["image", QUICKSTART, "--policy", &path],
        2,
        &format!(
            "\
error[file/malformed]: the file `{path}` is not text
   = expected: UTF-8 text
   = found: other bytes, from byte 1
"
        ),
    );
}

#[test]
fn a_file_that_the_policy_names_must_be_there() {
    let policy = include_str!("../../../testdata/cases/policies/key.yaml");
    let (_directory, path) = file("policy.yaml", policy.as_bytes());
    let said = run::said(&mut run::sovverify(&["policy", "lint", &path]));
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.starts_with("error[policy/file-missing]: "),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains(&format!("--> {path}:")),
        "{}",
        said.stderr
    );
}
