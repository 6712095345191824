//! The next step where it is the content of evidence that is not as a policy wants it.

use crate::code::Code;

const BUILD: &str = "build the image as the rule wants it, or change the rule";
const WRITE: &str = "have the tool that wrote it write a whole document, and sign that";
const SUMMARY: &str = "have the image verified as the rule wants it, or change the rule";
const RENEW: &str = "make a new one: what was known then is not what is known now";

/// What to do about a finding with this code.
pub(super) const fn of(code: Code) -> Option<&'static str> {
    let text = match code {
        Code::AttestationUntrusted => {
            "attest with one of the signers of this rule, or add the signer above to it"
        }
        Code::AttestationPredicateMalformed | Code::SbomMalformed | Code::SbomSchemaViolation => {
            WRITE
        }
        Code::VulnerabilityMalformed | Code::VexMalformed | Code::ExceptionMalformed => WRITE,
        Code::AttestationPredicateMismatch | Code::SbomFormatMismatch => {
            "attest the document under the type that it has"
        }
        Code::AttestationTooOld | Code::SbomTooOld | Code::VulnerabilityScanTooOld => RENEW,
        Code::ProvenanceBuilderMismatch
        | Code::ProvenanceSourceMismatch
        | Code::ProvenanceRefMismatch
        | Code::ProvenanceConditionUnmet => BUILD,
        Code::ProvenanceLevelTooLow => {
            "build with a builder of `builders`, or add the builder above with the level that it deserves"
        }
        Code::SummaryVerifierMismatch
        | Code::SummaryFailed
        | Code::SummaryResourceMismatch
        | Code::SummaryLevelTooLow
        | Code::SummaryPolicyMismatch => SUMMARY,
        Code::SbomUnsigned => "sign it: `cosign attest` in place of `cosign attach sbom`",
        _ => return of_contents(code),
    };
    Some(text)
}

const fn of_contents(code: Code) -> Option<&'static str> {
    let text = match code {
        Code::SbomUnsupported => "write SPDX 2.2 to 3.0 or CycloneDX 1.4 to 1.7",
        Code::SbomEmpty => "write an SBOM that lists what is in the image",
        Code::SbomSubjectMismatch => "write the SBOM of this very image, by its digest",
        Code::SbomProfileViolation | Code::SbomCoverageTooLow | Code::SbomHashMissing => {
            "complete the SBOM; `sovverify sbom check` lists everything that is missing"
        }
        Code::SbomPackageDenied | Code::SbomLicenseDenied => {
            "build the image without it, or have an exception signed"
        }
        Code::SbomPackageNotAllowed | Code::SbomLicenseNotAllowed => {
            "build the image without it, or allow it in this rule"
        }
        Code::VulnerabilityFound => {
            "build the image with a fixed version, or have a VEX statement or an exception signed"
        }
        Code::VulnerabilityUnassessed => {
            "write an SBOM with package URLs and versions, or allow some with `maxUnassessed`"
        }
        Code::VulnerabilityDatabaseTooOld => "bring a newer database across",
        Code::VexUntrusted => "name the signer in `vex: { by: … }`, if it may speak",
        Code::VexSuppressed => "nothing has to be done; the statement is in the report",
        Code::VexConflict => "have the statements corrected, so that they agree",
        Code::ExpressionUnmet | Code::ExpressionFailed => {
            "compare the expression with the evidence: `sovverify inspect -v`"
        }
        Code::ExpressionTooCostly => "write a simpler condition, or use a field of the policy",
        Code::ExceptionUsed => "end the exception as soon as the requirement can be met",
        Code::ExceptionExpired => "meet the requirement, or have a new exception signed",
        Code::ExceptionTooBroad => "name fewer images and requirements, and an earlier end",
        Code::ExceptionUntrusted | Code::ExceptionThreshold => {
            "have it signed by those whom the policy names in `exceptions`"
        }
        Code::ExceptionOtherImage => "have an exception for this very image signed, by its digest",
        _ => return None,
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_is_the_one_for_this_news() {
        for (code, word) in [
            (Code::AttestationUntrusted, "attest with one"),
            (Code::SbomMalformed, WRITE),
            (Code::VexMalformed, WRITE),
            (Code::SbomFormatMismatch, "the type that it has"),
            (Code::VulnerabilityScanTooOld, RENEW),
            (Code::ProvenanceRefMismatch, BUILD),
            (Code::ProvenanceLevelTooLow, "deserves"),
            (Code::SummaryFailed, SUMMARY),
            (Code::SbomUnsigned, "cosign attest"),
            (Code::SbomUnsupported, "SPDX 2.2"),
            (Code::SbomEmpty, "lists what is in"),
            (Code::SbomSubjectMismatch, "this very image"),
            (Code::SbomCoverageTooLow, "sbom check"),
            (Code::SbomLicenseDenied, "an exception signed"),
            (Code::SbomLicenseNotAllowed, "allow it in this rule"),
            (Code::VulnerabilityFound, "a fixed version"),
            (Code::VulnerabilityUnassessed, "maxUnassessed"),
            (Code::VulnerabilityDatabaseTooOld, "newer database"),
            (Code::VexUntrusted, "name the signer"),
            (Code::VexSuppressed, "nothing has to be done"),
            (Code::VexConflict, "so that they agree"),
            (Code::ExpressionFailed, "inspect -v"),
            (Code::ExpressionTooCostly, "simpler"),
            (Code::ExceptionUsed, "end the exception"),
            (Code::ExceptionExpired, "a new exception"),
            (Code::ExceptionTooBroad, "name fewer"),
            (Code::ExceptionThreshold, "names in `exceptions`"),
            (Code::ExceptionOtherImage, "by its digest"),
        ] {
            assert!(of(code).unwrap_or_default().contains(word), "{code}");
        }
        assert_eq!(of(Code::SignatureMissing), None);
    }
}
