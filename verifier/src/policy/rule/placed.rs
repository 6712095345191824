//! Rules on predicates with the lines that they come from.

use std::collections::BTreeMap;

use super::provenance::{ProvenanceRule, Unmet};
use super::summary::SummaryRule;
use super::{Facts, Judged, Remark};
use crate::claim::provenance::Provenance;
use crate::claim::summary::VerificationSummary;
use crate::content::ContentError;
use crate::verdict::Position;

/// A rule, and the lines of its conditions by the name of the field.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Placed<R> {
    pub(in crate::policy) rule: R,
    pub(in crate::policy) positions: BTreeMap<&'static str, Position>,
    pub(in crate::policy) position: Option<Position>,
}

/// A rule on provenance.
pub(in crate::policy) type PlacedProvenance = Placed<ProvenanceRule>;
/// A rule on verification summaries.
pub(in crate::policy) type PlacedSummary = Placed<SummaryRule>;

impl PlacedProvenance {
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let read = |kind: &str, text: &str| Provenance::read(kind, text);
        self.report(facts, judged, read, ProvenanceRule::check);
    }
}

impl PlacedSummary {
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let read = |kind: &str, text: &str| VerificationSummary::read(kind, text);
        self.report(facts, judged, read, SummaryRule::check);
    }
}

impl<R> Placed<R> {
    fn report<P>(
        &self,
        facts: &Facts<'_>,
        judged: &mut Judged,
        read: impl Fn(&str, &str) -> Result<P, ContentError>,
        check: impl Fn(&R, &P) -> Vec<Unmet>,
    ) {
        let Some(statement) = facts.statement() else {
            return;
        };
        let predicate = statement
            .predicate
            .as_ref()
            .map_or("null", |predicate| predicate.get());
        match read(&statement.predicate_type, predicate) {
            Err(error) => judged.refuse(Remark::unreadable(&error, self.position.as_ref())),
            Ok(predicate) => {
                for unmet in check(&self.rule, &predicate) {
                    let line = self.positions.get(unmet.field).or(self.position.as_ref());
                    judged.refuse(Remark::new(unmet.code, unmet.expected, unmet.found, line));
                }
            }
        }
    }
}
