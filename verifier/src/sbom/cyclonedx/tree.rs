//! CycloneDX in JSON as a tree that borrows from the document.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::code::Code;
use crate::content::ContentError;
use crate::json;

/// Values of one document, JSON values or XML elements and attributes. Real documents spend some 30
/// bytes on each, so that the largest allowed one has about half as many; this bounds memory, because
/// a value can be written in two bytes and takes fifty in memory.
pub(super) const MAX_VALUES: usize = 8_000_000;

/// One JSON value.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(Cow<'a, str>),
    List(Box<[Node<'a>]>),
    /// Sorted by name, so that members are found fast and equal objects compare equal.
    Object(Box<[(Cow<'a, str>, Node<'a>)]>),
}

impl<'a> Node<'a> {
    /// The member `name` of an object. `null` is a member.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let members = self.members();
        let at = members.binary_search_by(|(found, _)| found.as_ref().cmp(name));
        at.ok().and_then(|at| members.get(at)).map(|(_, node)| node)
    }

    /// The members of an object; none of anything else.
    pub(super) fn members(&self) -> &[(Cow<'a, str>, Self)] {
        if let Self::Object(members) = self {
            return members;
        }
        &[]
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self {
            return items;
        }
        &[]
    }

    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) | Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// A total order in which equal values of JSON Schema (draft 7, 4.2.3) are equal: names have no
    /// order in an object, and `1` is `1.0`.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::List(a), Self::List(b)) => orders(a.iter(), b.iter(), Self::order),
            (Self::Object(a), Self::Object(b)) => orders(a.iter(), b.iter(), |a, b| {
                a.0.cmp(&b.0).then_with(|| a.1.order(&b.1))
            }),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            // Only numbers of which one has a fraction or an exponent come here.
            Self::Integer(number) => number.to_string().parse().ok(),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Boolean(_) => 1,
            Self::Integer(_) | Self::Number(_) => 2,
            Self::Text(_) => 3,
            Self::List(_) => 4,
            Self::Object(_) => 5,
        }
    }
}

fn orders<T>(
    left: impl ExactSizeIterator<Item = T>,
    right: impl ExactSizeIterator<Item = T>,
    order: impl Fn(T, T) -> Ordering,
) -> Ordering {
    let lengths = left.len().cmp(&right.len());
    lengths.then_with(|| {
        let mut orders = left.zip(right).map(|(a, b)| order(a, b));
        orders
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    })
}

/// Reads a whole document: an object without duplicate names at any depth.
pub(super) fn read(document: &[u8]) -> Result<Node<'_>, ContentError> {
    json::check(document, Code::SbomMalformed)?;
    let count = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_slice(document);
    let root = Seed(&count).deserialize(&mut deserializer);
    if count.get() > MAX_VALUES {
        return Err(too_many());
    }
    let root = root.map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        ContentError::new(Code::SbomMalformed, place, "JSON", error.to_string())
    })?;
    if matches!(root, Node::Object(_)) {
        return Ok(root);
    }
    Err(ContentError::new(
        Code::SbomMalformed,
        "the document",
        "an object",
        root.kind(),
    ))
}

/// The error of a document with more values than [`MAX_VALUES`].
pub(super) fn too_many() -> ContentError {
    ContentError::limit("the document", "values", MAX_VALUES, MAX_VALUES + 1)
}

/// Reads one value and counts it.
struct Seed<'c>(&'c Cell<usize>);

/// A member's name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        let count = self.0.get() + 1;
        self.0.set(count);
        if count > MAX_VALUES {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Seed(self.0))? {
            items.push(item);
        }
        Ok(Node::List(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            members.push((name, map.next_value_seed(Seed(self.0))?));
        }
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Node::Object(members.into()))
    }
}

/// Whether the names at the top of a JSON object are those of CycloneDX. Reading stops where that is
/// decided, or where the text is no JSON.
pub(super) fn announces_cyclonedx(document: &[u8]) -> bool {
    let names = Cell::new(Names::default());
    let mut deserializer = serde_json::Deserializer::from_slice(document);
    // An error is how reading stops early; what was seen before it counts.
    drop(NamesVisitor(&names).deserialize(&mut deserializer));
    let names = names.get();
    names.has_format || (names.has_version && !names.has_other)
}

/// Names that decide what a document is.
#[derive(Clone, Copy, Default)]
struct Names {
    /// `bomFormat`.
    has_format: bool,
    /// `specVersion`.
    has_version: bool,
    /// A name of SPDX.
    has_other: bool,
}

struct NamesVisitor<'c>(&'c Cell<Names>);

impl<'de> DeserializeSeed<'de> for NamesVisitor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NamesVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            let mut names = self.0.get();
            names.has_format |= name == "bomFormat";
            names.has_version |= name == "specVersion";
            names.has_other |= matches!(name.as_ref(), "spdxVersion" | "SPDXID" | "@context");
            self.0.set(names);
            if names.has_format {
                return Err(A::Error::custom("decided"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
