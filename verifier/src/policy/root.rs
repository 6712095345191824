//! Trust roots as policies hold them: the material, what the document says beyond it, and how long it lasts.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::algorithms::Algorithms;
use super::diagnostic::Diagnostic;
use crate::code::Code;
use crate::digest::Digest;
use crate::time::VerificationTime;
use crate::trust::TrustRoot;
use crate::verdict::Position;

/// A trust root with what its document says beyond the material.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) digest: Digest,
    pub(super) trust: Arc<TrustRoot>,
    pub(super) warn_before: Option<SignedDuration>,
    pub(super) algorithms: Algorithms,
    pub(super) position: Option<Position>,
}

impl Root {
    /// How long it lasts.
    pub(super) fn term(&self, name: &str) -> TrustTerm {
        let expires = self.trust.expires();
        let before = |end: Timestamp| end.checked_sub(self.warn_before?).ok();
        TrustTerm {
            name: name.to_owned(),
            expires,
            warns_from: expires.and_then(before),
            position: self.position.clone(),
        }
    }
}

/// How long a trust root lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustTerm {
    /// Its name.
    pub name: String,
    /// When it ends, where it does.
    pub expires: Option<Timestamp>,
    /// From when on every verdict warns that it will.
    pub warns_from: Option<Timestamp>,
    /// Where it is declared, where a document does.
    pub position: Option<Position>,
}

impl TrustTerm {
    /// A warning to the authors of the document, where the trust root has expired at `time` or soon will.
    pub fn warning(&self, time: VerificationTime) -> Option<Diagnostic> {
        let now = time.timestamp();
        let (name, expires) = (&self.name, self.expires?);
        let (code, message) = if expires <= now {
            let message = format!(
                "trust root `{name}` expired at {expires}: what needs it is denied at any later time"
            );
            (Code::TrustExpired, message)
        } else if self.warns_from? <= now {
            let message = format!("trust root `{name}` expires at {expires}");
            (Code::TrustExpiresSoon, message)
        } else {
            return None;
        };
        let warning = Diagnostic::warning(code, self.position.clone()?, message);
        Some(warning.hint("renew the trust root"))
    }
}
