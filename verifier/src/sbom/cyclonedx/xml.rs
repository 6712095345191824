//! CycloneDX in XML as a tree that borrows from the document.
//!
//! **Invariant**: nothing outside the document is read and nothing inside it expands. A document type
//! is refused, whatever it says (gauntlet 164), so that only the five predefined entities and numeric
//! references are left; `xsi:schemaLocation` is an attribute like any other.

mod namespace;
mod text;

#[cfg(test)]
pub(super) use namespace::MAX_NAMESPACES;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::reader::Reader;

use super::tree::{MAX_VALUES, too_many};
use super::version::Version;
use crate::code::Code;
use crate::content::ContentError;
use namespace::Namespaces;

/// Elements in elements. 64 components in components need 131, and the deepest field ten more.
pub(super) const MAX_DEPTH: usize = 160;
/// Attributes of one element, those of namespaces included. The specification's element with most
/// attributes has five; finding one that stands twice takes time in their square.
pub(super) const MAX_ATTRIBUTES: usize = 64;
/// The namespaces of CycloneDX, without the version.
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// One element.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// Where its name comes from.
    pub(super) space: Space,
    /// Its name without prefix.
    pub(super) name: Rc<str>,
    /// Its attributes without those that declare namespaces.
    pub(super) attributes: Vec<Attribute>,
    /// Its children.
    pub(super) children: Vec<Element<'a>>,
    /// Its text; white space between children is none.
    pub(super) text: Cow<'a, str>,
}

/// One attribute.
#[derive(Debug)]
pub(super) struct Attribute {
    /// Where its name comes from.
    pub(super) space: Space,
    /// Its name without prefix.
    pub(super) name: Rc<str>,
    /// Its value.
    pub(super) value: Box<str>,
}

/// The namespace of a name, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// That of the root element.
    Own,
    /// None.
    None,
    /// That of XML Schema instances (`xsi:`).
    Instance,
    /// Any other.
    Foreign,
}

impl Element<'_> {
    /// The first child `name` of the root's namespace.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }

    /// The children, with their numbers among those of the same name where there are several.
    pub(super) fn numbered(&self) -> Vec<(Option<usize>, &Self)> {
        let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
        for child in &self.children {
            *totals.entry(&child.name).or_default() += 1;
        }
        totals.retain(|_, total| *total > 1);
        let mut numbered = Vec::with_capacity(self.children.len());
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for child in &self.children {
            let number = totals.contains_key(child.name.as_ref()).then(|| {
                let count = counts.entry(&child.name).or_default();
                *count += 1;
                *count - 1
            });
            numbered.push((number, child));
        }
        numbered
    }

    /// Whether it is the element `name` of the root's namespace.
    pub(super) fn is(&self, name: &str) -> bool {
        self.space == Space::Own && self.name.as_ref() == name
    }

    /// The value of the attribute `name` without namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|attribute| attribute.space == Space::None && attribute.name.as_ref() == name)
            .map(|attribute| attribute.value.as_ref())
    }
}

/// Reads a whole document whose root is `bom` of a supported version.
pub(super) fn read(document: &[u8]) -> Result<(Element<'_>, Version), ContentError> {
    let source = text::decoded(document)?;
    let mut builder = Builder::new(source);
    let mut reader = Reader::from_str(source);
    reader.config_mut().check_comments = true;
    loop {
        let event = reader.read_event().map_err(|error| {
            builder.offset = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
            builder.malformed("well-formed XML", &error.to_string())
        })?;
        builder.offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Event::Decl(declaration) => builder.declaration(&declaration)?,
            Event::DocType(_) => {
                return Err(builder.malformed("no document type", "a document type"));
            }
            Event::Start(start) => builder.open(&start)?,
            Event::Empty(start) => {
                builder.open(&start)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(text.xml10_content())?,
            Event::CData(text) => builder.text(text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let resolved = text::resolved(&reference)
                    .ok_or_else(|| builder.malformed("a predefined entity", &reference))?;
                builder.text(Cow::Owned(resolved.to_string()))?;
            }
            // No instruction is followed, no style sheet is fetched.
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return builder.finish(),
        }
    }
}

/// The tree as far as it is read.
struct Builder<'a> {
    source: &'a str,
    offset: usize,
    namespaces: Namespaces,
    names: HashSet<Rc<str>>,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
    version: Option<Version>,
    values: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            offset: 0,
            namespaces: Namespaces::default(),
            names: HashSet::new(),
            open: Vec::new(),
            root: None,
            version: None,
            values: 0,
        }
    }

    fn malformed(&self, expected: &str, found: &str) -> ContentError {
        let place = text::position(self.source, self.offset);
        ContentError::new(Code::SbomMalformed, place, expected, found)
    }

    /// Only UTF-8 is read, and every other encoding's name is refused: bytes that mean one thing to
    /// us and another thing to somebody else prove nothing.
    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), ContentError> {
        let Some(encoding) = declaration.encoding() else {
            return Ok(());
        };
        let encoding =
            encoding.map_err(|error| self.malformed("an encoding", &error.to_string()))?;
        let known = ["utf-8", "utf8", "us-ascii", "ascii"];
        if known
            .iter()
            .any(|known| encoding.eq_ignore_ascii_case(known))
        {
            return Ok(());
        }
        Err(ContentError::new(
            Code::SbomUnsupported,
            "the XML declaration",
            "the encoding UTF-8",
            encoding,
        ))
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), ContentError> {
        if self.root.is_some() {
            return Err(self.malformed("one root element", "a second one"));
        }
        let depth = self.open.len() + 1;
        if depth > MAX_DEPTH {
            let place = text::position(self.source, self.offset);
            return Err(ContentError::limit(
                place,
                "elements in elements",
                MAX_DEPTH,
                depth,
            ));
        }
        self.count()?;
        let mut raw = Vec::new();
        for attribute in start.attributes() {
            let attribute =
                attribute.map_err(|error| self.malformed("an attribute", &error.to_string()))?;
            if raw.len() == MAX_ATTRIBUTES {
                let place = text::position(self.source, self.offset);
                let found = MAX_ATTRIBUTES + 1;
                return Err(ContentError::limit(
                    place,
                    "attributes",
                    MAX_ATTRIBUTES,
                    found,
                ));
            }
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|error| self.malformed("an attribute", &error.to_string()))?;
            if !value.chars().all(text::is_allowed) {
                return Err(self.malformed("characters that XML allows", "a control character"));
            }
            raw.push((attribute.key.0, Box::<str>::from(value)));
        }
        let bound = self.namespaces.push(&raw);
        bound.map_err(|(limit, found)| {
            let place = text::position(self.source, self.offset);
            ContentError::limit(place, "namespaces in scope", limit, found)
        })?;
        self.element(start.name().0, raw)
    }

    fn element(&mut self, name: &str, raw: Vec<(&str, Box<str>)>) -> Result<(), ContentError> {
        if self.open.is_empty() {
            self.version = Some(self.root_version(name)?);
        }
        let (space, local) = self.resolved(name, true)?;
        let mut attributes: Vec<Attribute> = Vec::new();
        for (key, value) in raw {
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            self.count()?;
            let (space, name) = self.resolved(key, false)?;
            attributes.push(Attribute { space, name, value });
        }
        self.open.push(Element {
            space,
            name: local,
            attributes,
            children: Vec::new(),
            text: Cow::Borrowed(""),
        });
        Ok(())
    }

    /// The version that the root element's namespace says.
    fn root_version(&mut self, name: &str) -> Result<Version, ContentError> {
        let (prefix, local) = namespace::split(name);
        let uri = self.namespaces.uri(prefix).unwrap_or_default().to_owned();
        let version = uri.strip_prefix(NAMESPACE).and_then(Version::parse);
        let (Some(version), "bom") = (version, local) else {
            let found = format!("`{local}` of the namespace `{uri}`");
            let code = Code::SbomUnsupported;
            return Err(ContentError::new(code, "/", Version::SUPPORTED, found));
        };
        self.namespaces.own = uri.into();
        Ok(version)
    }

    fn resolved(&mut self, name: &str, is_element: bool) -> Result<(Space, Rc<str>), ContentError> {
        let (prefix, local) = namespace::split(name);
        let space = if prefix.is_empty() && !is_element {
            Some(Space::None)
        } else {
            self.namespaces.space(prefix)
        };
        let Some(space) = space else {
            return Err(self.malformed("a declared prefix", prefix));
        };
        Ok((space, self.interned(local)))
    }

    /// The one copy of a name: documents repeat a few names a million times.
    fn interned(&mut self, name: &str) -> Rc<str> {
        if let Some(known) = self.names.get(name) {
            return Rc::clone(known);
        }
        let name = Rc::<str>::from(name);
        self.names.insert(Rc::clone(&name));
        name
    }

    fn count(&mut self) -> Result<(), ContentError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(too_many());
        }
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), ContentError> {
        let Some(element) = self.open.last_mut() else {
            if text.chars().all(text::is_space) {
                return Ok(());
            }
            return Err(self.malformed("one root element", "text beside it"));
        };
        if element.text.is_empty() {
            element.text = text;
        } else {
            element.text.to_mut().push_str(&text);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ContentError> {
        let Some(mut element) = self.open.pop() else {
            return Err(self.malformed("a start tag", "an end tag"));
        };
        self.namespaces.pop();
        if !element.children.is_empty() && element.text.chars().all(text::is_space) {
            element.text = Cow::Borrowed("");
        }
        element.children.shrink_to_fit();
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(Element<'a>, Version), ContentError> {
        if !self.open.is_empty() {
            return Err(self.malformed("an end tag", "the end of the document"));
        }
        let (Some(root), Some(version)) = (self.root.take(), self.version) else {
            return Err(self.malformed("a root element", "none"));
        };
        Ok((root, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_attributes_are_counted_up_to_the_bound() {
        let document =
            br#"<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><a b="c"/></bom>"#;
        assert!(read(document).is_ok());
        let mut builder = Builder::new("");
        builder.values = MAX_VALUES - 1;
        assert!(builder.count().is_ok());
        assert_eq!(builder.count().unwrap_err().code, Code::LimitExceeded);
    }
}
