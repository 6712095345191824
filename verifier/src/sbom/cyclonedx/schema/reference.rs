//! What the schemas say in words about references: a `bom-ref` names one thing in a document.
//!
//! That a dependency leads to something in the document, no schema demands, and no validator asks:
//! generators name what they left out (Trivy the root of an image). Such a dependency is no
//! relationship, so that a rule that wants relationships misses it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Findings;
use crate::sbom::cyclonedx::item::Place;
use crate::sbom::cyclonedx::tree::Node;
use crate::sbom::cyclonedx::xml::Element;

const NAME: &str = "bom-ref";

/// The names of a document.
pub(super) type Known<'a> = HashSet<Cow<'a, str>>;

/// Looks at the names in an XML document.
pub(super) fn check_xml(root: &Element<'_>, place: &Place<'_>, findings: &mut Findings) {
    let mut known = HashSet::new();
    collect_xml(root, place, &mut known, findings);
}

/// Collects the names in a part of a JSON document.
pub(super) fn collect_json<'a>(
    node: &Node<'a>,
    place: &Place<'_>,
    known: &mut Known<'a>,
    findings: &mut Findings,
) {
    for (name, value) in node.members() {
        collect_member(name, value, place, known, findings);
    }
    for (position, value) in node.items().iter().enumerate() {
        collect_json(value, &place.item("", position), known, findings);
    }
}

/// Collects the names in a member of what stands at `place`.
pub(super) fn collect_member<'a>(
    name: &str,
    value: &Node<'a>,
    place: &Place<'_>,
    known: &mut Known<'a>,
    findings: &mut Findings,
) {
    match value {
        Node::Text(text) if name == NAME => add(text.clone(), &place.name(name), known, findings),
        Node::List(_) | Node::Object(_) => {
            collect_json(value, &place.name(name), known, findings);
        }
        Node::Null | Node::Boolean(_) | Node::Integer(_) | Node::Number(_) | Node::Text(_) => {}
    }
}

fn collect_xml<'t>(
    element: &'t Element<'_>,
    place: &Place<'_>,
    known: &mut Known<'t>,
    findings: &mut Findings,
) {
    if let Some(text) = element.attribute(NAME) {
        add(Cow::Borrowed(text), &place.attribute(NAME), known, findings);
    }
    for (number, child) in element.numbered() {
        collect_xml(child, &place.element(&child.name, number), known, findings);
    }
}

fn add<'a>(text: Cow<'a, str>, place: &Place<'_>, known: &mut Known<'a>, findings: &mut Findings) {
    if let Some(same) = known.replace(text) {
        let expected = || "a name that nothing else in the document has".to_owned();
        findings.add(place, expected, &same);
    }
}
