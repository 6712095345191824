//! An own look-up: a signed SBOM against an offline database.

use std::sync::Arc;

use serde_json::{Value, json};

use super::severity::Tolerance;
use super::{Facts, Judged, MaxAge, Remark};
use crate::code::Code;
use crate::verdict::Position;
use crate::vulnerability::osv::{Assessment, Database};

/// What a look-up must come to.
#[derive(Clone, Debug)]
pub(in crate::policy) struct LookupRule {
    pub(in crate::policy) database: Arc<Database>,
    /// How old the newest record may be: a database that nobody refreshes knows nothing new.
    pub(in crate::policy) max_age: Option<MaxAge>,
    /// Components that cannot be looked up, at most, in percent.
    pub(in crate::policy) max_unassessed: u32,
    pub(in crate::policy) tolerance: Tolerance,
    pub(in crate::policy) position: Option<Position>,
}

impl LookupRule {
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let Some(statement) = facts.statement() else {
            return;
        };
        self.database_age(facts, judged);
        let sbom = match facts.contents.sbom(facts.index, statement) {
            Ok(sbom) => sbom,
            Err(error) => {
                judged.refuse(Remark::unreadable(&error, self.position.as_ref()));
                return;
            }
        };
        if let Some(remark) = super::sbom::broken(&sbom, self.position.as_ref()) {
            judged.refuse(remark);
        }
        let assessment = match self.database.matches(&sbom) {
            Ok(assessment) => assessment,
            Err(error) => {
                judged.refuse(Remark::unreadable(&error, self.position.as_ref()));
                return;
            }
        };
        self.coverage(&assessment, judged);
        self.tolerance.judge(&assessment.findings, facts, judged);
    }

    fn database_age(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let Some(max_age) = &self.max_age else {
            return;
        };
        let newest = self.database.newest();
        if newest.is_some_and(|newest| !max_age.is_old(newest, facts.time)) {
            return;
        }
        let found = newest.map_or_else(
            || "a database without dated records".to_owned(),
            |newest| format!("a database whose newest record is of {newest}"),
        );
        judged.refuse(Remark::new(
            Code::VulnerabilityDatabaseTooOld,
            max_age.expected(facts.time),
            found,
            max_age.position.as_ref(),
        ));
    }

    /// What cannot be looked up is not free of vulnerabilities.
    fn coverage(&self, assessment: &Assessment, judged: &mut Judged) {
        let unassessed = assessment
            .unassessed
            .len()
            .saturating_add(assessment.more_unassessed);
        let total = unassessed.saturating_add(assessment.assessed);
        let limit = usize::try_from(self.max_unassessed).unwrap_or(usize::MAX);
        if total > 0 && unassessed.saturating_mul(100) <= total.saturating_mul(limit) {
            return;
        }
        let found = match assessment.unassessed.first() {
            None => "no component at all".to_owned(),
            Some(first) => format!("{unassessed} of {total} that cannot, {first} among them"),
        };
        let expected = format!(
            "components that can be looked up, but for {}% of them",
            self.max_unassessed
        );
        let position = self.position.as_ref();
        judged.refuse(Remark::new(
            Code::VulnerabilityUnassessed,
            expected,
            found,
            position,
        ));
    }

    pub(super) fn canonical(&self) -> Value {
        json!({
            "database": self.database.digest().to_string(),
            "maxAge": self.max_age.as_ref().map(MaxAge::canonical),
            "maxUnassessed": self.max_unassessed,
            "tolerance": self.tolerance.canonical(),
        })
    }
}
