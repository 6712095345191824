//! Which vulnerabilities a rule tolerates, and which do not count because somebody trusted says so.

use serde_json::{Value, json};

use super::facts::Trusted;
use super::vex::VexRule;
use super::{Facts, Judged, Remark};
use crate::code::Code;
use crate::package::PackageUrl;
use crate::verdict::Position;
use crate::vex::{Decision, ImageProduct, Statements, VexStatement};
use crate::vulnerability::{Finding, Severity};

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
            digests: facts.image.digests().to_vec(),
            purls: Vec::new(),
        };
        let (trusted, untrusted) = (statements(facts.vex), statements(facts.untrusted_vex));
        for finding in findings.iter().filter(|finding| self.is_above(finding)) {
            match self.answer(finding, &image, &trusted) {
                Decision::Suppressed { by } => {
                    let who = signer_of(by, facts.vex);
                    judged.note(self.suppressed(finding, by, &who));
                }
                Decision::Conflict { contradicting, .. } => {
                    judged.note(self.conflict(finding, contradicting));
                    judged.refuse(self.found(finding));
                }
                Decision::Open => {
                    let unheard = self.answer(finding, &image, &untrusted);
                    if let Decision::Suppressed { by } = unheard {
                        let who = signer_of(by, facts.untrusted_vex);
                        judged.note(self.unheard(finding, &who));
                    }
                    judged.refuse(self.found(finding));
                }
            }
        }
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

    fn unheard(&self, finding: &Finding, who: &str) -> Remark {
        let names = self
            .vex
            .as_ref()
            .map_or(String::new(), |vex| vex.by.join("`, `"));
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

fn statements(documents: &[Trusted]) -> Statements<'_> {
    Statements::new(documents.iter().map(|trusted| &*trusted.document))
}

/// What a statement says, in its own words.
fn said(statement: &VexStatement) -> String {
    let why = statement
        .justification
        .map_or(String::new(), |why| format!(" ({why})"));
    format!("`{}`{why}", statement.status.name())
}

/// Who signed the document that holds `statement`.
fn signer_of(statement: &VexStatement, documents: &[Trusted]) -> String {
    let holds = |trusted: &&Trusted| {
        let mut statements = trusted.document.statements.iter();
        statements.any(|held| std::ptr::eq(held, statement))
    };
    let trusted = documents.iter().find(holds);
    trusted.map_or_else(String::new, |trusted| trusted.signer.clone())
}
