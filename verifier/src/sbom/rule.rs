//! Rules on what an SBOM lists: packages, licenses, hashes, how much it tells, how old it is, and
//! what it says that it describes.
//!
//! **Invariant**: an SBOM that lists nothing satisfies no rule, and what a rule cannot understand is
//! never allowed by it.

mod contents;
mod subject;

pub use contents::{LicenseRule, PackageRule};
pub use subject::{SubjectMatch, subject_is, subject_mismatch};

use jiff::{SignedDuration, Timestamp};

use super::model::{Component, ComponentKind, Sbom};
use contents::Files;

use super::profile::{Applies, is_whole, percent, says};
use crate::code::Code;
use crate::content::shortened;

/// Findings of one rule that are kept; more are counted. Enough to see what they have in common.
pub const MAX_FINDINGS: usize = 50;

/// Why an SBOM does not satisfy a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFinding {
    /// What kind of bad news.
    pub code: Code,
    /// The component's label, or `the document`.
    pub place: String,
    /// What the rule wants.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// What one rule has to say about an SBOM; nothing where it is satisfied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFindings {
    /// The first findings, in the order of the document, at most [`MAX_FINDINGS`].
    pub first: Vec<RuleFinding>,
    /// All of them, counted.
    pub count: usize,
}

impl RuleFindings {
    /// Whether the rule is satisfied.
    pub const fn is_satisfied(&self) -> bool {
        self.count == 0
    }

    /// Those of `self`, then those of `more`; each rule keeps its own first ones.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.first.extend(more.first);
        self.count = self.count.saturating_add(more.count);
        self
    }

    fn add(&mut self, finding: impl FnOnce() -> RuleFinding) {
        self.count = self.count.saturating_add(1);
        if self.count <= MAX_FINDINGS {
            self.first.push(finding());
        }
    }
}

impl From<RuleFinding> for RuleFindings {
    fn from(finding: RuleFinding) -> Self {
        Self {
            first: vec![finding],
            count: 1,
        }
    }
}

/// The complaint about an SBOM that lists no component. A rule without anything to look at must not
/// be satisfied by that.
pub fn empty(sbom: &Sbom) -> Option<RuleFinding> {
    components(sbom).next().is_none().then(|| RuleFinding {
        code: Code::SbomEmpty,
        place: "the document".to_owned(),
        expected: "at least one component".to_owned(),
        found: match sbom.components.len() {
            0 => "none".to_owned(),
            files => format!("{files} files, and no package that they belong to"),
        },
    })
}

/// What a rule looks at: everything listed but the files of SPDX, which are content of packages.
fn components(sbom: &Sbom) -> impl Iterator<Item = &Component> {
    let family = sbom.format.family;
    let listed = sbom.components.iter();
    listed.filter(move |component| Applies::Components.asks(component, family))
}

/// Asks every component; a finding for each that `lack` complains about.
fn ask<'a>(
    sbom: &'a Sbom,
    files: Files,
    mut lack: impl FnMut(&'a Component) -> Option<Complaint>,
) -> RuleFindings {
    if let Some(finding) = empty(sbom) {
        return finding.into();
    }
    let mut findings = RuleFindings::default();
    let family = sbom.format.family;
    for component in &sbom.components {
        if files == Files::PassedOver && !Applies::Components.asks(component, family) {
            continue;
        }
        if let Some(complaint) = lack(component) {
            findings.add(|| RuleFinding {
                code: complaint.code,
                place: component.label(),
                expected: complaint.expected,
                found: complaint.found,
            });
        }
    }
    findings
}

/// A finding without its place.
struct Complaint {
    code: Code,
    expected: String,
    found: String,
}

/// Every component must have a hash by one of these algorithms, of itself or of its deployable form. The
/// image itself, where it is the only subject, needs none: it is named by its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HashRule {
    /// Algorithms in the spelling of [`Hash`](super::Hash): `sha256`, `sha512`, …
    pub algorithms: Vec<String>,
}

impl HashRule {
    /// The components without such a hash. A hash with missing digits is none.
    pub fn check(&self, sbom: &Sbom) -> RuleFindings {
        let expected = format!("a whole hash by {}", list(&self.algorithms));
        let itself = contents::image(sbom);
        ask(sbom, Files::PassedOver, |component| {
            if itself.is_some_and(|image| std::ptr::eq(image, component)) {
                return None;
            }
            let wanted = |name: &str| self.algorithms.iter().any(|wanted| wanted == name);
            let mut hashes = hashes(component);
            if hashes.any(|hash| wanted(&hash.algorithm) && is_whole(hash)) {
                return None;
            }
            let found: Vec<&str> = self::hashes(component).map(|h| &*h.algorithm).collect();
            Some(Complaint {
                code: Code::SbomHashMissing,
                expected: expected.clone(),
                found: match found.as_slice() {
                    [] => "none".to_owned(),
                    names => shortened(&names.join(", ")),
                },
            })
        })
    }
}

fn hashes(component: &Component) -> impl Iterator<Item = &super::Hash> {
    let links = component.links.iter();
    let deployable = links.filter(|link| &*link.kind == "distribution");
    component
        .hashes
        .iter()
        .chain(deployable.flat_map(|link| &link.hashes))
}

/// How many components tell what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everything that rules look at: what is listed, but the files of SPDX.
    pub components: usize,
    /// Packages among everything listed.
    pub packages: usize,
    /// Container images among everything listed.
    pub containers: usize,
    /// Files among everything listed.
    pub files: usize,
    /// All else that is listed.
    pub others: usize,
    /// Components with a package URL.
    pub purl: usize,
    /// Components with a version.
    pub version: usize,
    /// Components with a whole hash, of themselves or of their deployable form.
    pub hash: usize,
    /// Components with a license.
    pub license: usize,
    /// Components with a supplier.
    pub supplier: usize,
}

impl Counts {
    /// Counts what `sbom` tells.
    pub fn of(sbom: &Sbom) -> Self {
        let mut counts = Self::default();
        for component in &sbom.components {
            *match component.kind {
                ComponentKind::Package => &mut counts.packages,
                ComponentKind::Container => &mut counts.containers,
                ComponentKind::File => &mut counts.files,
                ComponentKind::Other => &mut counts.others,
            } += 1;
        }
        for component in components(sbom) {
            let any = |texts: &[Box<str>]| texts.iter().any(|text| says(text));
            let supplier = component.supplier.iter();
            let is_named = supplier.flat_map(|s| s.name.iter().chain(&s.emails).chain(&s.urls));
            counts.components += 1;
            counts.purl += usize::from(any(&component.purls));
            counts.version += usize::from(component.version.as_deref().is_some_and(says));
            counts.hash += usize::from(hashes(component).any(is_whole));
            counts.license += usize::from(component.licenses.iter().any(|l| says(&l.text)));
            counts.supplier += usize::from(is_named.into_iter().any(|text| says(text)));
        }
        counts
    }

    /// `part` of all components in whole percent, rounded down: 100 only where all have it.
    pub fn percent(&self, part: usize) -> usize {
        percent(part, self.components)
    }
}

/// How many components must tell what, each in percent; what is not named is not demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// A package URL.
    pub purl: Option<u32>,
    /// A version.
    pub version: Option<u32>,
    /// A whole hash.
    pub hash: Option<u32>,
    /// A license.
    pub license: Option<u32>,
    /// A supplier.
    pub supplier: Option<u32>,
}

impl Coverage {
    /// What too few components tell.
    pub fn check(&self, sbom: &Sbom) -> RuleFindings {
        if let Some(finding) = empty(sbom) {
            return finding.into();
        }
        let counts = Counts::of(sbom);
        let mut findings = RuleFindings::default();
        for (what, wanted, found) in [
            ("a package URL", self.purl, counts.purl),
            ("a version", self.version, counts.version),
            ("a hash", self.hash, counts.hash),
            ("a license", self.license, counts.license),
            ("a supplier", self.supplier, counts.supplier),
        ] {
            let all = counts.components;
            let Some(wanted) = wanted.map(u64::from) else {
                continue;
            };
            // In whole numbers, so that 99.6 % is not 100 %.
            if wide(found).saturating_mul(100) >= wanted.saturating_mul(wide(all)) {
                continue;
            }
            findings.add(|| RuleFinding {
                code: Code::SbomCoverageTooLow,
                place: "the document".to_owned(),
                expected: format!("{what} on at least {wanted} % of the components"),
                found: format!("{found} of {all} ({} %)", counts.percent(found)),
            });
        }
        findings
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// How old an SBOM may be, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeRule {
    /// The longest time between the SBOM's making and the moment that the verdict is about.
    pub max: SignedDuration,
}

impl AgeRule {
    /// What is wrong with the age of `sbom` as of `at`. A document that says no time that can be
    /// read, or one that is still to come, has no age that could be young enough.
    pub fn check(&self, sbom: &Sbom, at: Timestamp) -> Option<RuleFinding> {
        let found = match sbom.created {
            None => sbom.created_text.as_ref().map_or_else(
                || "no time".to_owned(),
                |text| format!("`{}`, which is no time", shortened(text)),
            ),
            Some(made) if made > at => format!("made {made}, which is later than {at}"),
            Some(made) if at.duration_since(made) > self.max => {
                let age = at.duration_since(made);
                format!("made {made}, {} before {at}", days(age))
            }
            Some(_) => return None,
        };
        Some(RuleFinding {
            code: Code::SbomTooOld,
            place: "the document".to_owned(),
            expected: format!("made at most {} before {at}", days(self.max)),
            found,
        })
    }
}

/// A length of time in days, or in hours where it is shorter than two.
fn days(time: SignedDuration) -> String {
    match time.as_hours() {
        hours if hours < 48 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    }
}

fn list(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests;
