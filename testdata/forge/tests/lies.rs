//! Independent verifiers reject each lie, and for the reason that the lie is named for.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed unwrap is a failed test"
)]

use sigstore_trust_root::TrustedRoot;
use sigstore_types::{Artifact, Sha256Hash};
use sigstore_verify::{VerificationPolicy, verify};
use sovverify_forge::*;

const DIGEST: &str = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const MESSAGE: &[u8] = b"foo";

struct Court {
    forge: Forge,
    stranger: Forge,
    root: TrustedRoot,
}

impl Court {
    fn new() -> Self {
        let forge = Forge::new(at("2026-01-01T00:00:00Z"));
        let root = TrustedRoot::from_json(&forge.trusted_root().text()).unwrap();
        let stranger = Forge::new(at("2026-01-01T00:00:00Z"));
        Self {
            forge,
            stranger,
            root,
        }
    }

    fn signing(&self) -> Signing<'_> {
        self.forge.keyless(at(SIGNING_TIME)).timestamped(1)
    }

    fn judge(&self, bundle: &Bundle) -> Result<(), String> {
        let text = String::from_utf8(bundle.bytes()).unwrap();
        let parsed = sigstore_types::Bundle::from_json(&text).map_err(|error| error.to_string())?;
        let policy = VerificationPolicy::new(RELEASE_WORKFLOW, WORKFLOW_ISSUER);
        let digest = Sha256Hash::from_hex(&DIGEST["sha256:".len()..]).unwrap();
        match &bundle.content {
            Content::Message { .. } => verify(MESSAGE, &parsed, &policy, &self.root),
            Content::Dsse(_) => verify(Artifact::from(digest), &parsed, &policy, &self.root),
        }
        .map(drop)
        .map_err(|error| error.to_string())
    }

    fn rejects(&self, name: &str, bundle: &Bundle, reason: &str) {
        let error = self.judge(bundle).expect_err(name);
        assert!(
            error.to_lowercase().contains(reason),
            "{name}: expected `{reason}`, found `{error}`"
        );
    }
}

#[test]
fn lies_about_the_signature_are_rejected() {
    let court = Court::new();
    let message = court.signing().message(MESSAGE);
    let envelope = court.signing().statement(&Statement::slsa_v1(DIGEST));
    court.judge(&message).unwrap();
    court.judge(&envelope).unwrap();
    let stranger = Key::generate(KeyKind::EcdsaP256);
    let unstamped = |bundle: &Bundle| {
        let mut bundle = bundle.clone();
        bundle.timestamps.clear();
        bundle
    };
    let lies = [
        (
            "signature_flipped",
            unstamped(&message).signature_flipped(),
            "signature",
        ),
        (
            "dsse flipped",
            unstamped(&envelope).signature_flipped(),
            "signature",
        ),
        (
            "stranger",
            unstamped(&envelope).signed_by_stranger(&stranger, &[]),
            "signature",
        ),
        (
            "payload type",
            envelope.clone().payload_type_changed("text/plain"),
            "payload",
        ),
        (
            "second",
            envelope.clone().second_dsse_signature(&stranger),
            "signature",
        ),
        (
            "digest",
            message.clone().message_digest_replaced(b"bar"),
            "digest",
        ),
        (
            "payload",
            envelope
                .clone()
                .payload_replaced(&Statement::slsa_v02(DIGEST).bytes()),
            "signature",
        ),
        (
            "other image",
            court
                .signing()
                .statement(&Statement::slsa_v1(DIGEST).subject_of_other_image()),
            "subject",
        ),
    ];
    for (name, lie, reason) in lies {
        court.rejects(name, &lie, reason);
    }
}

#[test]
fn lies_about_the_certificate_are_rejected() {
    let court = Court::new();
    let signing = || court.signing();
    let honest = signing().message(MESSAGE);
    let lies = [
        (
            "expired",
            signing().certificate_expired_at_signing().message(MESSAGE),
            "certificate",
        ),
        (
            "not yet",
            signing()
                .certificate_not_yet_valid_at_signing()
                .message(MESSAGE),
            "certificate",
        ),
        (
            "server",
            signing().certificate_for_a_server().message(MESSAGE),
            "eku",
        ),
        (
            "stranger",
            signing()
                .certified_by_stranger(&court.stranger)
                .message(MESSAGE),
            "chain",
        ),
        ("no sct", signing().sct_removed().message(MESSAGE), "sct"),
        (
            "other sct",
            signing().sct_for_other_certificate().message(MESSAGE),
            "sct",
        ),
        (
            "strange sct",
            signing().sct_of_stranger(&court.stranger).message(MESSAGE),
            "sct",
        ),
        (
            "truncated",
            honest.clone().certificate_truncated(),
            "certificate",
        ),
        (
            "tampered",
            honest.clone().certificate_tampered(),
            "certificate",
        ),
        (
            "borrowed",
            honest
                .clone()
                .certificate_borrowed_from(&signing().message(MESSAGE)),
            "signature",
        ),
    ];
    for (name, lie, reason) in lies {
        court.rejects(name, &lie, reason);
    }
}

#[test]
fn lies_about_the_log_are_rejected() {
    let court = Court::new();
    let honest = court.signing().message(MESSAGE);
    let other = court.signing().message(MESSAGE);
    let lies = [
        (
            "borrowed",
            honest.clone().log_entry_borrowed_from(&other),
            "match",
        ),
        (
            "removed",
            honest.clone().log_entries_removed(),
            "inclusion proof",
        ),
        ("proof removed", honest.clone().proof_removed(), "proof"),
        ("proof corrupted", honest.clone().proof_corrupted(), "proof"),
        (
            "root replaced",
            honest.clone().proof_root_replaced(),
            "proof",
        ),
        (
            "other log",
            honest
                .clone()
                .checkpoint_of_other_log(&court.stranger.rekor),
            "key",
        ),
        (
            "checkpoint",
            honest.clone().checkpoint_tampered(),
            "checkpoint",
        ),
        (
            "no note",
            honest.clone().checkpoint_malformed(),
            "checkpoint",
        ),
        ("set", honest.clone().set_tampered(), "set"),
        ("time", honest.clone().integrated_time_shifted(60), "set"),
        ("unknown log", honest.clone().log_renamed(), "log"),
        ("body", honest.clone().entry_body_malformed(), ""),
        ("kind", honest.clone().entry_kind_unknown(), "helm"),
    ];
    for (name, lie, reason) in lies {
        court.rejects(name, &lie, reason);
    }
}

#[test]
fn lies_about_the_time_are_rejected() {
    let court = Court::new();
    let honest = court.signing().message(MESSAGE);
    let other = court.signing().message(MESSAGE);
    let stamped_late = court
        .signing()
        .stamped_at(days(at(SIGNING_TIME), 1))
        .message(MESSAGE);
    let logged_late = court
        .signing()
        .logged_at(days(at(SIGNING_TIME), 1))
        .message(MESSAGE);
    let lies = [
        (
            "other",
            honest.clone().timestamp_for_other_signature(&other),
            "",
        ),
        ("tampered", honest.clone().timestamp_tampered(), ""),
        (
            "stranger",
            honest
                .clone()
                .timestamped_by_stranger(&court.stranger, at(SIGNING_TIME)),
            "",
        ),
        ("stamped late", stamped_late, "certificate"),
        ("logged late", logged_late, ""),
    ];
    for (name, lie, reason) in lies {
        court.rejects(name, &lie, reason);
    }
}

#[test]
fn lies_that_other_verifiers_believe_are_known() {
    // Nothing signs the media type, and nobody counts: our own guards must stop these two.
    let court = Court::new();
    let honest = court.forge.keyless(at(SIGNING_TIME)).message(MESSAGE);
    court
        .judge(&honest.clone().proof_stripped_and_relabelled_v01())
        .unwrap();
    court.judge(&honest.duplicate_log_entries(20)).unwrap();
}
