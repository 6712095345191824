//! `sovverify image`.

use super::{AT, IDENTITY, ISSUER, KEY, QUICKSTART, TRUSTED_ROOT, check};
use crate::run;

const DANGERS: &str = "\
danger: no-log: no transparency log is asked for: nobody can notice a misused key
danger: no-timestamp: no proven time is asked for: key or certificate is judged at the verification time
";

#[test]
fn a_signed_image_is_admitted_by_its_key_and_the_weakening_is_said() {
    check(
        &["image", QUICKSTART, "--key", KEY, "--at", AT],
        0,
        &format!(
            "\
admitted   oci:testdata/images/quickstart@sha256:<1>  by command-line (key sha256:<2>)
{DANGERS}"
        ),
        "",
    );
}

#[test]
fn a_signed_image_is_admitted_by_its_identity() {
    check(
        &[
            "image",
            QUICKSTART,
            "--at",
            AT,
            "--trusted-root",
            TRUSTED_ROOT,
            "--certificate-identity",
            IDENTITY,
            "--certificate-oidc-issuer",
            ISSUER,
        ],
        0,
        &format!(
            "admitted   oci:testdata/images/quickstart@sha256:<1>  by command-line ({IDENTITY})\n"
        ),
        "",
    );
}

#[test]
fn provenance_is_asked_for_by_type() {
    let arguments = |kind| {
        [
            "image",
            QUICKSTART,
            "--at",
            AT,
            "--trusted-root",
            TRUSTED_ROOT,
            "--certificate-identity-regexp",
            "https://ci.forge.example/.*",
            "--certificate-oidc-issuer",
            ISSUER,
            "--type",
            kind,
        ]
    };
    let said = run::said(&mut run::sovverify(&arguments("slsa-provenance")));
    assert_eq!(said.code, 0, "{}", said.stdout);
    let said = run::said(&mut run::sovverify(&arguments("vuln")));
    assert_eq!(said.code, 1);
    assert!(
        said.stdout.contains("error[attestation/missing]: "),
        "{}",
        said.stdout
    );
}

#[test]
fn an_image_with_one_changed_byte_is_denied_with_the_reason() {
    let said = run::said(&mut run::sovverify(&[
        "image",
        "oci:testdata/images/quickstart-tampered",
        "--at",
        AT,
        "--trusted-root",
        TRUSTED_ROOT,
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
    ]));
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (1, ""),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.starts_with("denied     oci:"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("\nerror["), "{}", said.stdout);
}

#[test]
fn several_images_answer_in_the_order_of_the_arguments_and_the_worst_decides() {
    check(
        &[
            "image",
            "oci:testdata/images/unsigned",
            QUICKSTART,
            "--key",
            KEY,
            "--at",
            AT,
        ],
        1,
        &format!(
            "\
denied     oci:testdata/images/unsigned@sha256:<1>  by command-line
{DANGERS}\
error[signature/missing]: no signature was found on the image
   = subject: sha256:<1>
   = expected: a signature by `command-line`
   = found: none
   = hint: sign the image, or copy its signatures along with it

admitted   oci:testdata/images/quickstart@sha256:<1>  by command-line (key sha256:<2>)
{DANGERS}"
        ),
        "",
    );
}

#[test]
fn quiet_says_only_what_is_not_admitted() {
    check(
        &[
            "image",
            "oci:testdata/images/unsigned",
            QUICKSTART,
            "--key",
            KEY,
            "--at",
            AT,
            "-q",
        ],
        1,
        "denied     oci:testdata/images/unsigned@sha256:<1>  by command-line\n",
        "",
    );
    check(
        &["image", QUICKSTART, "--key", KEY, "--at", AT, "-q"],
        0,
        "",
        "",
    );
}

#[test]
fn a_denial_is_certain_whatever_else_cannot_be_decided() {
    let arguments = |second| {
        [
            "image",
            "oci:testdata/images/unsigned",
            second,
            "--key",
            KEY,
            "--at",
            AT,
            "--output",
            "json",
        ]
    };
    let missing = "oci:testdata/images/quickstart:nosuchtag";
    let said = run::said(&mut run::sovverify(&arguments(missing)));
    assert_eq!(said.code, 1, "{}", said.stdout);
    let said = run::said(&mut run::sovverify(&[
        "image", QUICKSTART, missing, "--key", KEY, "--at", AT,
    ]));
    assert_eq!(said.code, 2, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.starts_with("admitted   "), "{}", said.stdout);
    assert!(
        said.stderr.starts_with("error[image/not-found]: "),
        "{}",
        said.stderr
    );
}

#[test]
fn a_platform_that_is_not_there_is_denied() {
    let said = run::said(&mut run::sovverify(&[
        "image",
        QUICKSTART,
        "--key",
        KEY,
        "--at",
        AT,
        "--platform",
        "linux/s390x",
    ]));
    assert_eq!(said.code, 1);
    assert!(
        said.stdout.contains("error[image/platform-missing]: "),
        "{}",
        said.stdout
    );
}

#[test]
fn a_plan_for_the_future_is_said_aloud() {
    let said = run::said(&mut run::sovverify(&[
        "image",
        QUICKSTART,
        "--key",
        KEY,
        "--at",
        "2999-01-01T00:00:00Z",
    ]));
    assert_eq!(said.code, 0);
    let notice = "notice: the verification time is in the future of this machine's clock: \
                  this is a plan, not a verdict on what exists\n";
    assert!(said.stdout.starts_with(notice), "{}", said.stdout);
}

#[test]
fn evidence_later_than_the_verification_time_does_not_count() {
    let said = run::said(&mut run::sovverify(&[
        "image",
        QUICKSTART,
        "--at",
        "2026-03-01T00:00:00Z",
        "--trusted-root",
        TRUSTED_ROOT,
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
    ]));
    assert_eq!(said.code, 1);
    assert!(
        said.stdout
            .contains("error[timestamp/later-than-verification]: "),
        "{}",
        said.stdout
    );
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    let arguments = [
        "image", QUICKSTART, "--key", KEY, "--at", AT, "--output", "json",
    ];
    let first = run::said(&mut run::sovverify(&arguments));
    let second = run::said(&mut run::sovverify(&arguments));
    assert_eq!(first.stdout, second.stdout);
}
