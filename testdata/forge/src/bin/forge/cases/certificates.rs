//! Lies about certificates.

use sovverify_forge::{Bundle, Identity, Name, PEOPLE_ISSUER, RELEASE_WORKFLOW, WORKFLOW_ISSUER};

use super::case::{Case, Policy};
use super::{Workshop, signed, with_bundle};

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = chains(workshop);
    cases.extend(identities(workshop));
    cases
}

fn denied(name: &str, about: &str, code: &'static str, bundle: &Bundle) -> Case {
    let name = format!("certificate/{name}");
    with_bundle(&name, about, Policy::RELEASE, bundle).denied(code)
}

fn chains(workshop: &Workshop) -> Vec<Case> {
    let release = || workshop.release();
    let honest = || release().statement(&signed());
    vec![
        denied(
            "malformed",
            "The certificate is cut in half.",
            "certificate/malformed",
            &honest().certificate_truncated(),
        ),
        denied(
            "untrusted",
            "A stranger issued the certificate under the trusted authority's name.",
            "certificate/untrusted",
            &release()
                .certified_by_stranger(&workshop.stranger)
                .statement(&signed()),
        ),
        denied(
            "untrusted-purpose",
            "The certificate is for TLS servers.",
            "certificate/untrusted",
            &release().certificate_for_a_server().statement(&signed()),
        ),
        denied(
            "expired",
            "The certificate had expired a day before the signature was logged.",
            "certificate/expired",
            &release()
                .certificate_expired_at_signing()
                .statement(&signed()),
        ),
        denied(
            "not-yet-valid",
            "The certificate became valid a day after the signature was logged.",
            "certificate/not-yet-valid",
            &release()
                .certificate_not_yet_valid_at_signing()
                .statement(&signed()),
        ),
        denied(
            "sct-missing",
            "The certificate carries no SCT.",
            "certificate/sct-missing",
            &release().sct_removed().statement(&signed()),
        ),
        denied(
            "sct-invalid",
            "The certificate carries the SCT of another certificate.",
            "certificate/sct-invalid",
            &release().sct_for_other_certificate().statement(&signed()),
        ),
        denied(
            "sct-invalid-stranger",
            "The certificate carries an SCT of a log that nobody trusts.",
            "certificate/sct-invalid",
            &release()
                .sct_of_stranger(&workshop.stranger)
                .statement(&signed()),
        ),
    ]
}

fn identities(workshop: &Workshop) -> Vec<Case> {
    let signed_by = |identity: Identity| workshop.release().identity(identity).statement(&signed());
    let nightly = Identity::workflow("nightly.yml", "refs/heads/main");
    let elsewhere = Identity::named(Name::Uri(RELEASE_WORKFLOW.to_owned()), PEOPLE_ISSUER);
    let longer = Name::Uri(format!("{RELEASE_WORKFLOW}.evil.example"));
    let lookalike = Identity::named(longer, WORKFLOW_ISSUER);
    let own_runner = Identity::release_workflow().with_extension(11, "self-hosted");
    vec![
        denied(
            "identity-mismatch",
            "Another workflow of the same repository signed.",
            "certificate/identity-mismatch",
            &signed_by(nightly),
        ),
        denied(
            "identity-mismatch-lookalike",
            "A workflow whose name begins like the right one signed, under the right issuer.",
            "certificate/identity-mismatch",
            &signed_by(lookalike),
        ),
        denied(
            "issuer-mismatch",
            "Another issuer vouched for the right identity.",
            "certificate/issuer-mismatch",
            &signed_by(elsewhere),
        ),
        with_bundle(
            "certificate/claim-mismatch",
            "The release workflow ran on somebody's own machine.",
            Policy::Shared("claims.yaml"),
            &signed_by(own_runner),
        )
        .denied("certificate/claim-mismatch"),
    ]
}
