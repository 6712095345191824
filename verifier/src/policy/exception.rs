//! How far a policy may give way, compiled.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::verdict::Position;

/// Who may sign exceptions from a policy, and how far they may go.
#[derive(Clone, Debug)]
pub(super) struct ExceptionRule {
    /// Names of signers.
    pub(super) by: Vec<String>,
    pub(super) at_least: usize,
    /// The requirements from which there may be exceptions; all where absent.
    pub(super) requirements: Option<BTreeSet<String>>,
    /// How long an exception may live.
    pub(super) max_validity: SignedDuration,
    /// How many images one exception may name.
    pub(super) max_images: usize,
    pub(super) position: Option<Position>,
}

impl ExceptionRule {
    /// The rule as a part of the policy's identity.
    pub(super) fn canonical(&self) -> Value {
        let by: BTreeSet<&String> = self.by.iter().collect();
        json!({
            "by": by,
            "atLeast": self.at_least,
            "requirements": self.requirements,
            "maxValidity": self.max_validity.as_secs(),
            "maxImages": self.max_images,
        })
    }
}
