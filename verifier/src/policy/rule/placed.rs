//! Rules on predicates with the lines that they come from.

use std::collections::BTreeMap;

use super::provenance::{ProvenanceRule, Unmet};
use super::summary::SummaryRule;
use super::{Facts, Judged, MaxAge, Remark};
use crate::claim::provenance::Provenance;
use crate::claim::summary::VerificationSummary;
use crate::content::ContentError;
use crate::verdict::Position;

/// A rule, and the lines of its conditions by the name of the field.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Placed<R> {
    pub(in crate::policy) rule: R,
    pub(in crate::policy) positions: BTreeMap<&'static str, Position>,
    /// How old the predicate may be by its own word, where it has one.
    pub(in crate::policy) max_age: Option<MaxAge>,
    pub(in crate::policy) position: Option<Position>,
}

/// A rule on provenance.
pub(in crate::policy) type PlacedProvenance = Placed<ProvenanceRule>;
/// A rule on verification summaries.
pub(in crate::policy) type PlacedSummary = Placed<SummaryRule>;

impl PlacedProvenance {
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let read = |kind: &str, text: &str| Provenance::read(kind, text);
        let _ = self.report(facts, judged, read, ProvenanceRule::check);
    }
}

impl PlacedSummary {
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let read = |kind: &str, text: &str| VerificationSummary::read(kind, text);
        let summary = self.report(facts, judged, read, SummaryRule::check);
        let (Some(summary), Some(max_age)) = (summary, &self.max_age) else {
            return;
        };
        // A fresh signature on an old verification is an old verification.
        let verified = summary.time_verified;
        if verified.is_none_or(|time| max_age.is_old(time, facts.time)) {
            let found = verified.map_or("one without a time".to_owned(), |time| {
                format!("one that was verified at {time}")
            });
            let (expected, line) = (max_age.expected(facts.time), max_age.position.as_ref());
            judged.refuse(Remark::new(max_age.code, expected, found, line));
        }
    }
}

impl<R> Placed<R> {
    fn report<P>(
        &self,
        facts: &Facts<'_>,
        judged: &mut Judged,
        read: impl Fn(&str, &str) -> Result<P, ContentError>,
        check: impl Fn(&R, &P) -> Vec<Unmet>,
    ) -> Option<P> {
        let statement = facts.statement()?;
        let predicate = statement
            .predicate
            .as_ref()
            .map_or("null", |predicate| predicate.get());
        match read(&statement.predicate_type, predicate) {
            Err(error) => {
                judged.refuse(Remark::unreadable(&error, self.position.as_ref()));
                None
            }
            Ok(predicate) => {
                for unmet in check(&self.rule, &predicate) {
                    let line = self.positions.get(unmet.field).or(self.position.as_ref());
                    judged.refuse(Remark::new(unmet.code, unmet.expected, unmet.found, line));
                }
                Some(predicate)
            }
        }
    }
}
