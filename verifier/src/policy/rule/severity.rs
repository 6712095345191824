//! Which vulnerabilities a rule tolerates, and which do not count because somebody trusted says so.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::Attested;
use super::vex::VexRule;
use super::{Facts, Judged, Remark};
use crate::code::Code;
use crate::package::PackageUrl;
use crate::verdict::Position;
use crate::vex::{Decision, ImageProduct, Statements, VexStatement};
use crate::vulnerability::{Finding, Severity};

/// Remarks of one kind that are listed beside a verdict; more are counted. Three kinds and their counts
/// stay below what one claim may say.
const LISTED: usize = 20;

/// What is tolerated.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Tolerance {
    /// The highest severity that is.
    pub(in crate::policy) highest: Severity,
    pub(in crate::policy) position: Option<Position>,
    /// Who may say that a vulnerability does not matter.
    pub(in crate::policy) vex: Option<VexRule>,
}

impl Tolerance {
    /// Judges every finding; nothing is tolerated because its severity is unknown.
    pub(super) fn judge(&self, findings: &[Finding], facts: &Facts<'_>, judged: &mut Judged) {
        // The statement's own subject binds it to the image, so a product may name it by digest alone.
        let image = ImageProduct {
            digests: facts.digests(),
            purls: Vec::new(),
        };
        let (trusted, unheard) = (statements(facts.vex), statements(facts.unheard_vex));
        let mut notes = Notes::default();
        for finding in findings.iter().filter(|finding| self.is_above(finding)) {
            match self.answer(finding, &image, &trusted) {
                Decision::Suppressed { by } => {
                    let who = source_of(by, facts.vex).map_or("", |found| &found.signer);
                    notes.add(judged, Code::VexSuppressed, || {
                        self.suppressed(finding, by, who)
                    });
                }
                Decision::Conflict { contradicting, .. } => {
                    notes.add(judged, Code::VexConflict, || {
                        self.conflict(finding, contradicting)
                    });
                    judged.refuse(self.found(finding));
                }
                Decision::Open => {
                    let answer = self.answer(finding, &image, &unheard);
                    if let Decision::Suppressed { by } = answer
                        && let Some(source) = source_of(by, facts.unheard_vex)
                    {
                        let remark = self.unheard(finding, source, facts);
                        notes.add(judged, remark.code, || remark);
                    }
                    judged.refuse(self.found(finding));
                }
            }
        }
        notes.finish(judged, self.vex_position());
    }

    fn is_above(&self, finding: &Finding) -> bool {
        finding.severity.unwrap_or(Severity::Critical) > self.highest
    }

    fn answer<'a>(
        &self,
        finding: &Finding,
        image: &ImageProduct,
        statements: &Statements<'a>,
    ) -> Decision<'a> {
        let Some(rule) = &self.vex else {
            return Decision::Open;
        };
        let package = finding.package.as_deref();
        let component: Option<PackageUrl> = package.and_then(|purl| purl.parse().ok());
        statements.decide(finding, image, component.as_ref(), &rule.suppressible)
    }

    fn found(&self, finding: &Finding) -> Remark {
        let expected = self.expected();
        Remark::new(
            Code::VulnerabilityFound,
            expected,
            finding.label(),
            self.position.as_ref(),
        )
    }

    fn expected(&self) -> String {
        format!("no vulnerability above `{}`", self.highest.name())
    }

    fn vex_position(&self) -> Option<&Position> {
        self.vex.as_ref().and_then(|vex| vex.position.as_ref())
    }

    fn suppressed(&self, finding: &Finding, statement: &VexStatement, who: &str) -> Remark {
        let found = format!("{}: {}, says {who}", finding.label(), said(statement));
        Remark::new(
            Code::VexSuppressed,
            self.expected(),
            found,
            self.vex_position(),
        )
    }

    fn conflict(&self, finding: &Finding, stricter: &VexStatement) -> Remark {
        let expected = format!("one answer about {}", finding.id);
        let found = format!("two, of which this counts: {}", said(stricter));
        Remark::new(Code::VexConflict, expected, found, self.vex_position())
    }

    fn unheard(&self, finding: &Finding, source: &Attested, facts: &Facts<'_>) -> Remark {
        let vex = self.vex.as_ref();
        let who = &source.signer;
        let max_age = vex.and_then(|vex| vex.max_age.as_ref());
        if let (Some(max_age), Some(when)) = (max_age, &source.stale) {
            let found = format!("{} suppressed by {who}, {when}", finding.id);
            let position = max_age.position.as_ref();
            return Remark::new(max_age.code, max_age.expected(facts.time), found, position);
        }
        let names = vex.map_or(String::new(), |vex| vex.by.join("`, `"));
        let found = format!("{} suppressed by {who}", finding.id);
        let expected = format!("statements by `{names}`");
        Remark::new(Code::VexUntrusted, expected, found, self.vex_position())
    }

    pub(super) fn canonical(&self) -> Value {
        json!({
            "maxSeverity": self.highest.name(),
            "vex": self.vex.as_ref().map(VexRule::canonical),
        })
    }
}

/// How often each kind of remark was made.
#[derive(Default)]
struct Notes(BTreeMap<&'static str, (Code, usize)>);

impl Notes {
    fn add(&mut self, judged: &mut Judged, code: Code, remark: impl FnOnce() -> Remark) {
        let (_, count) = self.0.entry(code.name()).or_insert((code, 0));
        *count = count.saturating_add(1);
        if *count <= LISTED {
            judged.note(remark());
        }
    }

    /// Says how many were not listed.
    fn finish(self, judged: &mut Judged, position: Option<&Position>) {
        for (code, count) in self.0.into_values() {
            let more = count.saturating_sub(LISTED);
            if more > 0 {
                let found = format!("{more} more that are not listed");
                judged.note(Remark::new(code, "all that is known", found, position));
            }
        }
    }
}

fn statements(documents: &[Attested]) -> Statements<'_> {
    Statements::new(documents.iter().map(|attested| &*attested.document))
}

/// What a statement says, in its own words.
fn said(statement: &VexStatement) -> String {
    let why = statement
        .justification
        .map_or(String::new(), |why| format!(" ({why})"));
    format!("`{}`{why}", statement.status.name())
}

/// The document that holds `statement`.
fn source_of<'a>(statement: &VexStatement, documents: &'a [Attested]) -> Option<&'a Attested> {
    let statement = std::ptr::from_ref(statement);
    let holds = |attested: &&Attested| {
        let statements = attested.document.statements.as_ptr_range();
        statements.contains(&statement)
    };
    documents.iter().find(holds)
}
