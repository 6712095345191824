//! One signer from cosign's flag names, in place of a policy document.

use std::path::Path;

use sovverify::Code;
use sovverify::policy::{FlagLog, FlagMatch, FlagPolicy, FlagSct, FlagTrust, PolicySet};
use sovverify::trust::MAX_TRUSTED_ROOT_BYTES;

use super::files::{MAX_PEM_BYTES, read_text};
use crate::args::{IdentityArgs, TrustArgs};
use crate::problem::Stopped;

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
        trust: match &trust.trusted_root {
            Some(path) => FlagTrust::TrustedRoot(trusted_root(path)?),
            None => FlagTrust::Unspecified,
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
    flags.compile().map_err(|error| {
        let code = match error.code() {
            Code::PolicyInvalid => Code::UsageInvalid,
            other => other,
        };
        Stopped::new(code, "the flags name no signer that can be verified").found(error.to_string())
    })
}

/// The text of a `trusted_root.json`.
pub(crate) fn trusted_root(path: &Path) -> Result<String, Stopped> {
    let limit = u64::try_from(MAX_TRUSTED_ROOT_BYTES).unwrap_or(u64::MAX);
    read_text(path, limit)
}

fn either(exact: Option<&String>, regexp: Option<&String>) -> Option<FlagMatch> {
    let exact = exact.cloned().map(FlagMatch::Exact);
    exact.or_else(|| regexp.cloned().map(FlagMatch::Regexp))
}
