//! What the schemas say in words about references: a `bom-ref` names one thing in a document, and
//! dependencies are between things that the document names.

use std::collections::HashSet;

use super::Findings;
use crate::sbom::cyclonedx::item::{Item, Place};
use crate::sbom::cyclonedx::tree::Node;
use crate::sbom::cyclonedx::xml::Element;

const NAME: &str = "bom-ref";
/// What BOM-Links start with: references that leave the document.
const BOM_LINK: &str = "urn:cdx:";

/// Looks at the references of a JSON document.
pub(super) fn check_json(root: &Node<'_>, place: &Place<'_>, findings: &mut Findings) {
    let mut known = HashSet::new();
    collect_json(root, place, &mut known, findings);
    dependencies(Item::Json(root), place, &known, findings);
}

/// Looks at the references of an XML document.
pub(super) fn check_xml(root: &Element<'_>, place: &Place<'_>, findings: &mut Findings) {
    let mut known = HashSet::new();
    collect_xml(root, place, &mut known, findings);
    dependencies(Item::Xml(root), place, &known, findings);
}

fn collect_json<'t>(
    node: &'t Node<'_>,
    place: &Place<'_>,
    known: &mut HashSet<&'t str>,
    findings: &mut Findings,
) {
    for (name, value) in node.members() {
        let place = place.name(name);
        match value {
            Node::Text(text) if name == NAME => add(text, &place, known, findings),
            value => collect_json(value, &place, known, findings),
        }
    }
    for (position, value) in node.items().iter().enumerate() {
        collect_json(value, &place.item("", position), known, findings);
    }
}

fn collect_xml<'t>(
    element: &'t Element<'_>,
    place: &Place<'_>,
    known: &mut HashSet<&'t str>,
    findings: &mut Findings,
) {
    if let Some(text) = element.attribute(NAME) {
        add(text, &place.attribute(NAME), known, findings);
    }
    for (number, child) in element.numbered() {
        collect_xml(child, &place.element(&child.name, number), known, findings);
    }
}

fn add<'t>(
    text: &'t str,
    place: &Place<'_>,
    known: &mut HashSet<&'t str>,
    findings: &mut Findings,
) {
    if !known.insert(text) {
        let expected = || "a name that nothing else in the document has".to_owned();
        findings.add(place, expected, text);
    }
}

/// Both ends of every dependency are things of the document.
fn dependencies(root: Item<'_>, place: &Place<'_>, known: &HashSet<&str>, findings: &mut Findings) {
    let mut end = |text: Option<&str>, place: &Place<'_>| {
        let Some(text) = text else {
            return;
        };
        if !known.contains(text) && !text.starts_with(BOM_LINK) {
            let expected = || "the `bom-ref` of something in the document".to_owned();
            findings.add(place, expected, text);
        }
    };
    let place = place.name("dependencies");
    let listed = root.list("dependencies", "dependency");
    for (number, item) in listed.numbered() {
        let place = place.element("dependency", number);
        end(item.attribute("ref"), &place.name("ref"));
        let (needs, provides) = match item {
            Item::Json(_) => ("dependsOn", "provides"),
            Item::Xml(_) => ("dependency", "provides"),
        };
        for name in [needs, provides] {
            let list = place.name(name);
            for (number, item) in item.repeated(name).numbered() {
                let at = match item {
                    Item::Json(_) => &list,
                    Item::Xml(_) => &place,
                };
                end(item.reference(), &at.element(name, number));
            }
        }
    }
}
