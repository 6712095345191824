//! The answer, with everything that it rests on.

use jiff::Timestamp;

use crate::code::Code;
use crate::digest::Digest;
use crate::image::PinnedImage;
use crate::trust::Danger;
use crate::verify::Rejection;

/// May the image run?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there is no third answer, and matches must say so"
)]
pub enum Decision {
    /// Every matching policy is satisfied.
    Admit,
    /// Some matching policy is not satisfied, or none matches.
    Deny,
}

impl Decision {
    /// The decision as it is written in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Deny => "deny",
        }
    }
}

/// What a policy's finding does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Mode {
    /// A finding denies.
    Enforce,
    /// A finding is reported as a warning and denies nothing.
    Warn,
    /// A finding is recorded and denies nothing.
    Audit,
}

impl Mode {
    /// The mode as it is written in policies and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
            Self::Audit => "audit",
        }
    }
}

/// The answer for one image.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The image.
    pub image: PinnedImage,
    /// The time that the verdict is about.
    pub time: Timestamp,
    /// The answer.
    pub decision: Decision,
    /// Findings that no policy owns: no policy matches, the selection of platforms is empty.
    pub findings: Vec<Finding>,
    /// What each matching policy said, in order of name.
    pub policies: Vec<PolicyVerdict>,
    /// What an operator should hear although it denies nothing: a trust root about to expire, an
    /// image admitted because no policy matches, policies that only observe.
    pub warnings: Vec<Finding>,
    /// Every weakening that a matching policy or the evidence it relies on was judged under,
    /// each once, in the order of the table.
    pub dangers: Vec<Danger>,
    /// Every trust root that a matching policy starts from, in order of name.
    pub trust_roots: Vec<NamedDigest>,
}

/// An input of the verdict, named by its digest so that a report can be replayed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedDigest {
    /// The name in the documents.
    pub name: String,
    /// SHA-256 of its canonical form.
    pub digest: Digest,
}

/// What one policy said.
#[derive(Clone, Debug)]
pub struct PolicyVerdict {
    /// The policy's name.
    pub name: String,
    /// SHA-256 of the policy's canonical form.
    pub digest: Digest,
    /// What its findings do.
    pub mode: Mode,
    /// Whether every requirement is satisfied and no finding is the policy's own.
    pub decision: Decision,
    /// Findings about the policy as a whole: its trust root has expired, a selected platform is
    /// missing.
    pub findings: Vec<Finding>,
    /// Every requirement, in the order of the document.
    pub requirements: Vec<RequirementVerdict>,
}

/// What one requirement said.
#[derive(Clone, Debug)]
pub struct RequirementVerdict {
    /// The requirement's name.
    pub name: String,
    /// Whether it is satisfied.
    pub satisfied: bool,
    /// The verified evidence that satisfies it: positions in the appraisal's `verified`.
    pub by: Vec<usize>,
    /// Why it is not satisfied; empty when it is.
    pub findings: Vec<Finding>,
    /// What a reader should hear although it denies nothing: vulnerabilities that a VEX statement
    /// suppresses, for example.
    pub notes: Vec<Finding>,
    /// The signed exception that excuses it, where it is not satisfied and one does.
    pub exception: Option<UsedException>,
}

/// A signed exception that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedException {
    /// Its name.
    pub name: String,
    /// SHA-256 of the document as signed.
    pub digest: Digest,
    /// Why there is one.
    pub reason: String,
    /// Where the decision is written down.
    pub ticket: String,
    /// The last moment at which it counts.
    pub not_after: Timestamp,
    /// The verified evidence that carries it: positions in the appraisal's `verified`.
    pub by: Vec<usize>,
}

/// One remark, with the policy line that caused it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What kind of news.
    pub code: Code,
    /// The manifest that the finding is about, where it is about one of several.
    pub subject: Option<Digest>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The line of the policy that caused it.
    pub position: Option<Position>,
    /// What to do next.
    pub hint: Option<String>,
    /// The rejections behind it, most specific first.
    pub because: Vec<Rejection>,
    /// Rejections that are not listed, beyond the bound on `because`.
    pub omitted: usize,
}

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The document's file name as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Characters to underline.
    pub length: usize,
    /// The source line itself; a window of it where it is very long.
    pub source: String,
    /// The column within `source`, from 1; differs from `column` in a window only.
    pub source_column: usize,
}
