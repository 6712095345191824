//! What is on which stream, and what it looks like.

use std::io::Read as _;
use std::process::Stdio;

use sovverify::report::v1::Report;

use super::{AT, KEY, QUICKSTART};
use crate::run;

const IMAGE: [&str; 6] = ["image", QUICKSTART, "--key", KEY, "--at", AT];

#[test]
fn a_failed_call_is_a_report_too() {
    let said = run::said(&mut run::sovverify(&[
        "image",
        QUICKSTART,
        "--policy",
        "nosuch.yaml",
        "--output",
        "json",
    ]));
    let report: Report = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, report.exit.code), (2, 2));
    assert_eq!(report.errors[0].code, "file/missing");
    assert!(
        said.stderr.starts_with("error[file/missing]: "),
        "{}",
        said.stderr
    );
}

#[test]
fn piped_text_is_ascii_without_escape_sequences() {
    for more in [&[][..], &["-v"]] {
        let mut command = run::sovverify(&IMAGE);
        let said = run::said(command.args(more).env("LANG", "C.UTF-8"));
        assert!(said.stdout.is_ascii());
        assert!(!said.stdout.contains('\u{1b}'));
    }
}

#[test]
fn colour_is_never_the_only_carrier() {
    let mut command = run::sovverify(&IMAGE);
    let rich = run::said(command.args(["--color", "always"])).stdout;
    assert!(rich.contains("\u{1b}[1;32m✔ admitted"), "{rich}");
    let mut plain = String::new();
    let mut rest = rich.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let words = run::said(&mut run::sovverify(&IMAGE)).stdout;
    let symbols = plain.replace("✔ ", "").replace("⚠ ", "");
    assert_eq!(symbols, words);
}

#[test]
fn a_closed_pipe_is_no_panic_and_keeps_the_exit_code() {
    let mut command = run::sovverify(&["image", QUICKSTART, "--key", KEY, "--at", AT, "-v"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(said, "");
}

#[test]
fn every_shell_has_completions_and_there_is_a_manual() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = run::said(&mut run::sovverify(&["completions", shell]));
        assert_eq!(said.code, 0);
        assert!(said.stdout.contains("certificate-identity"), "{shell}");
    }
    let said = run::said(&mut run::sovverify(&["man"]));
    assert!(said.stdout.contains(".TH sovverify"), "{}", said.stdout);
}

#[test]
fn help_is_on_standard_output() {
    let said = run::said(&mut run::sovverify(&["help", "image"]));
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("DANGER"), "{}", said.stdout);
}

#[test]
fn the_working_directory_has_no_say() {
    let directory = tempfile::tempdir().unwrap();
    for name in [
        "sovverify.yaml",
        ".sovverify.yaml",
        "config.json",
        "policy.yaml",
    ] {
        std::fs::write(directory.path().join(name), "not: [valid").unwrap();
    }
    let root = run::root();
    let image = format!("oci:{}", root.join("testdata/images/quickstart").display());
    let key = root.join(KEY);
    let mut command = run::sovverify(&["image", &image, "--at", AT, "--key"]);
    let said = run::said(command.arg(key).current_dir(directory.path()));
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
}
