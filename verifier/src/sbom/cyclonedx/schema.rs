//! What the official schemas of CycloneDX say about a document, as findings.
//!
//! The schemas are data here: `schema/json.txt` for the objects, `schema/xml.txt` for the elements and
//! `schema/words.txt` for words and patterns, each with the versions in which it holds. Two walks over
//! a document's tree hold it against them, and a third looks at its references.

mod content;
mod element;
mod object;
mod plan;
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
use reference::Known;
use walk_json::Walk;

/// Holds a JSON document that comes in pieces against the schema of its version: member by member of
/// the root, in the order of their names, and long lists item by item.
pub(super) struct Checker<'a> {
    version: Version,
    schema: Findings,
    references: Findings,
    known: Known<'a>,
}

impl<'a> Checker<'a> {
    /// Nothing checked yet.
    pub(super) fn new(version: Version) -> Self {
        Self {
            version,
            schema: Findings::new(MAX_VIOLATIONS),
            references: Findings::new(MAX_VIOLATIONS),
            known: Known::new(),
        }
    }

    /// How the items of the list `name` at the root are held against the schema; nothing where the
    /// schema does not want a list there.
    pub(super) fn list(&mut self, name: &str) -> Option<ItemRule> {
        let (form, is_set) = Walk::new(self.version, &mut self.schema).root_list(name)?;
        Some(ItemRule { form, is_set })
    }

    /// A member of the root as a whole.
    pub(super) fn member(&mut self, name: &str, value: &Node<'a>, place: &Place<'_>) {
        Walk::new(self.version, &mut self.schema).root_member(name, value, place);
        let (known, findings) = (&mut self.known, &mut self.references);
        reference::collect_member(name, value, place, known, findings);
    }

    /// One item of a list.
    pub(super) fn item(&mut self, rule: ItemRule, item: &Node<'a>, place: &Place<'_>) {
        Walk::new(self.version, &mut self.schema).value(item, rule.form, place);
        reference::collect_json(item, place, &mut self.known, &mut self.references);
    }

    /// Items of a list of different ones that may be equal, with their positions.
    pub(super) fn set(&mut self, items: &[(usize, Node<'a>)], place: &Place<'_>) {
        let items = items.iter().map(|(position, node)| (*position, node));
        Walk::new(self.version, &mut self.schema).set(items.collect(), place);
    }

    /// What has to be in the root.
    pub(super) fn demands(&mut self, root: &Node<'a>, place: &Place<'_>) {
        Walk::new(self.version, &mut self.schema).root_demands(root, place);
    }

    /// All violations.
    pub(super) fn findings(self) -> Findings {
        let mut findings = self.schema;
        findings.append(self.references);
        findings
    }
}

/// What the schema wants of the items of one list.
#[derive(Clone, Copy)]
pub(super) struct ItemRule {
    form: &'static plan::Form,
    /// Whether no two items may be equal.
    pub(super) is_set: bool,
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
