//! The next step for each kind of bad news that evidence can bring.

mod content;

use crate::code::Code;

const CHANGED: &str = "the evidence was changed, or belongs to something else: do not run the image, and get its evidence again from the signer";
const OTHER: &str = "another key made it, or the evidence was changed: do not use it until you know which; `sovverify inspect --key FILE` tells which key verifies";
const RENEW: &str = "sign again: the certificate did not cover the time of the signature";
const TRUST: &str = "if you trust it, add it to the trust root; else do not run the image";

/// What to do about a finding with this code.
pub(super) fn of(code: Code) -> Option<String> {
    let text = match code {
        Code::CertificateIdentityMismatch => {
            "sign with the expected identity, or add the identity above to this rule"
        }
        Code::CertificateIssuerMismatch => {
            "sign with a token of the expected issuer, or add the issuer above to this rule"
        }
        Code::CertificateClaimMismatch => {
            "build as the rule wants it, or change the claim in this rule"
        }
        Code::SignatureMissing => "sign the image, or copy its signatures along with it",
        Code::AttestationMissing => "attest the image, or copy its attestations along with it",
        Code::SignatureThreshold | Code::AttestationThreshold => {
            "more of the listed signers must sign; two names of one signer count once"
        }
        Code::SignatureInvalid => OTHER,
        Code::KeyMismatch => "sign with that key, or name the signer's own in this rule",
        Code::KeyOutsideValidity | Code::KeyAlgorithmForbidden | Code::KeyUnsupported => {
            "sign with a key that the trust root allows at that time"
        }
        Code::CertificateAlgorithmForbidden
        | Code::TransparencyAlgorithmForbidden
        | Code::TimestampAlgorithmForbidden => {
            "use an authority or log with an allowed algorithm, or allow this one in the trust root for this role alone: `algorithms: { profile: …, log: […] }`"
        }
        Code::KeyAlgorithmDeprecated => {
            "plan for another algorithm, or for a quantum-safe signature beside this one"
        }
        Code::CertificateExpired | Code::CertificateNotYetValid => RENEW,
        Code::CertificateUntrusted | Code::TransparencyUnknownLog => TRUST,
        Code::CertificateSctMissing => {
            "have the certificate logged, or ask for no SCT in the trust root: `require: { sct: false }`"
        }
        Code::TransparencyMissing => {
            "log the signature when signing, or ask for fewer logs in the trust root: `require: { log: 0 }`"
        }
        Code::TransparencyProofMissing => {
            "sign with a client that keeps the proof, or accept promises in the trust root: `require: { inclusion: promise }`"
        }
        Code::TimestampMissing => {
            "have the signature timestamped, or ask for fewer times in the trust root: `require: { timestamp: 0 }`"
        }
        Code::TimestampLaterThanVerification => {
            "verify as of a later time with `--at`, if evidence of that time should count"
        }
        Code::LimitExceeded => {
            "remove what does not belong to the image; a real signature needs far less"
        }
        Code::BundleUnsupported => "sign with a client that writes Sigstore bundles v0.1 to v0.3",
        Code::BundleSecondOpinion => {
            "do not run the image, keep the evidence and report it: two verifiers disagree"
        }
        _ => {
            return content::of(code)
                .or(area(code).filter(|area| is_evidence(area)).map(|_| CHANGED))
                .map(ToOwned::to_owned);
        }
    };
    Some(text.to_owned())
}

fn area(code: Code) -> Option<&'static str> {
    code.name().split_once('/').map(|(area, _)| area)
}

fn is_evidence(area: &str) -> bool {
    matches!(
        area,
        "bundle" | "signature" | "certificate" | "transparency" | "timestamp" | "subject"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_evidence_says_what_to_do() {
        let areas = [
            "attestation",
            "bundle",
            "certificate",
            "key",
            "limit",
            "exception",
            "expression",
            "provenance",
            "sbom",
            "signature",
            "subject",
            "summary",
            "timestamp",
            "transparency",
            "vex",
            "vulnerability",
        ];
        for code in Code::ALL
            .iter()
            .filter(|code| area(**code).is_some_and(|area| areas.contains(&area)))
        {
            let hint = of(*code);
            assert!(
                hint.is_some() || code.class() == crate::Class::Input,
                "{code}"
            );
            assert!(hint.is_none_or(|hint| hint.len() > 20), "{code}");
        }
    }

    #[test]
    fn the_next_step_is_the_one_for_this_news() {
        for (code, word) in [
            (Code::CertificateIdentityMismatch, "add the identity"),
            (Code::CertificateIssuerMismatch, "add the issuer"),
            (Code::CertificateClaimMismatch, "change the claim"),
            (Code::SignatureMissing, "copy its signatures"),
            (Code::AttestationMissing, "copy its attestations"),
            (Code::SignatureThreshold, "count once"),
            (Code::AttestationThreshold, "count once"),
            (Code::SignatureInvalid, "inspect --key"),
            (Code::KeyMismatch, "sign with that key"),
            (Code::KeyOutsideValidity, "at that time"),
            (Code::CertificateAlgorithmForbidden, "algorithms:"),
            (Code::KeyAlgorithmDeprecated, "quantum-safe"),
            (Code::CertificateExpired, "sign again"),
            (Code::CertificateNotYetValid, "sign again"),
            (Code::CertificateUntrusted, "if you trust it"),
            (Code::TransparencyUnknownLog, "if you trust it"),
            (Code::CertificateSctMissing, "sct: false"),
            (Code::TransparencyMissing, "log: 0"),
            (Code::TransparencyProofMissing, "inclusion: promise"),
            (Code::TimestampMissing, "timestamp: 0"),
            (Code::TimestampLaterThanVerification, "--at"),
            (Code::LimitExceeded, "needs far less"),
            (Code::BundleUnsupported, "v0.1 to v0.3"),
            (Code::BundleSecondOpinion, "report it"),
            (Code::BundleMalformed, "from the signer"),
            (Code::SubjectMismatch, "from the signer"),
        ] {
            let hint = of(code).unwrap_or_default();
            assert!(hint.contains(word), "{code}: {hint}");
        }
        assert_eq!(of(Code::RegistryTimeout), None);
    }
}
