//! Whose VEX statements count, and which.

use serde_json::{Value, json};

use super::MaxAge;
use crate::policy::predicate::Types;
use crate::verdict::Position;
use crate::vex::{Justification, Status, Suppressible};

/// Whose VEX statements count, and which.
#[derive(Clone, Debug)]
pub(in crate::policy) struct VexRule {
    /// Names of signers.
    pub(in crate::policy) by: Vec<String>,
    /// Types of predicates that hold VEX documents.
    pub(in crate::policy) types: Types,
    /// Which statuses and justifications suppress.
    pub(in crate::policy) suppressible: Suppressible,
    pub(in crate::policy) max_age: Option<MaxAge>,
    pub(in crate::policy) position: Option<Position>,
}

impl VexRule {
    pub(super) fn canonical(&self) -> Value {
        let mut by = self.by.clone();
        by.sort();
        let Suppressible {
            statuses,
            justifications,
        } = &self.suppressible;
        let statuses: Vec<&str> = statuses.iter().copied().map(Status::name).collect();
        let justifications = justifications.as_ref();
        let justifications: Option<Vec<&str>> =
            justifications.map(|list| list.iter().copied().map(Justification::name).collect());
        json!({
            "by": by,
            "types": self.types.canonical(),
            "statuses": statuses,
            "justifications": justifications,
            "maxAge": self.max_age.as_ref().map(MaxAge::canonical),
        })
    }
}
