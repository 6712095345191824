//! Reading the tree: the whole document at once, or the entries of a long list one by one, so that no
//! more than one of them is in memory.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Name, Node};
use crate::code::Code;
use crate::content::ContentError;
use crate::json;

/// Values of one document, JSON values or XML elements and attributes. Real documents spend some 30
/// bytes on each, so that the largest allowed one has about half as many; this bounds memory, because
/// a value can be written in two bytes and takes fifty in memory.
pub(in crate::sbom::cyclonedx) const MAX_VALUES: usize = 8_000_000;
/// Nesting of values: what `serde_json` allows in a document that is read at once. Parts of a document
/// that are read one by one are counted from its root.
pub(in crate::sbom::cyclonedx) const MAX_DEPTH: usize = 127;

/// Reads a whole document: an object without duplicate names at any depth.
pub(in crate::sbom::cyclonedx) fn read(document: &[u8]) -> Result<Node<'_>, ContentError> {
    let mut builder = Builder::default();
    let root = std::str::from_utf8(document)
        .ok()
        .and_then(|text| builder.value(text, 1));
    let root = root.ok_or_else(|| builder.refusal(document))?;
    if matches!(root, Node::Object(_)) {
        return Ok(root);
    }
    Err(no_object(root.kind()))
}

/// The error of a document with more values than [`MAX_VALUES`].
pub(in crate::sbom::cyclonedx) fn too_many() -> ContentError {
    ContentError::limit("the document", "values", MAX_VALUES, MAX_VALUES + 1)
}

fn no_object(found: &str) -> ContentError {
    ContentError::new(Code::SbomMalformed, "the document", "an object", found)
}

/// The members of a document, sorted by name, each of them still text.
pub(in crate::sbom::cyclonedx) struct Root<'a> {
    /// Names and values; no name stands twice.
    pub(in crate::sbom::cyclonedx) members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Root<'a> {
    /// Splits a document into its members; nothing where it is none, which [`read`] explains.
    pub(in crate::sbom::cyclonedx) fn split(document: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(document).ok()?;
        let mut root: Self = serde_json::from_str(text).ok()?;
        root.members.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut pairs = root.members.iter().zip(root.members.iter().skip(1));
        let is_unique = pairs.all(|((a, _), (b, _))| a != b);
        is_unique.then_some(root)
    }

    /// The member `name`.
    pub(in crate::sbom::cyclonedx) fn member(&self, name: &str) -> Option<&'a RawValue> {
        let mut members = self.members.iter();
        members
            .find(|(found, _)| found == name)
            .map(|(_, text)| *text)
    }
}

impl<'de: 'a, 'a> serde::Deserialize<'de> for Root<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RootVisitor)
    }
}

struct RootVisitor;

impl<'de> Visitor<'de> for RootVisitor {
    type Value = Root<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Root<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Root { members })
    }
}

/// Reads values of one document and counts them.
#[derive(Default)]
pub(in crate::sbom::cyclonedx) struct Builder<'a> {
    count: usize,
    /// Items and members of lists and objects that are not read to their end: kept here, so that
    /// each list and object is allocated once and in its size.
    items: Vec<Node<'a>>,
    members: Vec<(Cow<'a, str>, Node<'a>)>,
}

impl<'a> Builder<'a> {
    /// Counts a value that is not read here.
    pub(in crate::sbom::cyclonedx) fn count_one(&mut self) {
        self.count += 1;
    }

    /// Reads a value that stands `depth` deep in its document, where the root is at 1. Nothing where
    /// it cannot be read; then the whole document is to be refused.
    pub(in crate::sbom::cyclonedx) fn value(
        &mut self,
        text: &'a str,
        depth: usize,
    ) -> Option<Node<'a>> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let seed = Seed {
            builder: self,
            depth,
        };
        let node = seed.deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(node)
    }

    /// Reads the items of a list that itself stands `depth` deep, and hands each to `take`.
    pub(in crate::sbom::cyclonedx) fn each(
        &mut self,
        text: &'a str,
        depth: usize,
        take: impl FnMut(Node<'a>) -> Result<(), ContentError>,
    ) -> Result<(), Stopped> {
        let mut stopped = Stopped::Unreadable;
        let each = Each {
            builder: self,
            depth: depth + 1,
            take,
            stopped: &mut stopped,
        };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match deserializer.deserialize_seq(each) {
            Ok(()) if deserializer.end().is_ok() => Ok(()),
            _ => Err(stopped),
        }
    }

    /// Why a document is refused of which something could not be read.
    pub(in crate::sbom::cyclonedx) fn refusal(&self, document: &[u8]) -> ContentError {
        // Where the text itself is at fault, this says at which line and column.
        if let Err(error) = json::check(document, Code::SbomMalformed) {
            return error;
        }
        if self.count > MAX_VALUES {
            return too_many();
        }
        ContentError::new(
            Code::SbomMalformed,
            "the document",
            "JSON",
            "something that cannot be read",
        )
    }
}

/// Why reading a list stopped before its end.
pub(in crate::sbom::cyclonedx) enum Stopped {
    /// The text cannot be read, or has too many values.
    Unreadable,
    /// Who took the items wants no more.
    Taker(ContentError),
}

/// Reads one value and counts it.
struct Seed<'b, 'a> {
    builder: &'b mut Builder<'a>,
    depth: usize,
}

impl<'a> Seed<'_, 'a> {
    fn inner(&mut self) -> Seed<'_, 'a> {
        Seed {
            builder: &mut *self.builder,
            depth: self.depth + 1,
        }
    }

    fn check_depth<E: Error>(&self) -> Result<(), E> {
        if self.depth > MAX_DEPTH {
            return Err(E::custom("nested too deep"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, 'de> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        self.builder.count += 1;
        if self.builder.count > MAX_VALUES {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, 'de> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node<'de>, E> {
        if let Ok(value) = i64::try_from(value) {
            return Ok(Node::Integer(value));
        }
        let number = value.to_string().parse().map_err(E::custom)?;
        Ok(Node::Number(number))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Node<'de>, A::Error> {
        self.check_depth()?;
        let start = self.builder.items.len();
        while let Some(item) = seq.next_element_seed(self.inner())? {
            self.builder.items.push(item);
        }
        Ok(Node::List(self.builder.items.drain(start..).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Node<'de>, A::Error> {
        self.check_depth()?;
        let start = self.builder.members.len();
        while let Some(Name(name)) = map.next_key()? {
            let node = map.next_value_seed(self.inner())?;
            self.builder.members.push((name, node));
        }
        let mut members: Box<[(Cow<'de, str>, Node<'de>)]> =
            self.builder.members.drain(start..).collect();
        members.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut pairs = members.iter().zip(members.iter().skip(1));
        if pairs.any(|((a, _), (b, _))| a == b) {
            return Err(A::Error::custom("duplicate field"));
        }
        Ok(Node::Object(members))
    }
}

/// Hands over the items of a list.
struct Each<'b, 'a, F> {
    builder: &'b mut Builder<'a>,
    depth: usize,
    take: F,
    stopped: &'b mut Stopped,
}

impl<'de, F: FnMut(Node<'de>) -> Result<(), ContentError>> Visitor<'de> for Each<'_, 'de, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let seed = Seed {
                builder: &mut *self.builder,
                depth: self.depth,
            };
            let Some(item) = seq.next_element_seed(seed)? else {
                return Ok(());
            };
            if let Err(error) = (self.take)(item) {
                *self.stopped = Stopped::Taker(error);
                return Err(A::Error::custom("stopped"));
            }
        }
    }
}
