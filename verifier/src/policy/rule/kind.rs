//! What calls itself a known kind of document must be readable as one, whatever else is asked.

use super::{Facts, Judged, Remark};
use crate::claim::Statement;
use crate::claim::provenance::Provenance;
use crate::claim::summary::VerificationSummary;
use crate::content::ContentError;
use crate::policy::predicate::Types;
use crate::verdict::Position;

/// A predicate of one of the kinds that we know must be of that kind.
///
/// Scan results are left out: what `cosign attest --type vuln` carries is whatever the scanner
/// printed, and a condition may know more about it than we do.
#[derive(Clone, Debug)]
pub(in crate::policy) struct KindRule {
    kind: Kind,
    pub(in crate::policy) position: Option<Position>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Provenance,
    Summary,
    Sbom,
    Vex,
}

impl KindRule {
    /// The rule for `types`, where they are all of one kind.
    pub(in crate::policy) fn of(types: &Types, position: Option<Position>) -> Option<Self> {
        let kind = match types {
            types if types.are_provenance() => Kind::Provenance,
            types if types.are_summaries() => Kind::Summary,
            types if types.are_sboms() => Kind::Sbom,
            types if types.are_vex() => Kind::Vex,
            _ => return None,
        };
        Some(Self { kind, position })
    }

    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let Some(statement) = facts.statement() else {
            return;
        };
        if let Err(error) = self.read(statement, facts) {
            judged.refuse(Remark::unreadable(&error, self.position.as_ref()));
        }
    }

    fn read(&self, statement: &Statement, facts: &Facts<'_>) -> Result<(), ContentError> {
        let kind = statement.predicate_type.as_str();
        let predicate = statement
            .predicate
            .as_ref()
            .map_or("null", |predicate| predicate.get());
        match self.kind {
            Kind::Provenance => Provenance::read(kind, predicate).map(|_| ()),
            Kind::Summary => VerificationSummary::read(kind, predicate).map(|_| ()),
            Kind::Sbom => facts.contents.sbom(facts.index, statement).map(|_| ()),
            Kind::Vex => facts.contents.vex(facts.index, statement).map(|_| ()),
        }
    }
}
