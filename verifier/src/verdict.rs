//! The answer, with everything that it rests on.

use jiff::Timestamp;

use crate::code::Code;
use crate::digest::Digest;
use crate::image::PinnedImage;
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
    /// Whether every requirement is satisfied.
    pub decision: Decision,
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
    /// The source line itself.
    pub source: String,
}
