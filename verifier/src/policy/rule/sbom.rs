//! What a signed SBOM must say.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Facts, Judged, MaxAge, Remark};
use crate::code::Code;
use crate::package::PackagePattern;
use crate::policy::signer::Placed;
use crate::sbom::profile::{Profile, Shortfall};
use crate::sbom::rule::{
    self, Coverage, HashRule, LicenseRule, PackageRule, RuleFinding, RuleFindings, SubjectMatch,
};
use crate::sbom::{Family, Sbom};
use crate::verdict::Position;

/// What a signed SBOM must say.
#[derive(Clone, Debug, Default)]
pub(in crate::policy) struct SbomRule {
    pub(in crate::policy) checks: Vec<Placed<Check>>,
    pub(in crate::policy) position: Option<Position>,
}

/// One demand on an SBOM.
#[derive(Clone, Debug)]
pub(in crate::policy) enum Check {
    /// It has one of these formats.
    Formats(BTreeSet<Family>),
    Profile(Box<Profile>),
    Packages(PackageRule),
    Licenses {
        rule: LicenseRule,
        /// As they are written, for the policy's identity.
        written: Vec<String>,
        denies: bool,
    },
    Hashes(HashRule),
    Coverage(Coverage),
    /// It says that it describes the image.
    Subject,
    MaxAge(MaxAge),
}

impl SbomRule {
    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let Some(statement) = facts.statement() else {
            return;
        };
        let sbom = match facts.contents.sbom(facts.index, statement) {
            Ok(sbom) => sbom,
            Err(error) => {
                judged.refuse(Remark::unreadable(&error, self.position.as_ref()));
                return;
            }
        };
        for remark in self.always(&sbom) {
            judged.refuse(remark);
        }
        for check in &self.checks {
            check
                .value
                .judge(&sbom, (facts, check.position.as_ref()), judged);
        }
    }

    /// What no SBOM may be, whatever the policy asks: broken, or empty.
    fn always(&self, sbom: &Sbom) -> Vec<Remark> {
        let position = self.position.as_ref();
        let empty = rule::empty(sbom).map(|finding| remark(finding, position));
        broken(sbom, position).into_iter().chain(empty).collect()
    }

    pub(super) fn canonical(&self) -> Value {
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|check| check.value.canonical())
            .collect();
        checks.into()
    }
}

impl Check {
    fn judge(
        &self,
        sbom: &Sbom,
        (facts, position): (&Facts<'_>, Option<&Position>),
        judged: &mut Judged,
    ) {
        match self {
            Self::Formats(families) => {
                if !families.contains(&sbom.format.family) {
                    let names: Vec<&str> = families.iter().map(|family| family.name()).collect();
                    let (expected, found) = (names.join(" or "), sbom.format.to_string());
                    judged.refuse(Remark::new(
                        Code::SbomUnsupported,
                        expected,
                        found,
                        position,
                    ));
                }
            }
            Self::Profile(profile) => {
                let conformance = profile.check(sbom);
                let required = conformance
                    .shortfalls
                    .iter()
                    .filter(|lack| lack.is_required);
                let before = judged.unmet.len();
                for lack in required {
                    judged.refuse(shortfall(profile, lack, position));
                }
                let kept = judged.unmet.len().saturating_sub(before);
                judged.omitted = judged
                    .omitted
                    .saturating_add(conformance.required.saturating_sub(kept));
            }
            Self::Packages(rule) => refuse(rule.check(sbom), position, judged),
            Self::Licenses { rule, .. } => refuse(rule.check(sbom), position, judged),
            Self::Hashes(rule) => refuse(rule.check(sbom), position, judged),
            Self::Coverage(rule) => refuse(rule.check(sbom), position, judged),
            Self::Subject => subject(sbom, (facts, position), judged),
            Self::MaxAge(max_age) => {
                max_age.judge(facts, judged);
                let own = rule::AgeRule {
                    max: max_age.longest,
                };
                if let Some(finding) = own.check(sbom, facts.time) {
                    judged.refuse(remark(finding, position));
                }
            }
        }
    }

    fn canonical(&self) -> Value {
        match self {
            Self::Formats(families) => {
                let names: Vec<&str> = families.iter().map(|family| family.name()).collect();
                json!({ "formats": names })
            }
            Self::Profile(profile) => json!({ "profile": profile.digest().to_string() }),
            Self::Packages(rule) => {
                let texts = |list: &[PackagePattern]| -> Vec<String> {
                    list.iter()
                        .map(|pattern| pattern.as_str().to_owned())
                        .collect()
                };
                let allow = rule.allow.as_deref().map(texts);
                json!({ "packages": { "deny": texts(&rule.deny), "allow": allow } })
            }
            Self::Licenses {
                written, denies, ..
            } => {
                json!({ "licenses": { "denies": denies, "written": written } })
            }
            Self::Hashes(rule) => json!({ "hashes": rule.algorithms }),
            Self::Coverage(rule) => json!({
                "purl": rule.purl, "version": rule.version, "hash": rule.hash,
                "license": rule.license, "supplier": rule.supplier,
            }),
            Self::Subject => json!({ "subject": "image" }),
            Self::MaxAge(rule) => json!({ "maxAge": rule.canonical() }),
        }
    }
}

/// The complaint about a document that breaks the schema of its format: two readers of it may see two
/// lists of components.
pub(super) fn broken(sbom: &Sbom, position: Option<&Position>) -> Option<Remark> {
    let first = sbom.violations.first()?;
    let count = sbom.violations.len().saturating_add(sbom.more_violations);
    let found = format!("{} at {} ({count} in all)", first.found, first.place);
    let (code, expected) = (Code::SbomSchemaViolation, first.expected.to_string());
    Some(Remark::new(code, expected, found, position))
}

/// Whether the SBOM is of the manifest that it is attached to.
fn subject(sbom: &Sbom, (facts, position): (&Facts<'_>, Option<&Position>), judged: &mut Judged) {
    let found = match rule::subject_is(sbom, &facts.digests()) {
        SubjectMatch::Same => return,
        SubjectMatch::Different { found } => {
            let found: Vec<String> = found.iter().take(3).map(ToString::to_string).collect();
            format!("one of {}", found.join(", "))
        }
        SubjectMatch::Silent => "one that names no digest of what it describes".to_owned(),
    };
    let expected = format!("an SBOM of {}", facts.claim.subject);
    judged.refuse(Remark::new(
        Code::SbomSubjectMismatch,
        expected,
        found,
        position,
    ));
}

fn refuse(findings: RuleFindings, position: Option<&Position>, judged: &mut Judged) {
    let kept = findings.first.len();
    for finding in findings.first {
        judged.refuse(remark(finding, position));
    }
    judged.omitted = judged
        .omitted
        .saturating_add(findings.count.saturating_sub(kept));
}

fn remark(finding: RuleFinding, position: Option<&Position>) -> Remark {
    let found = format!("{}: {}", finding.place, finding.found);
    Remark::new(finding.code, finding.expected, found, position)
}

fn shortfall(profile: &Profile, lack: &Shortfall, position: Option<&Position>) -> Remark {
    let expected = format!(
        "{}: {} ({}, {})",
        lack.field,
        lack.expected,
        profile.name(),
        lack.clause
    );
    let found = format!("{}: {}", lack.place, lack.found);
    Remark::new(Code::SbomProfileViolation, expected, found, position)
}
