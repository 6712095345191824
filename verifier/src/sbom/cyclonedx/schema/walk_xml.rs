//! Holds an XML document against the table of elements.

use super::element::{ELEMENTS, Kind, Others, Particle, Term};
use super::scalar::Scalar;
use super::{Findings, content, element};
use crate::sbom::cyclonedx::item::Place;
use crate::sbom::cyclonedx::version::Version;
use crate::sbom::cyclonedx::xml::{Attribute, Element, Space};

/// Holds the whole document against the schema of `version`.
pub(super) fn check(
    root: &Element<'_>,
    version: Version,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let mut walk = Walk { version, findings };
    walk.element(root, "bom", place);
}

struct Walk<'f> {
    version: Version,
    findings: &'f mut Findings,
}

impl Walk<'_> {
    fn element(&mut self, element: &Element<'_>, name: &str, place: &Place<'_>) {
        let Some(wanted) = ELEMENTS.get(name) else {
            let expected = || format!("an element of the type `{name}`");
            self.findings.add(place, expected, &element.name);
            return;
        };
        self.attributes(element, wanted, place);
        match &wanted.text {
            Some(kind) => self.text_only(element, kind, place),
            None => self.children(element, wanted, place),
        }
    }

    fn attributes(&mut self, element: &Element<'_>, wanted: &element::Element, place: &Place<'_>) {
        let version = self.version;
        for wanted in wanted.attributes(version) {
            if wanted.is_required && element.attribute(wanted.name).is_none() {
                let expected = || format!("an attribute `{}`", wanted.name);
                self.findings.add(place, expected, "none");
            }
        }
        let others = wanted.others(version);
        for attribute in &element.attributes {
            let place = place.attribute(&attribute.name);
            let mut known = wanted.attributes(version);
            match known.find(|known| is_named(attribute, known.name)) {
                Some(known) => self.text(&attribute.value, &known.kind, &place),
                None if is_allowed(attribute.space, others) => {}
                None => {
                    let expected = || format!("no such attribute in CycloneDX {}", version.name());
                    self.findings.add(&place, expected, &attribute.value);
                }
            }
        }
    }

    fn text_only(&mut self, element: &Element<'_>, kind: &Kind, place: &Place<'_>) {
        self.text(&element.text, kind, place);
        if let Some(child) = element.children.first() {
            self.findings
                .add(place, || "text only".to_owned(), &child.name);
        }
    }

    fn text(&mut self, text: &str, kind: &Kind, place: &Place<'_>) {
        let version = self.version;
        let Kind::Text(scalars) = kind else {
            return;
        };
        if !scalars.iter().any(|scalar| scalar.takes_xml(text, version)) {
            let words = || scalars.iter().map(|scalar| scalar.words(version));
            let expected = || words().collect::<Vec<_>>().join(", or ");
            self.findings.add(place, expected, text);
        }
    }

    fn children(&mut self, element: &Element<'_>, wanted: &element::Element, place: &Place<'_>) {
        if !element.text.is_empty() && !wanted.is_mixed(self.version) && !is_blank(&element.text) {
            self.findings
                .add(place, || "elements only".to_owned(), &element.text);
        }
        if let Some(departure) = content::check(&wanted.content, &element.children, self.version) {
            let child = element.children.get(departure.position);
            let found = child.map_or("the end", |child| child.name.as_ref());
            let expected = || {
                departure
                    .expected
                    .unwrap_or_else(|| "no such element here".to_owned())
            };
            self.findings.add(place, expected, found);
        }
        for (number, child) in element.numbered() {
            if child.space != Space::Own {
                continue;
            }
            let place = place.element(&child.name, number);
            match kind_of(&wanted.content, &child.name, self.version) {
                Some(Kind::Element(name)) => self.element(child, name, &place),
                Some(kind) => self.plain(child, kind, &place),
                // The order of the children has told already that it does not belong here.
                None => {}
            }
        }
    }

    /// An element of plain text: without attributes and children.
    fn plain(&mut self, element: &Element<'_>, kind: &Kind, place: &Place<'_>) {
        if matches!(kind, Kind::Text(scalars) if scalars.contains(&Scalar::Any)) {
            return;
        }
        if !element.text.is_empty() || !has_default(kind, self.version) {
            self.text_only(element, kind, place);
        }
        for attribute in &element.attributes {
            if attribute.space != Space::Instance {
                let place = place.attribute(&attribute.name);
                self.findings
                    .add(&place, || "no attribute".to_owned(), &attribute.value);
            }
        }
    }
}

/// Lists of words of which an empty element stands for one (XML Schema, part 1, 3.3.4), and since when.
const DEFAULTS: [(&str, Version); 5] = [
    ("aggregateType", Version::V1_3),
    ("affectedStatus", Version::V1_4),
    ("component.scope", Version::V1_5),
    ("volume.mode", Version::V1_5),
    ("tlpClassification", Version::V1_7),
];

fn has_default(kind: &Kind, version: Version) -> bool {
    let Kind::Text(scalars) = kind else {
        return false;
    };
    let mut defaults = DEFAULTS.iter().filter(|(_, since)| *since <= version);
    defaults.any(|(list, _)| scalars.contains(&Scalar::Word(list)))
}

fn is_named(attribute: &Attribute, name: &str) -> bool {
    attribute.space == Space::None && attribute.name.as_ref() == name
}

/// Whether an attribute that is not listed is allowed. Those of XML Schema always are (part 1, 2.6).
fn is_allowed(space: Space, others: Option<Others>) -> bool {
    match others {
        _ if space == Space::Instance => true,
        Some(Others::Any) => true,
        Some(Others::Foreign) => space == Space::Foreign,
        None => false,
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

/// The type of the child `name`: the same wherever in the content it stands (XML Schema, part 1,
/// 3.8.6, element declarations are consistent).
fn kind_of<'t>(content: &'t [Particle], name: &str, version: Version) -> Option<&'t Kind> {
    let content = content
        .iter()
        .filter(|particle| particle.versions.contain(version));
    content
        .into_iter()
        .find_map(|particle| match &particle.term {
            Term::Element(known, kind) if *known == name => Some(kind),
            Term::All(content) | Term::One(content) => kind_of(content, name, version),
            Term::Element(..) | Term::Foreign => None,
        })
}
