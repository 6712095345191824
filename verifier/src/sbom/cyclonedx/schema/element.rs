//! The table of elements in XML.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::scalar::Scalar;
use super::words::{VOCABULARY, versioned};
use crate::sbom::cyclonedx::version::{Version, Versions};

/// The table.
#[derive(Default)]
pub(super) struct Elements {
    elements: BTreeMap<&'static str, Element>,
}

/// One kind of element.
#[derive(Default)]
pub(super) struct Element {
    others: Option<(Others, Versions)>,
    mixed: Option<Versions>,
    attributes: Vec<Attribute>,
    /// The type of its text; none where it has children only.
    pub(super) text: Option<Kind>,
    /// Its children.
    pub(super) content: Vec<Particle>,
}

/// Attributes that are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Any at all.
    Any,
    /// Those of other namespaces.
    Foreign,
}

/// One attribute in some versions.
pub(super) struct Attribute {
    versions: Versions,
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it has to be there.
    pub(super) is_required: bool,
    /// Its type.
    pub(super) kind: Kind,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text that is one of these.
    Text(Vec<Scalar>),
    /// The element of this name.
    Element(&'static str),
}

/// A part of the content of an element (XML Schema, part 1, 2.2.3).
#[derive(Debug)]
pub(super) struct Particle {
    pub(super) versions: Versions,
    pub(super) occurs: Occurs,
    pub(super) term: Term,
}

/// What a part of the content is.
#[derive(Debug)]
pub(super) enum Term {
    /// An element with its type.
    Element(&'static str, Kind),
    /// Elements of other namespaces.
    Foreign,
    /// A group in order.
    All(Vec<Particle>),
    /// A choice.
    One(Vec<Particle>),
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Occurs {
    /// Whether it has to be there.
    pub(super) is_required: bool,
    /// Whether it may come again.
    pub(super) is_repeated: bool,
}

/// The table that is built in. A test holds that it can be read; if not, nothing is as the schema
/// wants it.
pub(super) static ELEMENTS: LazyLock<Elements> =
    LazyLock::new(|| Elements::parse(include_str!("xml.txt")).unwrap_or_default());

impl Elements {
    /// Reads the notation that the table explains in its first lines.
    pub(super) fn parse(text: &'static str) -> Option<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut tokens = lines.flat_map(str::split_whitespace).peekable();
        let mut table = Self::default();
        while let Some(token) = tokens.next() {
            let name = token.strip_prefix(':')?;
            let mut own = Vec::new();
            while let Some(token) = tokens.next_if(|token| !token.starts_with(':')) {
                own.push(token);
            }
            table.elements.insert(name, Element::parse(&own)?);
        }
        Some(table)
    }

    /// The element of this type.
    pub(super) fn get(&self, name: &str) -> Option<&Element> {
        self.elements.get(name)
    }

    /// Every element, for tests that the table is whole.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Element)> {
        self.elements.iter().map(|(name, element)| (*name, element))
    }
}

impl Element {
    fn parse(tokens: &[&'static str]) -> Option<Self> {
        let mut element = Self::default();
        let mut rest = tokens.iter().copied().peekable();
        while let Some(token) = rest.next_if(|token| is_flag(token)) {
            let (flag, versions) = versioned(token)?;
            match flag {
                "any" => element.others = Some((Others::Any, versions)),
                "other" => element.others = Some((Others::Foreign, versions)),
                _ => element.mixed = Some(versions),
            }
        }
        let mut kind = None;
        while let Some(token) = rest.next_if(|token| rest_is_attribute(token, kind.is_some())) {
            if let Some(text) = token.strip_prefix('=') {
                element.text = Some(Kind::parse(text));
            } else if let Some(text) = token.strip_prefix('@') {
                kind = Some(text.strip_suffix(':')?);
            } else {
                let (name, versions) = versioned(token)?;
                let required = name.strip_suffix('!');
                element.attributes.push(Attribute {
                    versions,
                    name: required.unwrap_or(name),
                    is_required: required.is_some(),
                    kind: Kind::parse(kind?),
                });
            }
        }
        let (content, end) = particles(&mut rest)?;
        element.content = content;
        (end == End::Tokens).then_some(element)
    }

    /// Which attributes it may have that are not listed.
    pub(super) fn others(&self, version: Version) -> Option<Others> {
        let others = self
            .others
            .filter(|(_, versions)| versions.contain(version));
        others.map(|(others, _)| others)
    }

    /// Whether text may stand between its children.
    pub(super) fn is_mixed(&self, version: Version) -> bool {
        self.mixed.is_some_and(|mixed| mixed.contain(version))
    }

    /// Its attributes in this version.
    pub(super) fn attributes(&self, version: Version) -> impl Iterator<Item = &Attribute> {
        let attributes = self.attributes.iter();
        attributes.filter(move |attribute| attribute.versions.contain(version))
    }
}

/// Whether a token says which other attributes are allowed: the wildcard for children has a star.
fn is_flag(token: &str) -> bool {
    let flag = token.split('~').next().unwrap_or_default();
    matches!(flag, "any" | "other" | "mixed")
}

/// Whether a token still belongs to the attributes and the text of an element: what follows an
/// attribute's type, up to the first type of a child or group.
fn rest_is_attribute(token: &'static str, has_type: bool) -> bool {
    if token.starts_with(['@', '=']) {
        return true;
    }
    let is_content = token.ends_with(':') || group(token).is_some() || token.starts_with("any");
    has_type && !is_content
}

/// The group that a token opens, with how often it comes.
fn group(token: &'static str) -> Option<(&'static str, Occurs, Versions)> {
    let (name, versions) = versioned(token)?;
    let (name, occurs) = Occurs::of(name);
    matches!(name, "all" | "one").then_some((name, occurs, versions))
}

/// What ended a group of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Its bracket.
    Bracket,
    /// The end of all tokens.
    Tokens,
}

/// The content up to the end of its group.
fn particles(tokens: &mut impl Iterator<Item = &'static str>) -> Option<(Vec<Particle>, End)> {
    let mut found = Vec::new();
    let mut kind = None;
    while let Some(token) = tokens.next() {
        if token == ")" {
            return Some((found, End::Bracket));
        }
        if let Some(text) = token.strip_suffix(':') {
            kind = Some(Kind::parse(text));
            continue;
        }
        if let Some((name, occurs, versions)) = group(token) {
            tokens.next().filter(|token| *token == "(")?;
            let (inner, end) = particles(tokens)?;
            (end == End::Bracket).then_some(())?;
            let term = if name == "all" {
                Term::All(inner)
            } else {
                Term::One(inner)
            };
            found.push(Particle {
                versions,
                occurs,
                term,
            });
            kind = None;
            continue;
        }
        let (name, versions) = versioned(token)?;
        let (name, occurs) = Occurs::of(name);
        let term = match (name, occurs.is_repeated) {
            ("any", true) => Term::Foreign,
            _ => Term::Element(name, kind.clone()?),
        };
        found.push(Particle {
            versions,
            occurs,
            term,
        });
    }
    Some((found, End::Tokens))
}

impl Occurs {
    /// A name and how often it comes.
    fn of(token: &'static str) -> (&'static str, Self) {
        let name = token.trim_end_matches(['?', '*', '+']);
        let (is_required, is_repeated) = match token.strip_prefix(name) {
            Some("?") => (false, false),
            Some("*") => (false, true),
            Some("+") => (true, true),
            _ => (true, false),
        };
        let occurs = Self {
            is_required,
            is_repeated,
        };
        (name, occurs)
    }
}

impl Kind {
    fn parse(text: &'static str) -> Self {
        let scalars: Option<Vec<_>> = text
            .split('|')
            .map(|name| VOCABULARY.scalar(name))
            .collect();
        scalars.map_or(Self::Element(text), Self::Text)
    }
}
