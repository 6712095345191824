//! One lie each, and the code that it gets.

use sovverify::Code;
use sovverify_forge::Forge;
use sovverify_forge::Log;
use sovverify_forge::RekorV1;
use sovverify_forge::Statement;
use sovverify_forge::Usage;
use sovverify_forge::digest_of;
use sovverify_forge::{Bundle, Version};
use sovverify_forge::{Key, KeyKind};
use sovverify_forge::{days, minutes};

use crate::world::{ARTIFACT, World, key_only};

/// Every lie about a keyless bundle, beside an honest one.
#[expect(clippy::too_many_lines, reason = "one table, one line a lie")]
fn keyless_lies(world: &World) -> Vec<(&'static str, Bundle, Code)> {
    let stranger = Forge::new(days(world.time, -30));
    let honest = || world.forge.keyless(world.time).message(ARTIFACT);
    let other = || world.forge.keyless(world.time).message(b"something else");
    let signing = || world.forge.keyless(world.time);
    let stamped = || signing().logged_in(Log::V2).timestamped(1);
    let other_log = RekorV1::new("other.forge.example");
    vec![
        (
            "certificate expired",
            signing().certificate_expired_at_signing().message(ARTIFACT),
            Code::CertificateExpired,
        ),
        (
            "certificate of tomorrow",
            signing()
                .certificate_not_yet_valid_at_signing()
                .message(ARTIFACT),
            Code::CertificateNotYetValid,
        ),
        (
            "certificate of a server",
            signing()
                .certificate_for(Usage::ServerAuth)
                .message(ARTIFACT),
            Code::CertificateUntrusted,
        ),
        (
            "certified by a stranger",
            signing().certified_by_stranger(&stranger).message(ARTIFACT),
            Code::CertificateUntrusted,
        ),
        (
            "no SCT",
            signing().sct_removed().message(ARTIFACT),
            Code::CertificateSctMissing,
        ),
        (
            "SCT of another certificate",
            signing().sct_for_other_certificate().message(ARTIFACT),
            Code::CertificateSctInvalid,
        ),
        (
            "SCT of a stranger's log",
            signing().sct_of_stranger(&stranger).message(ARTIFACT),
            Code::CertificateSctInvalid,
        ),
        (
            "signature flipped",
            signing()
                .unlogged()
                .timestamped(1)
                .message(ARTIFACT)
                .signature_flipped(),
            Code::TimestampInvalid,
        ),
        (
            "digest of another artifact",
            honest().message_digest_replaced(b"x"),
            Code::SubjectMismatch,
        ),
        ("another artifact", other(), Code::SubjectMismatch),
        (
            "borrowed log entry",
            honest().log_entry_borrowed_from(&other()),
            Code::TransparencyEntryMismatch,
        ),
        (
            "no log entry",
            signing()
                .timestamped(1)
                .message(ARTIFACT)
                .log_entries_removed(),
            Code::TransparencyMissing,
        ),
        (
            "proof corrupted",
            honest().proof_corrupted(),
            Code::TransparencyProofInvalid,
        ),
        (
            "proof to another root",
            honest().proof_root_replaced(),
            Code::TransparencyProofInvalid,
        ),
        (
            "checkpoint of another log",
            honest().checkpoint_of_other_log(&other_log),
            Code::TransparencyCheckpointInvalid,
        ),
        (
            "checkpoint tampered",
            honest().checkpoint_tampered(),
            Code::TransparencyCheckpointInvalid,
        ),
        (
            "checkpoint malformed",
            honest().checkpoint_malformed(),
            Code::BundleMalformed,
        ),
        (
            "promise tampered",
            honest().set_tampered(),
            Code::TransparencyPromiseInvalid,
        ),
        (
            "promise removed, no other time",
            honest().set_removed(),
            Code::TimestampMissing,
        ),
        (
            "integrated time shifted",
            honest().integrated_time_shifted(60),
            Code::TransparencyPromiseInvalid,
        ),
        (
            "log renamed",
            honest().log_renamed(),
            Code::TransparencyUnknownLog,
        ),
        (
            "entry body malformed",
            honest().entry_body_malformed(),
            Code::TransparencyPromiseInvalid,
        ),
        (
            "entry of unknown kind",
            honest().entry_kind_unknown(),
            Code::BundleUnsupported,
        ),
        (
            "timestamp of another signature",
            stamped()
                .message(ARTIFACT)
                .timestamp_for_other_signature(&stamped().message(ARTIFACT)),
            Code::TimestampInvalid,
        ),
        (
            "timestamp tampered",
            stamped().message(ARTIFACT).timestamp_tampered(),
            Code::TimestampInvalid,
        ),
        (
            "timestamp of a stranger",
            stamped()
                .message(ARTIFACT)
                .timestamped_by_stranger(&stranger, world.time),
            Code::TimestampInvalid,
        ),
        (
            "timestamp after the certificate",
            stamped()
                .stamped_at(minutes(world.time, 20))
                .message(ARTIFACT),
            Code::CertificateExpired,
        ),
        (
            "logged after the certificate",
            signing()
                .logged_at(minutes(world.time, 20))
                .message(ARTIFACT),
            Code::CertificateExpired,
        ),
        (
            "certificate truncated",
            honest().certificate_truncated(),
            Code::CertificateMalformed,
        ),
        (
            "certificate of another signature",
            honest().certificate_borrowed_from(&other()),
            Code::SignatureInvalid,
        ),
        (
            "proof removed",
            honest().proof_removed(),
            Code::TransparencyProofMissing,
        ),
        (
            "proof removed and called v0.1",
            honest().proof_stripped_and_relabelled_v01(),
            Code::TransparencyProofMissing,
        ),
    ]
}

#[test]
fn every_lie_about_a_keyless_bundle_has_its_code() {
    let world = World::new();
    let honest = world.forge.keyless(world.time).message(ARTIFACT);
    assert!(
        world.judge(&honest, world.keyless()).is_ok(),
        "the honest one beside them"
    );
    let mut wrong = Vec::new();
    for (lie, bundle, code) in keyless_lies(&world) {
        match world.judge(&bundle, world.keyless()) {
            Err(found) if found == code => {}
            other => wrong.push(format!(
                "{lie}: expected {code}, found {:?}",
                other.map(|_| "verified")
            )),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table, one line a lie")]
fn every_lie_about_a_statement_has_its_code() {
    let world = World::new();
    let subject = digest_of(ARTIFACT);
    let honest = || {
        world
            .forge
            .keyless(world.time)
            .statement(&Statement::slsa_v1(&subject))
    };
    let other = || {
        world
            .forge
            .keyless(world.time)
            .statement(&Statement::slsa_v1(&digest_of(b"other")))
    };
    let stranger = Key::generate(KeyKind::EcdsaP256);
    let key = Key::generate(KeyKind::EcdsaP256);
    let bare = || world.forge.keyed(&key, world.time).unlogged();
    assert!(world.judge(&honest(), world.keyless()).is_ok());
    for (lie, bundle, code) in [
        ("about another artifact", other(), Code::SubjectMismatch),
        (
            "payload replaced",
            honest().payload_replaced(b"{}"),
            Code::SignatureInvalid,
        ),
        (
            "payload type changed",
            honest().payload_type_changed("text/plain"),
            Code::SignatureInvalid,
        ),
        (
            "two signatures",
            honest().second_dsse_signature(&stranger),
            Code::BundleMalformed,
        ),
        (
            "another entry",
            honest().log_entry_borrowed_from(&other()),
            Code::TransparencyEntryMismatch,
        ),
    ] {
        assert_eq!(
            world.judge(&bundle, world.keyless()).unwrap_err(),
            code,
            "{lie}"
        );
    }
    for (lie, bundle, code) in [
        (
            "payload type of something else",
            bare().envelope("text/plain", b"{}"),
            Code::SubjectMalformed,
        ),
        (
            "no statement",
            bare().envelope("application/vnd.in-toto+json", b"{}"),
            Code::SubjectMalformed,
        ),
        (
            "signed by a stranger",
            world
                .forge
                .keyed(&stranger, world.time)
                .unlogged()
                .message(ARTIFACT),
            Code::SignatureInvalid,
        ),
    ] {
        assert_eq!(
            world.judge(&bundle, key_only(&key)).unwrap_err(),
            code,
            "{lie}"
        );
    }
}

#[test]
fn a_certificate_is_no_key_and_a_key_is_no_certificate() {
    let world = World::new();
    let key = Key::generate(KeyKind::EcdsaP256);
    let keyed = world.forge.keyed(&key, world.time).message(ARTIFACT);
    let keyless = world.forge.keyless(world.time).message(ARTIFACT);
    assert_eq!(
        world.judge(&keyed, world.keyless()).unwrap_err(),
        Code::KeyMismatch
    );
    assert_eq!(
        world.judge(&keyless, key_only(&key)).unwrap_err(),
        Code::KeyMismatch
    );
}

#[test]
fn an_unsupported_bundle_version_is_refused() {
    let world = World::new();
    let honest = world
        .forge
        .keyless(world.time)
        .version(Version::V03)
        .message(ARTIFACT);
    let text = String::from_utf8(honest.bytes()).unwrap();
    for (what, lie, code) in [
        (
            "v0.4",
            text.replace("v0.3", "v0.4"),
            Code::BundleUnsupported,
        ),
        ("no JSON", text.replacen('{', "", 1), Code::BundleMalformed),
        (
            "trailing data",
            format!("{text}{{}}"),
            Code::BundleMalformed,
        ),
        (
            "a field twice",
            text.replacen('{', r#"{"mediaType":"x","#, 1),
            Code::BundleMalformed,
        ),
        ("deep nesting", "[".repeat(100_000), Code::BundleMalformed),
    ] {
        let artifact = sovverify::verify::Artifact::Bytes(ARTIFACT);
        let refused = crate::world::judge(
            lie.as_bytes(),
            &artifact,
            world.keyless(),
            days(world.time, 1),
        );
        assert_eq!(refused.unwrap_err(), code, "{what}");
    }
}
