//! Profiles: what regulators ask of an SBOM, as data.
//!
//! ```text
//! profile/*.yaml ─parse─► Profile ─check─► Conformance
//! ```
//!
//! **Invariant**: no clause of a standard is written in code. The files beside this one say what is
//! demanded, and code knows only a small set of checks. An SBOM that lists nothing never conforms.

mod check;
mod component;
mod document;
mod reach;
mod words;

pub(super) use component::{is_whole, says};
pub(super) use document::Applies;
pub use document::{Scope, Strength};

use super::model::Sbom;
use crate::content::ContentError;
use crate::digest::Digest;
use document::Rule;

/// Shortfalls of one rule that are kept; more are counted. Enough to see what they have in common.
pub const MAX_SHORTFALLS: usize = 10;
/// Rules of one profile; the longest of the known ones has some thirty.
pub const MAX_RULES: usize = 200;
/// Bytes of one profile file; the longest of the known ones has 6 KB.
pub const MAX_PROFILE_BYTES: usize = 256 * 1024;

/// One thing that a profile asks for and a document does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// The clause of the standard, for example `TR-03183-2 v2.1.0 §5.2.2`.
    pub clause: String,
    /// The data field, for example `component version`.
    pub field: String,
    /// The place in the document, or the component's label.
    pub place: String,
    /// What the profile asks for.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// Whether the profile demands it or only recommends it. What is demanded where it exists and
    /// is absent counts as recommended: no document can say that it does not exist.
    pub is_required: bool,
}

/// How one rule of a profile came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOutcome {
    /// The clause of the standard.
    pub clause: String,
    /// The data field.
    pub field: String,
    /// What the rule is about.
    pub scope: Scope,
    /// How many documents, components or relationships were asked: one for a document.
    pub asked: usize,
    /// How many of them lack what is demanded.
    pub required: usize,
    /// How many of them lack what is recommended, or demanded only where it exists.
    pub recommended: usize,
}

impl FieldOutcome {
    /// How many of those asked have it, in whole percent, rounded down: 100 only where all have it.
    pub fn percent(&self) -> usize {
        let lacking = self.required.saturating_add(self.recommended);
        percent(self.asked.saturating_sub(lacking), self.asked)
    }
}

/// The outcome of one profile on one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conformance {
    /// The first shortfalls of each rule, at most [`MAX_SHORTFALLS`]: required ones first, those of
    /// the format before all, then in the order of the profile and of the document.
    pub shortfalls: Vec<Shortfall>,
    /// Required ones, all of them counted.
    pub required: usize,
    /// Recommended ones, all of them counted.
    pub recommended: usize,
    /// Every rule that applies to the document's format, in the order of the profile.
    pub fields: Vec<FieldOutcome>,
    /// Whether the document is not in a format that the profile accepts.
    pub fails_format: bool,
}

impl Conformance {
    /// Whether the document has everything that the profile demands.
    pub const fn conforms(&self) -> bool {
        self.required == 0 && !self.fields.is_empty()
    }
}

/// A profile.
#[derive(Clone, Debug)]
pub struct Profile {
    name: String,
    title: String,
    source: Option<String>,
    digest: Digest,
    rules: Vec<Rule>,
}

/// The profiles that are built in, with their text.
const BUILT_IN: [(&str, &str); 4] = [
    ("ntia-2021", include_str!("profile/ntia-2021.yaml")),
    ("cisa-2025", include_str!("profile/cisa-2025.yaml")),
    (
        "bsi-tr-03183-2-v2.0",
        include_str!("profile/bsi-tr-03183-2-v2.0.yaml"),
    ),
    (
        "bsi-tr-03183-2-v2.1",
        include_str!("profile/bsi-tr-03183-2-v2.1.yaml"),
    ),
];

impl Profile {
    /// The names of the profiles that are built in.
    pub const NAMES: [&str; 4] = [
        "ntia-2021",
        "cisa-2025",
        "bsi-tr-03183-2-v2.0",
        "bsi-tr-03183-2-v2.1",
    ];

    /// A profile that is built in.
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        document::read(text).ok()
    }

    /// The built-in profile whose name `name` begins, or is nearest to, where one is near at all; of
    /// several the latest.
    pub fn nearest(name: &str) -> Option<&'static str> {
        /// Characters of a wrong name that are looked at: the longest right one has 19.
        const LOOKED_AT: usize = 64;
        let name: String = name.chars().take(LOOKED_AT).collect();
        let name = name.to_ascii_lowercase();
        let latest_first = || Self::NAMES.into_iter().rev();
        if let Some(begun) = latest_first().find(|known| name.len() > 2 && known.starts_with(&name))
        {
            return Some(begun);
        }
        let letters: Vec<char> = name.chars().collect();
        latest_first()
            .map(|known| (distance(&letters, known), known))
            .filter(|(distance, known)| *distance <= known.len() / 3)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, known)| known)
    }

    /// Reads a profile of an operator's own, in YAML or JSON: the form of the built-in ones.
    ///
    /// # Errors
    ///
    /// `policy/malformed` with line and column, `policy/invalid` for the name of a built-in
    /// profile, `limit/exceeded`.
    pub fn parse(text: &str) -> Result<Self, ContentError> {
        document::parse(text)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The standard that it stands for, with its version and date.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where the standard can be read.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The SHA-256 digest of the file that it was read from.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The rules in words, in the order of the file.
    pub fn rules(&self) -> impl Iterator<Item = RuleText> + '_ {
        self.rules.iter().map(Rule::text)
    }

    /// Holds `sbom` against the profile. The work is linear in the document.
    pub fn check(&self, sbom: &Sbom) -> Conformance {
        check::check(&self.rules, sbom)
    }
}

/// One rule in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// The data field.
    pub field: String,
    /// The clause of the standard.
    pub clause: String,
    /// To what it applies: `document`, `every component`, …
    pub applies_to: String,
    /// What must be there.
    pub expected: String,
    /// `required`, `required where it exists` or `recommended`.
    pub strength: &'static str,
    /// A remark on how the standard is read.
    pub note: Option<String>,
}

/// `part` of `whole` in whole percent, rounded down; nothing of nothing is all.
pub(crate) fn percent(part: usize, whole: usize) -> usize {
    part.saturating_mul(100).checked_div(whole).unwrap_or(100)
}

/// The edit distance (Levenshtein) of two short texts.
fn distance(name: &[char], known: &str) -> usize {
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (line, letter) in known.chars().enumerate() {
        let mut left = line + 1;
        let mut next = vec![left];
        for ((above_left, above), found) in row.iter().zip(row.iter().skip(1)).zip(name) {
            let replaced = above_left + usize::from(*found != letter);
            left = replaced.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
