//! What a statement is about.

use std::sync::Arc;

use crate::sbom::Hash;

/// A product, and the parts of it that a statement means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// What names the product.
    pub identifiers: Arc<Identifiers>,
    /// The components inside of the product that the statement is about; none means the whole product.
    pub subcomponents: Vec<Arc<Identifiers>>,
}

/// Everything by which a document names one product or component; any one of them is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// Package URLs, as written.
    pub purls: Vec<Box<str>>,
    /// CPE names, as written.
    pub cpes: Vec<Box<str>>,
    /// Hashes of the product itself.
    pub hashes: Vec<Hash>,
    /// Names that mean something in their own document only.
    pub others: Vec<Box<str>>,
    /// The versions meant, where they are listed beside the name.
    pub versions: Vec<Box<str>>,
    /// Ranges of versions, as written. They are not evaluated: a range never suppresses.
    pub ranges: Vec<Box<str>>,
}

impl Identifiers {
    /// What one free text names.
    pub(super) fn of(text: &str) -> Self {
        let mut identifiers = Self::default();
        identifiers.add(text);
        identifiers
    }

    /// Takes a free text for what it looks like.
    pub(super) fn add(&mut self, text: &str) {
        let list = if text.starts_with("pkg:") {
            &mut self.purls
        } else if text.starts_with("cpe:") {
            &mut self.cpes
        } else {
            &mut self.others
        };
        if !text.is_empty() && !list.iter().any(|known| **known == *text) {
            list.push(text.into());
        }
    }

    pub(super) fn add_hash(&mut self, algorithm: &str, value: &str) {
        self.hashes.push(Hash {
            algorithm: spelled(algorithm).into(),
            value: value.to_ascii_lowercase().into(),
        });
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.purls, &self.cpes, &self.others];
        lists.iter().all(|list| list.is_empty()) && self.hashes.is_empty()
    }
}

/// The algorithm as [`Hash`] spells it: `SHA-256` and `sha-256` are `sha256`.
fn spelled(algorithm: &str) -> String {
    let lower = algorithm.to_ascii_lowercase();
    match lower.strip_prefix("sha-") {
        Some(rest) => format!("sha{rest}"),
        None => lower,
    }
}
