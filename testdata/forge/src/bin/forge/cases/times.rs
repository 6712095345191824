//! Lies about times.

use sovverify_forge::{Bundle, Log, SIGNING_TIME, at};

use super::case::{Case, Policy, TRUSTED_ROOT, release_under};
use super::{Workshop, signed, with_bundle};

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let stamped = || workshop.release().timestamped(1).statement(&signed());
    let v2 = || workshop.release().logged_in(Log::V2).statement(&signed());
    vec![
        denied(
            "missing",
            "Rekor v2 tells no time, and there is no timestamp.",
            "timestamp/missing",
            &v2(),
        ),
        with_bundle(
            "timestamp/missing-second",
            "Two sources of time are wanted; there is one.",
            release_under(TRUSTED_ROOT, "  require: { timestamp: 2 }\n"),
            &workshop.release().statement(&signed()),
        )
        .denied("timestamp/missing"),
        denied(
            "invalid",
            "The timestamp is that of another signature.",
            "timestamp/invalid",
            &stamped().timestamp_for_other_signature(&stamped()),
        ),
        denied(
            "invalid-tampered",
            "One bit of the timestamp's signature is flipped.",
            "timestamp/invalid",
            &stamped().timestamp_tampered(),
        ),
        denied(
            "invalid-stranger",
            "The timestamp is by a stranger under the trusted authority's name.",
            "timestamp/invalid",
            &stamped().timestamped_by_stranger(&workshop.stranger, at(SIGNING_TIME)),
        ),
        with_bundle(
            "timestamp/outside-authority",
            "The timestamp authority had retired before the timestamp.",
            release_under("../../../trust/cases/timestamper-retired.json", ""),
            &stamped(),
        )
        .denied("timestamp/outside-authority"),
        denied(
            "later-than-verification",
            "The verification is about a day before the signature.",
            "timestamp/later-than-verification",
            &stamped(),
        )
        .judged_at("2026-03-01T11:04:05Z"),
    ]
}

fn denied(name: &str, about: &str, code: &'static str, bundle: &Bundle) -> Case {
    let name = format!("timestamp/{name}");
    with_bundle(&name, about, Policy::RELEASE, bundle).denied(code)
}
