//! Rules: what a policy demands of the content of verified evidence.
//!
//! A rule looks at one claim and says what is wrong with it. Rules of one requirement are never
//! spread over two claims: one claim must meet them all.
//!
//! **Invariant**: a rule that finds nothing to judge refuses; an empty list never passes.

mod age;
mod condition;
mod contents;
mod facts;
mod inputs;
mod kind;
mod lookup;
mod placed;
pub(super) mod provenance;
pub(super) mod sbom;
mod scan;
pub(super) mod severity;
pub(super) mod summary;
pub(super) mod vex;

use serde_json::{Value, json};

pub(super) use age::MaxAge;
pub(super) use condition::{ConditionRule, Variable};
pub(super) use contents::Contents;
pub(super) use facts::{Attested, Facts, ImageFacts};
pub(super) use kind::KindRule;
pub(super) use lookup::LookupRule;
pub(super) use placed::{Placed, PlacedProvenance, PlacedSummary};
pub(super) use scan::ScanRule;

use crate::code::Code;
use crate::content::ContentError;
use crate::verdict::Position;

/// Remarks of one rule on one claim that are kept; more are counted.
pub(super) const MAX_REMARKS: usize = 64;

/// One demand on the content of a claim.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    Kind(KindRule),
    MaxAge(MaxAge),
    Provenance(Box<PlacedProvenance>),
    Summary(Box<PlacedSummary>),
    Sbom(Box<sbom::SbomRule>),
    Scan(Box<ScanRule>),
    Lookup(Box<LookupRule>),
    Condition(Box<ConditionRule>),
}

/// What is wrong, or worth saying, in the rule's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) code: Code,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) position: Option<Position>,
}

/// What rules say about one claim.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    /// Why the claim does not count; it does where this is empty.
    pub(super) unmet: Vec<Remark>,
    /// Remarks that are not kept.
    pub(super) omitted: usize,
    /// What a reader should hear although the claim counts.
    pub(super) notes: Vec<Remark>,
}

impl Rule {
    /// Judges one claim.
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        match self {
            Self::Kind(rule) => rule.judge(facts, judged),
            Self::MaxAge(rule) => rule.judge(facts, judged),
            Self::Provenance(rule) => rule.judge(facts, judged),
            Self::Summary(rule) => rule.judge(facts, judged),
            Self::Sbom(rule) => rule.judge(facts, judged),
            Self::Scan(rule) => rule.judge(facts, judged),
            Self::Lookup(rule) => rule.judge(facts, judged),
            Self::Condition(rule) => rule.judge(facts, judged),
        }
    }

    /// Whether it is a condition that may look at the image as it was written.
    pub(super) fn reads_image(&self) -> bool {
        matches!(self, Self::Condition(rule) if rule.reads_image())
    }

    /// The rule as a part of the policy's identity.
    pub(super) fn canonical(&self) -> Value {
        match self {
            Self::Kind(_) => json!("readable"),
            Self::MaxAge(rule) => json!({ "maxAge": rule.canonical() }),
            Self::Provenance(rule) => json!({ "provenance": rule.rule.canonical() }),
            Self::Summary(rule) => json!({ "summary": rule.rule.canonical() }),
            Self::Sbom(rule) => json!({ "sbom": rule.canonical() }),
            Self::Scan(rule) => json!({ "scan": rule.canonical() }),
            Self::Lookup(rule) => json!({ "lookup": rule.canonical() }),
            Self::Condition(rule) => json!({ "cel": rule.canonical() }),
        }
    }
}

impl Remark {
    pub(super) fn new(
        code: Code,
        expected: impl Into<String>,
        found: impl Into<String>,
        position: Option<&Position>,
    ) -> Self {
        Self {
            code,
            expected: expected.into(),
            found: found.into(),
            position: position.cloned(),
        }
    }

    /// A document inside the claim that cannot be read.
    pub(super) fn unreadable(error: &ContentError, position: Option<&Position>) -> Self {
        let found = format!("{} at {}", error.found, error.place);
        Self::new(error.code, error.expected.clone(), found, position)
    }
}

impl Judged {
    /// One more reason why the claim does not count.
    pub(super) fn refuse(&mut self, remark: Remark) {
        if self.unmet.len() < MAX_REMARKS {
            self.unmet.push(remark);
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// One more thing worth saying.
    pub(super) fn note(&mut self, remark: Remark) {
        if self.notes.len() < MAX_REMARKS {
            self.notes.push(remark);
        }
    }

    /// Whether the claim counts.
    pub(super) fn is_met(&self) -> bool {
        self.unmet.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_kept_up_to_a_bound_and_counted() {
        let one = Remark::new(Code::PolicyInvalid, "x", "y", None);
        let mut judged = Judged::default();
        for _ in 0..MAX_REMARKS {
            judged.refuse(one.clone());
            judged.note(one.clone());
        }
        assert_eq!((judged.unmet.len(), judged.omitted), (MAX_REMARKS, 0));
        judged.refuse(one.clone());
        judged.note(one);
        assert_eq!((judged.unmet.len(), judged.omitted), (MAX_REMARKS, 1));
        assert_eq!(judged.notes.len(), MAX_REMARKS);
    }
}
