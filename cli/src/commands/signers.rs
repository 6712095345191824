//! One signer from cosign's flag names, in place of a policy document.

use std::path::Path;

use sovverify::Code;
use sovverify::policy::{FlagError, FlagLog, FlagMatch, FlagPolicy, FlagSct, FlagTrust, PolicySet};

use super::trust::{trusted_root, unusable_key, unusable_root};
use crate::args::{IdentityArgs, TrustArgs};
use crate::problem::Stopped;
use sovverify_fetch::load::files::{MAX_PEM_BYTES, read_text};

/// The policy that the flags make: one signer, one requirement, every artifact.
pub(crate) fn policy(
    key: Option<&Path>,
    identity: &IdentityArgs,
    predicate_type: Option<&str>,
    trust: &TrustArgs,
) -> Result<PolicySet, Stopped> {
    let flags = FlagPolicy {
        key: key.map(|path| read_text(path, MAX_PEM_BYTES)).transpose()?,
        key_hash: trust.signature_digest_algorithm.map(Into::into),
        identity: either(
            identity.certificate_identity.as_ref(),
            identity.certificate_identity_regexp.as_ref(),
        ),
        issuer: either(
            identity.certificate_oidc_issuer.as_ref(),
            identity.certificate_oidc_issuer_regexp.as_ref(),
        ),
        trust: match (&trust.trusted_root, trust.sigstore_instance) {
            (Some(path), _) => FlagTrust::TrustedRoot(trusted_root(path)?),
            (None, Some(instance)) => FlagTrust::Embedded(instance.into()),
            (None, None) => FlagTrust::Unspecified,
        },
        log: if trust.insecure_ignore_tlog {
            FlagLog::DangerIgnored
        } else {
            FlagLog::Required
        },
        sct: if trust.insecure_ignore_sct {
            FlagSct::DangerIgnored
        } else {
            FlagSct::Required
        },
        predicate_type: predicate_type.map(ToOwned::to_owned),
    };
    flags.compile().map_err(|error| match error {
        FlagError::Key(error) => unusable_key(key.unwrap_or(Path::new("--key")), &error),
        FlagError::Trust(error) => {
            let path = trust.trusted_root.as_deref();
            unusable_root(path.unwrap_or(Path::new("embedded")), &error)
        }
        other => contradictory(&other),
    })
}

/// Flags that do not go together, or say nothing that can be compared.
fn contradictory(error: &FlagError) -> Stopped {
    let (expected, found) = match error {
        FlagError::NoIssuer => ("`--certificate-oidc-issuer` beside the identity", "none"),
        FlagError::NoIdentity => ("`--certificate-identity` beside the issuer", "none"),
        FlagError::TwoSigners => ("`--key` or `--certificate-identity`", "both"),
        FlagError::Pattern {
            expected, found, ..
        } => (expected.as_str(), found.as_str()),
        FlagError::Type { known, found, near } => {
            let stopped = Stopped::new(Code::UsageInvalid, "unknown attestation type")
                .expected(format!("a URI or {known}"))
                .found(format!("`{found}`"));
            return match near {
                Some(near) => stopped.hint(format!("did you mean `{near}`?")),
                None => stopped,
            };
        }
        _ => ("one signer", "none"),
    };
    let stopped = Stopped::new(
        Code::UsageInvalid,
        "the flags name no signer to compare with",
    );
    stopped.expected(expected).found(found)
}

fn either(exact: Option<&String>, regexp: Option<&String>) -> Option<FlagMatch> {
    let exact = exact.cloned().map(FlagMatch::Exact);
    exact.or_else(|| regexp.cloned().map(FlagMatch::Regexp))
}
