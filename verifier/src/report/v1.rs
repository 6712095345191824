//! Report JSON v1: structs of its own, frozen. Fields may be added; none is renamed, retyped or
//! removed. Each input is named by its digest, so that a report can be replayed.
//!
//! The JSON Schema `docs/json/report-v1.schema.json` is generated from these types ([`schema`]).

mod build;
mod parts;
mod sbom;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::VerificationTime;

pub use build::Subject;
pub use parts::{
    Algorithms, Anchor, CertificateSigner, ClaimsToBe, Danger, Evidence, Gap, Inclusion, Key,
    KeySigner, LogEntry, NamedValue, Origin, Rejected, Role, Signer, SimpleSigning, Time,
    TimeSource, TrustRequirements, TrustRoot, Unsigned, UsedException,
};
pub use sbom::{
    SbomCounts, SbomDecision, SbomDocument, SbomField, SbomFinding, SbomProfile, SbomReport,
    SbomShortfall, SbomViolation,
};

/// The `apiVersion` of every report of this form.
pub const API_VERSION: &str = "report.sovverify.dev/v1";

/// The answer to one call: what was asked, as of when, and what came out for each artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "sovverify report, v1")]
pub struct Report {
    /// Always `report.sovverify.dev/v1`.
    #[schemars(extend("const" = API_VERSION))]
    pub api_version: String,
    /// What was done.
    pub kind: Kind,
    /// The moment that the report is about (RFC 3339, UTC); later evidence did not count.
    #[schemars(extend("format" = "date-time"))]
    pub time: String,
    /// How the process ended.
    pub exit: Exit,
    /// What a reader must know before anything else, in sentences.
    pub notices: Vec<String>,
    /// Why the call as a whole could not be done, where it could not.
    pub errors: Vec<Problem>,
    /// One result for each artifact, in the order of the arguments.
    pub results: Vec<ArtifactReport>,
    /// One result for each SBOM file, in the order of the arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sboms: Vec<SbomReport>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Kind {
    /// Artifacts were judged by policies.
    Verification,
    /// Evidence was listed and verified; nothing was judged.
    Inspection,
    /// Documents were checked, without any artifact.
    Lint,
    /// SBOM files were held against profiles; nothing about their signers was verified.
    SbomCheck,
}

/// How the process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exit {
    /// The exit code of the process.
    pub code: u8,
    /// What the exit code means.
    pub class: ExitClass,
}

/// What an exit code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ExitClass {
    /// 0: every artifact is admitted.
    Admitted,
    /// 0: evidence was listed; nothing was judged.
    Inspected,
    /// 0: the documents have no errors.
    Clean,
    /// 0: every SBOM conforms.
    Conforms,
    /// 1: some artifact is denied.
    Denied,
    /// 1: some SBOM does not conform.
    Violates,
    /// 2: the input is wrong: usage, policy, trust.
    Input,
    /// 3: the surroundings failed: registry, disk, time limit.
    Surroundings,
}

impl ExitClass {
    /// The exit code of a process that ends so.
    pub const fn code(self) -> u8 {
        match self {
            Self::Admitted | Self::Inspected | Self::Clean | Self::Conforms => 0,
            Self::Denied | Self::Violates => 1,
            Self::Input => 2,
            Self::Surroundings => 3,
        }
    }
}

/// The answer for one artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactReport {
    /// The reference as the user wrote it.
    pub reference: String,
    /// The canonical image name that policies matched, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The digest that the answer is about; absent where nothing could be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What the digest names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ArtifactKind>,
    /// The manifests that can run, in the order of the index.
    pub platforms: Vec<PlatformManifest>,
    /// The answer; absent where nothing was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What this artifact alone would make of the exit code.
    pub exit_class: ExitClass,
    /// Why there is no answer, where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
    /// Findings that no policy owns.
    pub findings: Vec<Finding>,
    /// What an operator should hear although it denies nothing.
    pub warnings: Vec<Finding>,
    /// What each matching policy said, in order of name.
    pub policies: Vec<Policy>,
    /// The trust roots that evidence was verified against.
    pub trust_roots: Vec<TrustRoot>,
    /// The public keys that evidence was verified against.
    pub keys: Vec<Key>,
    /// Every weakening in force, said aloud.
    pub dangers: Vec<Danger>,
    /// Every verified piece of evidence.
    pub evidence: Vec<Evidence>,
    /// Every piece of evidence that failed a check, most specific reason first.
    pub rejected: Vec<Rejected>,
    /// What carries no signature of its own: it satisfies nothing.
    pub unsigned: Vec<Unsigned>,
    /// Places that could not be read to their end: evidence may be hidden there.
    pub gaps: Vec<Gap>,
}

/// What a digest names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ArtifactKind {
    /// One image manifest.
    Manifest,
    /// An index of manifests.
    Index,
    /// Any other bytes.
    Blob,
}

/// One manifest that can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformManifest {
    /// The digest of the manifest.
    pub digest: String,
    /// `os/architecture[/variant]`, where the index names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
}

/// May it run?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
pub enum Decision {
    /// Every matching policy is satisfied.
    Admit,
    /// Some matching policy is not satisfied, or none matches.
    Deny,
}

/// Why the work could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `area/name`; documented in `docs/codes/area/name.md`.
    #[schemars(extend("pattern" = "^[a-z-]+/[a-z-]+$"))]
    pub code: String,
    /// What kind of bad news: missing, invalid, untrusted, policy, trust, transient, limit, input.
    pub class: String,
    /// What happened, in one sentence.
    pub message: String,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The place in a document that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What one policy said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The policy's name.
    pub name: String,
    /// SHA-256 of the policy's canonical form.
    pub digest: String,
    /// What its findings do: enforce, warn, audit.
    pub mode: String,
    /// Whether every requirement is satisfied and no finding is the policy's own.
    pub decision: Decision,
    /// Findings about the policy as a whole.
    pub findings: Vec<Finding>,
    /// Every requirement, in the order of the document.
    pub requirements: Vec<Requirement>,
}

/// What one requirement said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// The requirement's name.
    pub name: String,
    /// Whether it is satisfied.
    pub satisfied: bool,
    /// The evidence that satisfies it: positions in `evidence`.
    pub by: Vec<usize>,
    /// Why it is not satisfied.
    pub findings: Vec<Finding>,
    /// What a reader should hear although it denies nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Finding>,
    /// The signed exception that excuses it, where it is not satisfied and one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<UsedException>,
}

/// One remark, with the policy line that caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `area/name`; documented in `docs/codes/area/name.md`.
    #[schemars(extend("pattern" = "^[a-z-]+/[a-z-]+$"))]
    pub code: String,
    /// What kind of bad news: missing, invalid, untrusted, policy, trust, transient, limit, input.
    pub class: String,
    /// The manifest that the finding is about, where it is about one of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What happened, in one sentence.
    pub message: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The line of the policy that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The rejections behind it, most specific first.
    pub because: Vec<Rejected>,
    /// Rejections behind it that are not listed here, beyond a bound; `rejected` has them all.
    pub omitted: usize,
}

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The document's file name as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Characters that are meant.
    pub length: usize,
    /// The source line itself; a window of it where it is very long.
    pub source: String,
    /// The column within `source`, from 1.
    pub source_column: usize,
}

impl Report {
    /// A report of `kind` as of `time`, whose exit is the worst of its `results`.
    ///
    /// No result at all is bad input: zero artifacts were asked for, and zero is never success.
    pub fn new(kind: Kind, time: VerificationTime, results: Vec<ArtifactReport>) -> Self {
        let class = worst(results.iter().map(|result| result.exit_class));
        Self {
            api_version: API_VERSION.to_owned(),
            kind,
            time: time.to_string(),
            exit: class.into(),
            notices: Vec::new(),
            errors: Vec::new(),
            results,
            sboms: Vec::new(),
        }
    }

    /// A report of SBOM files as of `time`, whose exit is the worst of them; none is bad input.
    pub fn of_sboms(time: VerificationTime, sboms: Vec<SbomReport>) -> Self {
        let class = worst(sboms.iter().map(|sbom| sbom.exit_class));
        Self {
            exit: class.into(),
            sboms,
            ..Self::new(Kind::SbomCheck, time, Vec::new())
        }
    }

    /// A report of documents without errors, as of `time`.
    pub fn clean(time: VerificationTime) -> Self {
        Self {
            exit: ExitClass::Clean.into(),
            ..Self::new(Kind::Lint, time, Vec::new())
        }
    }

    /// A report of a call that could not be done as a whole; `class` says whose fault it is.
    pub fn failed(
        kind: Kind,
        time: VerificationTime,
        class: ExitClass,
        errors: Vec<Problem>,
    ) -> Self {
        Self {
            exit: class.into(),
            errors,
            ..Self::new(kind, time, Vec::new())
        }
    }
}

impl From<ExitClass> for Exit {
    fn from(class: ExitClass) -> Self {
        Self {
            code: class.code(),
            class,
        }
    }
}

/// A denial is certain whatever else failed; then bad input, which somebody has to correct; then
/// what could not be decided; and only then good news.
fn worst(classes: impl Iterator<Item = ExitClass>) -> ExitClass {
    const WORST_FIRST: [ExitClass; 7] = [
        ExitClass::Denied,
        ExitClass::Violates,
        ExitClass::Input,
        ExitClass::Surroundings,
        ExitClass::Admitted,
        ExitClass::Inspected,
        ExitClass::Conforms,
    ];
    let found: Vec<ExitClass> = classes.collect();
    WORST_FIRST
        .into_iter()
        .find(|class| found.contains(class))
        .unwrap_or(ExitClass::Input)
}

/// The JSON Schema of [`Report`] (draft 2020-12).
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Report)
}

#[cfg(test)]
mod tests;
