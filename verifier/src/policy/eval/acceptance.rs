//! Whether a signer of the policy made a verified claim, and if not, what was missing.

use super::reason::{describe, untrusted};
use super::requirement::Case;
use crate::claim::{CertificateIdentity, Claim, Content, Signer};
use crate::code::Code;
use crate::policy::rule::Remark;
use crate::policy::set::PolicySet;
use crate::policy::signer::{Holder, Mismatch, SignerRule};
use crate::time::VerificationTime;
use crate::verdict::Position;

/// Why a signer of the policy does not accept a verified claim.
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) position: Option<Position>,
}

impl From<Remark> for Refusal {
    fn from(remark: Remark) -> Self {
        Self {
            code: remark.code,
            expected: remark.expected,
            found: remark.found,
            position: remark.position,
        }
    }
}

impl Refusal {
    pub(super) fn rank(&self) -> u8 {
        self.code.rank()
    }
}

/// Whether `signer` accepts `claim`, every constraint on this one claim.
pub(super) fn accepts(
    case: &Case<'_>,
    signer: &SignerRule,
    claim: &Claim,
) -> Result<(), Box<Refusal>> {
    let wanted = || (untrusted(&case.requirement.kind), describe(case));
    made_by((case.set, case.evidence.time), signer, claim, wanted)?;
    if let Some((name, wanted)) = case.requirement.kind.annotation_mismatch(&claim.content) {
        let position = case.requirement.position.as_ref();
        return Err(Box::new(Refusal {
            code: Code::SignatureAnnotationMismatch,
            expected: format!("annotation `{name}`: {}", wanted.describe()),
            found: annotation(claim, name),
            position: position.or(signer.position.as_ref()).cloned(),
        }));
    }
    Ok(())
}

/// Whether `claim` was made by `signer`.
pub(super) fn is_made_by(
    set: &PolicySet,
    signer: &SignerRule,
    claim: &Claim,
    time: VerificationTime,
) -> bool {
    made_by((set, time), signer, claim, || {
        (Code::SignatureUntrusted, String::new())
    })
    .is_ok()
}

/// Whether `claim` was made by `signer`; `wanted` says what is missing where somebody else made it.
fn made_by(
    (set, time): (&PolicySet, VerificationTime),
    signer: &SignerRule,
    claim: &Claim,
    wanted: impl Fn() -> (Code, String),
) -> Result<(), Box<Refusal>> {
    let refuse = |(code, expected): (Code, String), found: String, position: Option<&Position>| {
        Err(Box::new(Refusal {
            code,
            expected,
            found,
            position: position.or(signer.position.as_ref()).cloned(),
        }))
    };
    if claim.anchor != signer.anchor {
        return refuse(wanted(), signed(claim), None);
    }
    match (&signer.holder, &claim.signer) {
        (Holder::Key { fingerprint, .. }, Signer::Key(key)) if *fingerprint == key.fingerprint => {}
        (Holder::Certificate(rule), Signer::Certificate(identity)) => {
            if let Some(mismatch) = rule.mismatch(identity) {
                return Err(Box::new(mismatched(&mismatch, identity, claim)));
            }
        }
        _ => return refuse(wanted(), signed(claim), None),
    }
    let root = signer.root.as_ref().and_then(|name| set.roots.get(name));
    if let Some(root) = root
        && let Some(no) = root.algorithms.forbidden(claim, time)
    {
        return refuse((no.code, no.expected), no.found, root.position.as_ref());
    }
    Ok(())
}

/// The words for a certificate that is not as the rule wants it.
fn mismatched(mismatch: &Mismatch<'_>, identity: &CertificateIdentity, claim: &Claim) -> Refusal {
    let (code, expected, position, found) = match mismatch {
        Mismatch::Issuer(wanted) => (
            Code::CertificateIssuerMismatch,
            format!("issuer {}", wanted.value.describe()),
            &wanted.position,
            identity.issuer.as_ref().map(|issuer| format!("`{issuer}`")),
        ),
        Mismatch::Identity(wanted) => {
            let names = identity.alternative_names.iter();
            let names: Vec<String> = names.map(|name| format!("`{}`", name.value())).collect();
            (
                Code::CertificateIdentityMismatch,
                format!("identity {}", wanted.value.describe()),
                &wanted.position,
                (!names.is_empty()).then(|| names.join(", ")),
            )
        }
        Mismatch::Subject(wanted) => (
            Code::CertificateIdentityMismatch,
            format!("subject {}", wanted.value.describe()),
            &wanted.position,
            Some(format!("`{}`", identity.subject)),
        ),
        Mismatch::Claim(extension, wanted) => (
            Code::CertificateClaimMismatch,
            format!("claim `{}`: {}", extension.name(), wanted.value.describe()),
            &wanted.position,
            identity
                .extensions
                .get(extension)
                .map(|found| format!("`{found}`")),
        ),
    };
    let found = found.unwrap_or_else(|| "nothing of that kind in the certificate".to_owned());
    Refusal {
        code,
        expected,
        found: format!("{found}, {}", when(claim)),
        position: position.clone(),
    }
}

/// When something was signed, as far as that is proven.
fn when(claim: &Claim) -> String {
    claim.times.first().map_or_else(
        || "signed at an unproven time".to_owned(),
        |time| format!("signed {}", time.time),
    )
}

pub(super) fn signed(claim: &Claim) -> String {
    format!("`{}`, {}", claim.signer, when(claim))
}

fn annotation(claim: &Claim, name: &str) -> String {
    match &claim.content {
        Content::SimpleSigning(payload) => payload.optional.get(name).map_or_else(
            || "no such annotation".to_owned(),
            |value| format!("`{value}`"),
        ),
        Content::Artifact | Content::Statement(_) => {
            "a signature of a form that carries no annotations".to_owned()
        }
    }
}
