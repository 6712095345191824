//! Bad input: one clear message each, with the right exit code, on standard error.

use std::path::Path;

use super::{AT, KEY, QUICKSTART, check, file, refused};
use crate::run;

#[test]
fn an_unknown_command_is_usage() {
    refused(
        &["frob"],
        2,
        "\
error[usage/invalid]: unrecognized subcommand 'frob'

Usage: sovverify [OPTIONS] <COMMAND>

For more information, try '--help'.
",
    );
}

#[test]
fn no_image_is_usage_and_never_success() {
    refused(
        &["image"],
        2,
        "\
error[usage/invalid]: the following required arguments were not provided:
  <REF>...

Usage: sovverify image <REF>...

For more information, try '--help'.
",
    );
}

#[test]
fn no_policy_and_no_signer_is_an_error() {
    refused(
        &["image", QUICKSTART],
        2,
        "\
error[usage/no-policy]: there is nothing to verify against
   = expected: `--policy FILE`, `--key FILE`, or `--certificate-identity` with `--certificate-oidc-issuer`
   = found: none of them
   = hint: `sovverify inspect` shows what is attached without judging it
",
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read_to_its_end() {
    if !Path::new("/dev/zero").exists() {
        println!("skipped: there is no /dev/zero here");
        return;
    }
    refused(
        &["image", QUICKSTART, "--key", "/dev/zero"],
        2,
        "\
error[file/too-large]: the file `/dev/zero` is too large
   = expected: at most 4194304 bytes
   = found: more
",
    );
}

#[test]
fn a_file_that_the_system_will_not_read_is_the_surroundings_fault() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    refused(
        &["image", QUICKSTART, "--key", path],
        3,
        &format!(
            "\
error[file/unreadable]: cannot read `{path}`
   = expected: a file that can be read
   = found: Is a directory (os error 21)
"
        ),
    );
}

#[test]
fn what_is_no_key_is_refused() {
    let (_directory, path) = file("k.pub", b"hello\n");
    let said = run::said(&mut run::sovverify(&["image", QUICKSTART, "--key", &path]));
    assert_eq!(said.code, 2);
    let message = format!("error[file/malformed]: the public key `{path}` is not usable\n");
    assert!(said.stderr.starts_with(&message), "{}", said.stderr);
}

#[test]
fn what_is_no_trusted_root_is_refused() {
    let (_directory, path) = file("root.json", b"{}");
    let said = run::said(&mut run::sovverify(&[
        "image",
        QUICKSTART,
        "--key",
        KEY,
        "--trusted-root",
        &path,
    ]));
    assert_eq!(said.code, 2);
    let message = format!("error[trust/malformed]: the trusted root `{path}` is not usable\n");
    assert!(said.stderr.starts_with(&message), "{}", said.stderr);
}

#[test]
fn an_identity_without_issuer_is_no_signer() {
    refused(
        &[
            "image",
            QUICKSTART,
            "--certificate-identity",
            "me@example.org",
        ],
        2,
        "\
error[usage/invalid]: the flags name no signer to compare with
   = expected: `--certificate-oidc-issuer` beside the identity
   = found: none
",
    );
}

#[test]
fn an_unknown_attestation_type_is_refused() {
    let said = run::said(&mut run::sovverify(&[
        "image", QUICKSTART, "--key", KEY, "--type", "sbomb",
    ]));
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("= found: `sbomb`"), "{}", said.stderr);
}

#[test]
fn a_policy_and_flags_of_one_signer_exclude_each_other() {
    let policy = "testdata/cases/policies/release.yaml";
    refused(
        &[
            "image",
            QUICKSTART,
            "--policy",
            policy,
            "--insecure-ignore-tlog",
        ],
        2,
        "\
error[usage/invalid]: a policy says itself who must have signed and whom to trust
   = expected: `--policy` and `--trust` alone
   = found: `--policy` and flags of a single signer
",
    );
}

#[test]
fn a_url_is_no_reference_and_stops_the_call() {
    let said = run::said(&mut run::sovverify(&[
        "image",
        QUICKSTART,
        "https://registry.example/app",
        "--key",
        KEY,
    ]));
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr
            .starts_with("error[image/reference-malformed]: `https://registry.example/app`"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_layout_that_is_not_there_is_bad_input() {
    check(
        &["image", "oci:nosuch", "--key", KEY],
        2,
        "undecided  oci:nosuch  layout/not-found\n",
        "\
error[layout/not-found]: oci:nosuch: there is no such file or directory
   = expected: an existing file or directory
   = found: none
   = hint: relative paths start at the working directory
",
    );
}

#[test]
fn a_registry_without_network_is_bad_input() {
    check(
        &["image", "registry.example/app", "--key", KEY, "--offline"],
        2,
        "undecided  registry.example/app:latest  registry/offline\n",
        "\
error[registry/offline]: registry.example/app:latest: a registry was named, but no socket may be opened
   = expected: a layout, archive or directory
   = found: a registry reference
   = hint: copy the image and its evidence into an OCI layout, or drop `--offline`
",
    );
}

#[test]
fn a_directory_that_is_no_layout_is_denied() {
    let directory = tempfile::tempdir().unwrap();
    let reference = format!("oci:{}", directory.path().display());
    check(
        &["image", &reference, "--key", KEY],
        1,
        &format!(
            "\
denied     {reference}  layout/malformed
error[layout/malformed]: {reference}: the directory or archive does not have the format that its name promises
   = expected: an `index.json`
   = found: none
"
        ),
        "",
    );
}

#[test]
fn a_time_needs_date_and_zone() {
    refused(
        &["image", QUICKSTART, "--key", KEY, "--at", "yesterday"],
        2,
        "\
error[usage/invalid]: invalid value 'yesterday' for '--at <TIME>': expected an RFC 3339 time such as `2026-03-02T11:04:05Z`, found `yesterday`

For more information, try '--help'.
",
    );
}

#[test]
fn what_the_user_typed_cannot_move_the_cursor() {
    let hostile = "a\u{1b}[2J\u{202e}b";
    for arguments in [
        vec!["image", QUICKSTART, "--key", KEY, "--at", hostile],
        vec!["image", hostile, "--key", KEY],
        vec!["image", QUICKSTART, "--policy", hostile],
        vec![hostile],
    ] {
        let said = run::said(&mut run::sovverify(&arguments));
        assert_eq!(said.code, 2, "{arguments:?}");
        let safe = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
        assert!(said.stderr.chars().all(safe), "{:?}", said.stderr);
        assert!(said.stderr.contains("\\u{202e}"), "{}", said.stderr);
    }
}

#[test]
fn a_configuration_without_configuration_is_refused() {
    let policy = "testdata/cases/policies/release.yaml";
    refused(
        &[
            "image", QUICKSTART, "--key", KEY, "--at", AT, "--config", policy,
        ],
        2,
        "\
error[file/malformed]: the file `testdata/cases/policies/release.yaml` holds no configuration
   = expected: a document of kind `Configuration`
   = found: documents of other kinds
",
    );
}

#[test]
fn a_password_needs_its_user() {
    let said = run::said(&mut run::sovverify(&[
        "image",
        "registry.example/app",
        "--key",
        KEY,
        "--registry-password",
        "hunter2",
    ]));
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.starts_with("error[usage/invalid]: "),
        "{}",
        said.stderr
    );
    assert!(!said.stderr.contains("hunter2"), "{}", said.stderr);
}

#[cfg(unix)]
#[test]
fn a_layout_that_the_system_will_not_read_is_the_surroundings_fault() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("loop");
    std::os::unix::fs::symlink(&path, &path).unwrap();
    let reference = format!("oci:{}", path.display());
    check(
        &["image", &reference, "--key", KEY],
        3,
        &format!("undecided  {reference}  layout/unreadable\n"),
        &format!(
            "\
error[layout/unreadable]: {reference}: the file or directory exists and cannot be read
   = expected: a readable file or directory
   = found: Too many levels of symbolic links (os error 40)
"
        ),
    );
}

#[cfg(unix)]
#[test]
fn a_system_that_gives_nothing_is_the_surroundings_fault() {
    let script = "ulimit -n 4 && exec \"$0\" image registry.invalid/app --key \"$1\"";
    let said = run::said(
        std::process::Command::new("/bin/sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_sovverify"), KEY])
            .env_clear()
            .current_dir(run::root()),
    );
    assert_eq!(
        (said.code, said.stdout.as_str()),
        (3, ""),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.starts_with("error[system/failed]: "),
        "{}",
        said.stderr
    );
}

#[test]
fn a_call_without_a_command_is_an_error_and_shows_the_help() {
    let said = run::said(&mut run::sovverify::<&str>(&[]));
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    let begins =
        "error[usage/invalid]: no command was given\n\nMay this image run, and how do we know?\n";
    assert!(said.stderr.starts_with(begins), "{}", said.stderr);
    let help = run::said(&mut run::sovverify(&["help", "image"]));
    assert_eq!(help.code, 0);
    assert!(
        help.stdout.contains("--registry-password-file"),
        "{}",
        help.stdout
    );
}
