//! CycloneDX in JSON as a tree that borrows from the document.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

mod build;

#[cfg(test)]
pub(super) use build::MAX_DEPTH;
pub(super) use build::{Builder, MAX_VALUES, Root, Stopped, read, too_many};

/// Members of an object up to which a plain search, which compares lengths first, is faster than one
/// by halves.
const FEW: usize = 16;

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
        if members.len() <= FEW {
            let mut members = members.iter();
            return members
                .find(|(found, _)| found.len() == name.len() && found.as_ref() == name)
                .map(|(_, node)| node);
        }
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

/// Whether the names at the top of a JSON object are those of CycloneDX. Reading stops where that is
/// decided, or where the text is no JSON.
pub(super) fn announces_cyclonedx(document: &[u8]) -> bool {
    // Most other documents do not have these words at all, and finding that out is cheap. A name can
    // be written with escapes.
    let signs = ["bomFormat", "specVersion", "\\u"];
    if std::str::from_utf8(document).is_ok_and(|text| !signs.iter().any(|sign| text.contains(sign)))
    {
        return false;
    }
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

/// A member's name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

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
