//! Attested scan results.

use serde_json::{Value, json};

use super::severity::Tolerance;
use super::{Facts, Judged, MaxAge, Remark};
use crate::code::Code;
use crate::verdict::Position;
use crate::vulnerability::scan::ScanReport;

/// What an attested scan must say.
#[derive(Clone, Debug)]
pub(in crate::policy) struct ScanRule {
    pub(in crate::policy) tolerance: Tolerance,
    pub(in crate::policy) max_age: Option<MaxAge>,
    pub(in crate::policy) position: Option<Position>,
}

impl ScanRule {
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let Some(statement) = facts.statement() else {
            return;
        };
        let scan = match facts.contents.scan(facts.index, statement) {
            Ok(scan) => scan,
            Err(error) => {
                judged.refuse(Remark::unreadable(&error, self.position.as_ref()));
                return;
            }
        };
        if let Some(max_age) = &self.max_age {
            max_age.judge(facts, judged);
            own_age(max_age, &scan, facts, judged);
        }
        self.tolerance.judge(&scan.findings, facts, judged);
    }

    pub(super) fn canonical(&self) -> Value {
        json!({
            "tolerance": self.tolerance.canonical(),
            "maxAge": self.max_age.as_ref().map(MaxAge::canonical),
        })
    }
}

/// A fresh signature on an old scan is an old scan, and so is a fresh scan by old knowledge.
fn own_age(max_age: &MaxAge, scan: &ScanReport, facts: &Facts<'_>, judged: &mut Judged) {
    let dates = [
        ("a scan of", scan.scanned),
        ("a scan with a database of", scan.database_updated),
    ];
    for (what, date) in dates {
        if let Some(date) = date.filter(|date| max_age.is_old(*date, facts.time)) {
            let expected = max_age.expected(facts.time);
            let found = format!("{what} {date}");
            let position = max_age.position.as_ref();
            judged.refuse(Remark::new(
                Code::VulnerabilityScanTooOld,
                expected,
                found,
                position,
            ));
        }
    }
}
