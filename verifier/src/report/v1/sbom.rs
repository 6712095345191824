//! The answer about one SBOM file: what it is, what it lacks, and whether it conforms.
//!
//! Nothing in it is verified: a file says who made it, and no signature was looked at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::build::sentence;
use super::{ExitClass, Problem};
use crate::digest::Digest;
use crate::sbom::profile::{Conformance, Profile};
use crate::sbom::rule::{Counts, RuleFinding, RuleFindings};
use crate::sbom::{Party, Sbom};

/// Authors and tools that are named; more are counted nowhere, for a file of honest making has few.
const MAX_NAMED: usize = 5;
/// Characters of a text of the document that a report repeats.
const MAX_REPEATED: usize = 200;

/// The answer about one SBOM file. Nothing about its signer is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomReport {
    /// The file as the user wrote it.
    pub file: String,
    /// The SHA-256 digest of the file; absent where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The answer; absent where nothing was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<SbomDecision>,
    /// What this file alone would make of the exit code.
    pub exit_class: ExitClass,
    /// Why there is no answer, where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
    /// What the document says about itself; absent where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<SbomDocument>,
    /// Where the document breaks the schema of its format; the first places.
    pub violations: Vec<SbomViolation>,
    /// Violations that are not listed.
    pub more_violations: usize,
    /// Each profile that was asked for, in the order of the arguments.
    pub profiles: Vec<SbomProfile>,
    /// What the rules on content said; the first findings of each rule.
    pub findings: Vec<SbomFinding>,
    /// Findings that are not listed.
    pub more_findings: usize,
}

/// Does it conform?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
pub enum SbomDecision {
    /// It keeps the schema of its format, every profile and every rule.
    Conforms,
    /// It does not.
    Violates,
}

/// What a document says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomDocument {
    /// The format with version and encoding, for example `CycloneDX 1.6 (JSON)`.
    pub format: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What names it among all documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// When it was made, as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Who made it; the first ones.
    pub authors: Vec<String>,
    /// With which tools; the first ones.
    pub tools: Vec<String>,
    /// What it describes; the first ones.
    pub subjects: Vec<String>,
    /// How much it lists.
    pub counts: SbomCounts,
}

/// How much a document lists. Files of SPDX belong to packages and are no components.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomCounts {
    /// Components that rules look at.
    pub components: usize,
    /// Packages.
    pub packages: usize,
    /// Container images.
    pub containers: usize,
    /// Files.
    pub files: usize,
    /// Everything else.
    pub others: usize,
    /// Components with a package URL.
    pub purl: usize,
    /// Components with a version.
    pub version: usize,
    /// Components with a whole hash.
    pub hash: usize,
    /// Components with a license.
    pub license: usize,
    /// Components with a supplier.
    pub supplier: usize,
    /// Relationships between components.
    pub relationships: usize,
    /// Vulnerabilities that the document itself lists.
    pub vulnerabilities: usize,
}

/// A place where a document breaks the schema of its format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomViolation {
    /// The place in the document.
    pub place: String,
    /// What the schema wants.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// One profile, held against a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomProfile {
    /// The profile's name.
    pub name: String,
    /// The standard that it stands for.
    pub title: String,
    /// SHA-256 of the profile's file.
    pub digest: String,
    /// Whether the document has everything that the profile demands.
    pub decision: SbomDecision,
    /// Whether the document is not in a format that the profile accepts.
    pub fails_format: bool,
    /// How each rule came out, in the order of the profile.
    pub fields: Vec<SbomField>,
    /// What is missing: those of the format first, then required ones; the first of each rule.
    pub shortfalls: Vec<SbomShortfall>,
    /// Required data that is missing, counted.
    pub required: usize,
    /// Recommended data that is missing, counted.
    pub recommended: usize,
}

/// How one rule of a profile came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomField {
    /// The data field.
    pub field: String,
    /// The clause of the standard.
    pub clause: String,
    /// What the rule is about: document, component, subject, relationship.
    pub scope: String,
    /// How many were asked.
    pub asked: usize,
    /// How many of them lack required data.
    pub required: usize,
    /// How many of them lack recommended data.
    pub recommended: usize,
}

/// One thing that a profile asks for and a document does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomShortfall {
    /// The data field.
    pub field: String,
    /// The clause of the standard.
    pub clause: String,
    /// Whether the profile demands it.
    pub required: bool,
    /// The component with its place, or the document.
    pub place: String,
    /// What the profile asks for.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// What a rule on content said about one component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SbomFinding {
    /// `area/name`; documented in `docs/codes/area/name.md`.
    #[schemars(extend("pattern" = "^[a-z-]+/[a-z-]+$"))]
    pub code: String,
    /// What kind of bad news.
    pub class: String,
    /// What happened, in one sentence.
    pub message: String,
    /// The component with its place, or the document.
    pub place: String,
    /// What the rule wants.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl SbomReport {
    /// The answer about `sbom`, read from the file that has `digest`.
    ///
    /// A document that breaks the schema of its format conforms to nothing. Without any profile
    /// nothing was asked, and nothing conforms.
    pub fn judged(
        file: &str,
        digest: &Digest,
        sbom: &Sbom,
        profiles: &[(&Profile, Conformance)],
        findings: &RuleFindings,
    ) -> Self {
        let good = sbom.violations.is_empty()
            && !profiles.is_empty()
            && profiles.iter().all(|(_, outcome)| outcome.conforms())
            && findings.is_satisfied();
        let decision = SbomDecision::of(good);
        Self {
            digest: Some(digest.to_string()),
            decision: Some(decision),
            exit_class: match decision {
                SbomDecision::Conforms => ExitClass::Conforms,
                SbomDecision::Violates => ExitClass::Violates,
            },
            error: None,
            document: Some(document(sbom)),
            violations: sbom.violations.iter().map(SbomViolation::from).collect(),
            more_violations: sbom.more_violations,
            profiles: profiles
                .iter()
                .map(|(p, outcome)| profile(p, outcome))
                .collect(),
            findings: findings.first.iter().map(SbomFinding::from).collect(),
            more_findings: findings.count.saturating_sub(findings.first.len()),
            ..Self::failed(file, ExitClass::Input, None)
        }
    }

    /// The answer where there is none: the file, or the document in it, could not be read.
    pub fn failed(file: &str, exit_class: ExitClass, error: Option<Problem>) -> Self {
        Self {
            file: file.to_owned(),
            digest: None,
            decision: None,
            exit_class,
            error,
            document: None,
            violations: Vec::new(),
            more_violations: 0,
            profiles: Vec::new(),
            findings: Vec::new(),
            more_findings: 0,
        }
    }
}

impl SbomDecision {
    const fn of(good: bool) -> Self {
        if good { Self::Conforms } else { Self::Violates }
    }
}

fn document(sbom: &Sbom) -> SbomDocument {
    let text = |text: &str| -> String { text.chars().take(MAX_REPEATED).collect() };
    let optional = |written: &Option<Box<str>>| written.as_deref().map(text);
    let subjects = sbom
        .subjects
        .iter()
        .filter_map(|at| sbom.components.get(*at));
    let counts = Counts::of(sbom);
    SbomDocument {
        format: text(&sbom.format.to_string()),
        name: optional(&sbom.name),
        identifier: optional(&sbom.identifier),
        created: optional(&sbom.created_text),
        authors: sbom
            .authors
            .iter()
            .filter_map(named)
            .take(MAX_NAMED)
            .collect(),
        tools: sbom
            .tools
            .iter()
            .map(|tool| text(tool))
            .take(MAX_NAMED)
            .collect(),
        subjects: subjects
            .take(MAX_NAMED)
            .map(crate::sbom::Component::label)
            .collect(),
        counts: SbomCounts {
            components: counts.components,
            packages: counts.packages,
            containers: counts.containers,
            files: counts.files,
            others: counts.others,
            purl: counts.purl,
            version: counts.version,
            hash: counts.hash,
            license: counts.license,
            supplier: counts.supplier,
            relationships: sbom.relationships.len(),
            vulnerabilities: sbom.vulnerabilities,
        },
    }
}

fn named(party: &Party) -> Option<String> {
    let mut words = party.name.iter().chain(&party.emails).chain(&party.urls);
    words
        .next()
        .map(|word| word.chars().take(MAX_REPEATED).collect())
}

fn profile(profile: &Profile, outcome: &Conformance) -> SbomProfile {
    let fields = outcome.fields.iter().map(|field| SbomField {
        field: field.field.clone(),
        clause: field.clause.clone(),
        scope: field.scope.to_string(),
        asked: field.asked,
        required: field.required,
        recommended: field.recommended,
    });
    let shortfalls = outcome.shortfalls.iter().map(|shortfall| SbomShortfall {
        field: shortfall.field.clone(),
        clause: shortfall.clause.clone(),
        required: shortfall.is_required,
        place: shortfall.place.clone(),
        expected: shortfall.expected.clone(),
        found: shortfall.found.clone(),
    });
    SbomProfile {
        name: profile.name().to_owned(),
        title: profile.title().to_owned(),
        digest: profile.digest().to_string(),
        decision: SbomDecision::of(outcome.conforms()),
        fails_format: outcome.fails_format,
        fields: fields.collect(),
        shortfalls: shortfalls.collect(),
        required: outcome.required,
        recommended: outcome.recommended,
    }
}

impl From<&crate::sbom::Violation> for SbomViolation {
    fn from(violation: &crate::sbom::Violation) -> Self {
        Self {
            place: violation.place.to_string(),
            expected: violation.expected.to_string(),
            found: violation.found.to_string(),
        }
    }
}

impl From<&RuleFinding> for SbomFinding {
    fn from(finding: &RuleFinding) -> Self {
        Self {
            code: finding.code.name().to_owned(),
            class: finding.code.class().name().to_owned(),
            message: sentence(finding.code),
            place: finding.place.clone(),
            expected: finding.expected.clone(),
            found: finding.found.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
