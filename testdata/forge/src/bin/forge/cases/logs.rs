//! Lies about transparency logs.

use sovverify_forge::{Bundle, LOG_BUNDLE, Log, RekorV1};

use super::case::{Case, Policy, RELEASE, SIGNED, image_policy, release_under, trust_root};
use super::{Workshop, honest::promises, image, signed, with_bundle};

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = entries(workshop);
    cases.extend(proofs(workshop));
    cases.extend(legacy(workshop));
    cases.extend(second_log(workshop));
    cases
}

fn denied(name: &str, about: &str, code: &'static str, bundle: &Bundle) -> Case {
    let name = format!("transparency/{name}");
    with_bundle(&name, about, Policy::RELEASE, bundle).denied(code)
}

fn entries(workshop: &Workshop) -> Vec<Case> {
    let honest = || workshop.release().statement(&signed());
    let stamped = workshop.release().timestamped(1).statement(&signed());
    let v2 = workshop.release().logged_in(Log::V2).timestamped(1);
    vec![
        denied(
            "missing",
            "There is a timestamp, and no log entry.",
            "transparency/missing",
            &stamped.log_entries_removed(),
        ),
        denied(
            "entry-malformed",
            "The log took a body that is no entry.",
            "transparency/entry-malformed",
            &relogged(workshop, b"not an entry"),
        ),
        denied(
            "entry-mismatch",
            "The entry, its promise and its proof are those of another signature.",
            "transparency/entry-mismatch",
            &honest().log_entry_borrowed_from(&honest()),
        ),
        denied(
            "entry-mismatch-v2",
            "The entry of Rekor v2 is that of another signature.",
            "transparency/entry-mismatch",
            &v2.statement(&signed())
                .log_entry_borrowed_from(&v2.statement(&signed())),
        ),
        denied(
            "unknown-log",
            "The entry names a log that nobody knows.",
            "transparency/unknown-log",
            &honest().log_renamed(),
        ),
        denied(
            "promise-invalid",
            "One bit of the promise is flipped.",
            "transparency/promise-invalid",
            &honest().set_tampered(),
        ),
        denied(
            "promise-invalid-time",
            "The integrated time is a minute later than was promised.",
            "transparency/promise-invalid",
            &honest().integrated_time_shifted(60),
        ),
        with_bundle(
            "transparency/time-invalid",
            "The log's key had retired before the entry's integrated time.",
            release_under("../../../trust/cases/log-retired.json", ""),
            &honest(),
        )
        .denied("transparency/time-invalid"),
    ]
}

fn proofs(workshop: &Workshop) -> Vec<Case> {
    let honest = || workshop.release().statement(&signed());
    let relabelled = || honest().proof_stripped_and_relabelled_v01();
    let v2 = workshop.release().logged_in(Log::V2).timestamped(1);
    vec![
        denied(
            "proof-missing",
            "The proof is stripped off and the bundle calls itself v0.1, which nothing signs.",
            "transparency/proof-missing",
            &relabelled(),
        ),
        with_bundle(
            "honest/promise-alone",
            "The same, under a trust root that accepts promises alone, and says so in the report.",
            promises(),
            &relabelled(),
        ),
        denied(
            "proof-invalid",
            "One bit of the proof is flipped.",
            "transparency/proof-invalid",
            &honest().proof_corrupted(),
        ),
        denied(
            "proof-invalid-v2",
            "One bit of the proof of Rekor v2 is flipped.",
            "transparency/proof-invalid",
            &v2.statement(&signed()).proof_corrupted(),
        ),
        denied(
            "checkpoint-invalid",
            "One letter of the checkpoint's signature is another.",
            "transparency/checkpoint-invalid",
            &honest().checkpoint_tampered(),
        ),
        denied(
            "checkpoint-invalid-stranger",
            "Another log signed the checkpoint, under this log's name.",
            "transparency/checkpoint-invalid",
            &honest().checkpoint_of_other_log(&workshop.stranger.rekor),
        ),
    ]
}

fn legacy(workshop: &Workshop) -> Vec<Case> {
    let (mut layout, image) = image();
    let sign = || {
        workshop
            .release()
            .cosign_signature("registry.forge.example/acme/app", &image.digest)
    };
    let borrowed = sign().annotation_borrowed_from(&sign(), LOG_BUNDLE);
    layout.attach_layers(&image, "sig", &[borrowed]);
    vec![
        Case::new(
            "transparency/entry-mismatch-legacy",
            "The annotation with the log entry is that of another signature (CVE-2022-36056).",
            Policy::RELEASE,
            layout,
        )
        .denied("transparency/entry-mismatch"),
    ]
}

/// An honest bundle whose entry the log took with another body.
fn relogged(workshop: &Workshop, body: &[u8]) -> Bundle {
    let signing = workshop.release();
    let mut bundle = signing.statement(&signed());
    let rekor = &workshop.forge.rekor;
    bundle.entries = vec![rekor.add("dsse", "0.0.1", body.to_vec(), signing.time())];
    bundle
}

/// Two distinct logs are wanted.
fn second_log(workshop: &Workshop) -> Vec<Case> {
    let second = RekorV1::new("rekor.second.example");
    let mut root = workshop.forge.trusted_root();
    let mut trusted = root.logs[0].clone();
    trusted.host.clone_from(&second.host);
    trusted.key = second.key.clone();
    trusted.id = second.id();
    root.logs.push(trusted);
    let policy = || {
        let text = trust_root("trusted_root.json", "  require: { log: 2 }\n")
            + &image_policy(&RELEASE, &SIGNED);
        let file = ("trusted_root.json".to_owned(), root.text().into_bytes());
        Policy::Own(text, vec![file])
    };
    let signing = workshop.release();
    let honest = signing.statement(&signed());
    vec![
        with_bundle(
            "honest/two-logs",
            "One signature in two logs.",
            policy(),
            &signing.also_logged_in(&second, honest.clone()),
        ),
        with_bundle(
            "transparency/entry-malformed-twice",
            "Two distinct logs are wanted; an entry of one log is there twice.",
            policy(),
            &honest.duplicate_log_entries(2),
        )
        .denied("transparency/entry-malformed"),
    ]
}
