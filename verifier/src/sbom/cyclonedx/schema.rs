//! What the official schemas of CycloneDX say about a document, as findings.
//!
//! The schemas are data here: `schema/json.txt` for the objects, `schema/xml.txt` for the elements and
//! `schema/words.txt` for words and patterns, each with the versions in which it holds. Two walks over
//! a document's tree hold it against them, and a third looks at its references.

mod content;
mod element;
mod object;
mod reference;
mod scalar;
mod walk_json;
mod walk_xml;
mod words;

#[cfg(test)]
mod tests;

use super::item::{Item, Place};
use super::tree::Node;
use super::version::Version;
use super::xml::Element;
use crate::content::shortened;
use crate::sbom::limits::MAX_VIOLATIONS;
use crate::sbom::model::{Sbom, Violation};

/// Holds a JSON document against the schema of its version.
pub(super) fn check_json(root: &Node<'_>, version: Version) -> Findings {
    let place = Place::root(Item::Json(root));
    let mut findings = Findings::new(MAX_VIOLATIONS);
    walk_json::check(root, version, &place, &mut findings);
    reference::check_json(root, &place, &mut findings);
    findings
}

/// Holds an XML document against the schema of its version.
pub(super) fn check_xml(root: &Element<'_>, version: Version) -> Findings {
    let place = Place::root(Item::Xml(root));
    let mut findings = Findings::new(MAX_VIOLATIONS);
    walk_xml::check(root, version, &place, &mut findings);
    reference::check_xml(root, &place, &mut findings);
    findings
}

/// Violations, of which the first ones are kept and all are counted.
#[derive(Debug)]
pub(super) struct Findings {
    kept: Vec<Violation>,
    count: usize,
    limit: usize,
}

impl Findings {
    fn new(limit: usize) -> Self {
        Self {
            kept: Vec::new(),
            count: 0,
            limit,
        }
    }

    /// Adds a violation; what it says is only made where it is kept.
    fn add(&mut self, place: &Place<'_>, expected: impl FnOnce() -> String, found: &str) {
        if self.kept.len() < self.limit {
            self.kept.push(Violation {
                place: place.to_string().into(),
                expected: expected().into(),
                found: shortened(found).into(),
            });
        }
        self.count += 1;
    }

    /// Adds all that another walk found.
    fn append(&mut self, other: Self) {
        let room = self.limit.saturating_sub(self.kept.len());
        self.kept.extend(other.kept.into_iter().take(room));
        self.count += other.count;
    }

    /// Hands the violations over to the document's view.
    pub(super) fn store(self, sbom: &mut Sbom) {
        sbom.more_violations = self.count - self.kept.len();
        sbom.violations = self.kept;
    }
}
