//! Words and patterns: the part of the tables that both encodings share.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::scalar::{Bounds, Scalar};
use crate::sbom::cyclonedx::version::{Version, Versions};

/// The tables' own bound on one pattern, in bytes of its automaton: the one for CPE names is the
/// largest.
const PATTERN_SIZE: usize = 1024 * 1024;

/// Words with the versions that know them.
type Words = BTreeMap<&'static str, Versions>;

/// The table.
#[derive(Default)]
pub(super) struct Vocabulary {
    words: BTreeMap<&'static str, Words>,
    patterns: BTreeMap<&'static str, Regex>,
}

/// The table that is built in. A test holds that it can be read; if not, nothing is a known word.
pub(super) static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::parse(include_str!("words.txt")).unwrap_or_default());

impl Vocabulary {
    /// Reads the notation that the table explains in its first lines.
    pub(super) fn parse(text: &'static str) -> Option<Self> {
        let mut table = Self::default();
        let mut list: Option<&mut Words> = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(pattern) = line.strip_prefix('~') {
                let (name, pattern) = pattern.split_once(' ')?;
                let pattern = regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
                    .size_limit(PATTERN_SIZE)
                    .build();
                table.patterns.insert(name, pattern.ok()?);
                continue;
            }
            let mut tokens = line.split_whitespace();
            if line.starts_with('=') {
                let name = tokens.next()?.strip_prefix('=')?;
                list = Some(table.words.entry(name).or_default());
            }
            for token in tokens {
                let (word, versions) = versioned(token)?;
                list.as_mut()?.insert(word, versions);
            }
        }
        Some(table)
    }

    /// The type `name`, if it is one of plain text.
    pub(super) fn scalar(&self, name: &str) -> Option<Scalar> {
        if let Some((&name, _)) = self.words.get_key_value(name) {
            return Some(Scalar::Word(name));
        }
        if let Some((&name, _)) = self.patterns.get_key_value(name) {
            return Some(Scalar::Pattern(name));
        }
        Some(match name {
            "any" => Scalar::Any,
            "boolean" => Scalar::Boolean,
            "date-time" => Scalar::DateTime,
            "date" => Scalar::Date,
            "iri-reference" => Scalar::Iri,
            "uri" => Scalar::Uri,
            "idn-email" => Scalar::Email,
            "spdx-id" => Scalar::SpdxId,
            _ => {
                let kind = name.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit());
                let bounds = Bounds::parse(name.strip_prefix(kind)?)?;
                match kind {
                    "text" => Scalar::Text(bounds),
                    "integer" => Scalar::Integer(bounds),
                    "number" => Scalar::Number(bounds),
                    _ => return None,
                }
            }
        })
    }

    /// Whether `word` stands in the list `name` of this version.
    pub(super) fn knows(&self, name: &str, word: &str, version: Version) -> bool {
        let words = self.words.get(name);
        let versions = words.and_then(|words| words.get(word));
        versions.is_some_and(|versions| versions.contain(version))
    }

    /// The words of a list in this version, sorted.
    pub(super) fn words(&self, name: &str, version: Version) -> impl Iterator<Item = &'static str> {
        let words = self.words.get(name).into_iter().flatten();
        let words = words.filter(move |(_, versions)| versions.contain(version));
        words.map(|(word, _)| *word)
    }

    /// The words of a list in this version, for messages.
    pub(super) fn listed(&self, name: &str, version: Version) -> String {
        let words: Vec<_> = self
            .words(name, version)
            .map(|word| format!("`{word}`"))
            .collect();
        words.join(", ")
    }

    /// The form `name`.
    pub(super) fn pattern(&self, name: &str) -> Option<&Regex> {
        self.patterns.get(name)
    }

    /// Whether the whole of `text` has the form `name`.
    pub(super) fn matches(&self, name: &str, text: &str) -> bool {
        let pattern = self.patterns.get(name);
        pattern.is_some_and(|pattern| pattern.is_match(text))
    }
}

/// A name with the versions that stand behind it.
pub(super) fn versioned(token: &'static str) -> Option<(&'static str, Versions)> {
    match token.split_once('~') {
        Some((name, versions)) => Some((name, Versions::parse(versions)?)),
        None => Some((token, Versions::ALL)),
    }
}
