//! The JSON of an object, in one list and with its texts borrowed from the bytes that were received: most of an
//! object is looked at once and never kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::MAX_VALUES;
use crate::content::shortened;

/// How the error begins that refuses a name that stands twice.
pub const TWICE: &str = "duplicate field";
/// How the error begins that refuses too many values.
pub const TOO_MANY: &str = "more than";

/// A JSON document. Read it with `serde_json::from_str`, which bounds its nesting (128).
///
/// Members keep their order. An object in which a name stands twice is refused, because two parsers would read
/// it differently, and so is a document of more than [`MAX_VALUES`] values.
///
/// ```
/// use sovverify::workload::{Json, Kind};
///
/// let json: Json = serde_json::from_str(r#"{"spec":{"replicas":3}}"#).unwrap();
/// let spec = json.root().get("spec").unwrap();
/// assert!(matches!(spec.get("replicas").unwrap().kind(), Kind::Number(_)));
/// assert!(serde_json::from_str::<Json>(r#"{"a":1,"a":2}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Json<'a> {
    /// Each value, and behind it those that it holds.
    tokens: Vec<Token<'a>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Token<'a> {
    /// The name that a member has; empty everywhere else.
    name: Cow<'a, str>,
    content: Content<'a>,
    /// Tokens of this value, itself and all that it holds.
    length: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Content<'a> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'a, str>),
    Array,
    Object,
}

/// A value inside a document, with those that it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part<'t>(&'t [Token<'t>]);

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(&'t Number),
    /// A text.
    String(&'t str),
    /// A list.
    Array(Parts<'t>),
    /// An object; its members know their names.
    Object(Parts<'t>),
}

/// The items of a list, or the members of an object, in the order in which they were written.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts<'t>(&'t [Token<'t>]);

impl Json<'_> {
    /// The whole document.
    pub fn root(&self) -> Part<'_> {
        Part(&self.tokens)
    }
}

impl<'t> Part<'t> {
    /// A value that is not there.
    pub const NULL: Self = Self(&[]);

    /// The name of a member; empty for anything else.
    pub fn name(self) -> &'t str {
        self.0.first().map_or("", |token| &token.name)
    }

    /// What it is.
    pub fn kind(self) -> Kind<'t> {
        let Some((token, parts)) = self.0.split_first() else {
            return Kind::Null;
        };
        match &token.content {
            Content::Null => Kind::Null,
            Content::Bool(value) => Kind::Bool(*value),
            Content::Number(value) => Kind::Number(value),
            Content::String(text) => Kind::String(text),
            Content::Array => Kind::Array(Parts(parts)),
            Content::Object => Kind::Object(Parts(parts)),
        }
    }

    /// The member `name`, where this is an object that has it.
    pub fn get(self, name: &str) -> Option<Self> {
        match self.kind() {
            Kind::Object(mut members) => members.find(|member| member.name() == name),
            _ => None,
        }
    }

    /// The text, where this is one.
    pub fn as_str(self) -> Option<&'t str> {
        match self.kind() {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether this is an object.
    pub fn is_object(self) -> bool {
        matches!(self.kind(), Kind::Object(_))
    }
}

impl<'t> Iterator for Parts<'t> {
    type Item = Part<'t>;

    fn next(&mut self) -> Option<Part<'t>> {
        let (part, rest) = self.0.split_at_checked(self.0.first()?.length)?;
        self.0 = rest;
        Some(Part(part))
    }
}

/// A name that stands twice among `members`.
fn twice(members: Parts<'_>) -> Option<&str> {
    /// Members up to which comparing is faster than sorting.
    const FEW: usize = 12;
    if members.clone().take(FEW + 1).count() > FEW {
        let mut names: Vec<&str> = members.map(Part::name).collect();
        names.sort_unstable();
        let mut pairs = names.iter().zip(names.iter().skip(1));
        return pairs.find(|(one, next)| one == next).map(|(one, _)| *one);
    }
    let mut marks: u64 = 0;
    for (number, member) in members.clone().enumerate() {
        let name = member.name();
        let mark = mark(name);
        let mut before = members.clone().take(number);
        // Names with different marks differ, so that most are compared with none.
        if marks & mark != 0 && before.any(|other| other.name() == name) {
            return Some(name);
        }
        marks |= mark;
    }
    None
}

/// One bit, the same for the same name.
fn mark(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let [length, ..] = bytes.len().to_le_bytes();
    let middle = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
    let last = bytes.last().copied().unwrap_or_default();
    let place = length.wrapping_mul(7) ^ middle ^ last.wrapping_mul(3);
    1_u64.rotate_left(u32::from(place))
}

impl<'a> From<&'a Value> for Json<'a> {
    fn from(value: &'a Value) -> Self {
        let mut tokens = Vec::new();
        copy("", value, &mut tokens);
        Self { tokens }
    }
}

fn copy<'a>(name: &'a str, value: &'a Value, tokens: &mut Vec<Token<'a>>) {
    let at = tokens.len();
    tokens.push(Token {
        name: Cow::Borrowed(name),
        content: match value {
            Value::Null => Content::Null,
            Value::Bool(value) => Content::Bool(*value),
            Value::Number(value) => Content::Number(value.clone()),
            Value::String(text) => Content::String(Cow::Borrowed(text)),
            Value::Array(_) => Content::Array,
            Value::Object(_) => Content::Object,
        },
        length: 1,
    });
    match value {
        Value::Array(items) => items.iter().for_each(|item| copy("", item, tokens)),
        Value::Object(members) => {
            for (name, value) in members {
                copy(name, value, tokens);
            }
        }
        _ => {}
    }
    close(tokens, at);
}

/// Writes down that the value at `at` ends here.
fn close(tokens: &mut [Token<'_>], at: usize) {
    let length = tokens.len().saturating_sub(at);
    if let Some(token) = tokens.get_mut(at) {
        token.length = length;
    }
}

impl From<Part<'_>> for Value {
    fn from(part: Part<'_>) -> Self {
        match part.kind() {
            Kind::Null => Self::Null,
            Kind::Bool(value) => Self::Bool(value),
            Kind::Number(value) => Self::Number(value.clone()),
            Kind::String(text) => Self::String(text.to_owned()),
            Kind::Array(items) => items.map(Self::from).collect(),
            Kind::Object(members) => {
                let members = members.map(|member| (member.name().to_owned(), Self::from(member)));
                Self::Object(members.collect())
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Values of a usual object: a pod has some two hundred.
        const USUAL: usize = 256;
        let mut tokens = Vec::with_capacity(USUAL);
        Reading::new(&mut tokens, Cow::Borrowed("")).deserialize(deserializer)?;
        Ok(Self { tokens })
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads one value to the end of the list.
struct Reading<'t, 'a> {
    tokens: &'t mut Vec<Token<'a>>,
    name: Cow<'a, str>,
}

impl<'t, 'a> Reading<'t, 'a> {
    const fn new(tokens: &'t mut Vec<Token<'a>>, name: Cow<'a, str>) -> Self {
        Self { tokens, name }
    }

    /// Adds a value, and says where it is.
    fn add<E: Error>(self, content: Content<'a>) -> Result<(usize, &'t mut Vec<Token<'a>>), E> {
        let at = self.tokens.len();
        if at >= MAX_VALUES {
            return Err(E::custom(format_args!("{TOO_MANY} {MAX_VALUES} values")));
        }
        self.tokens.push(Token {
            name: self.name,
            content,
            length: 1,
        });
        Ok((at, self.tokens))
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.add(Content::Null).map(drop)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.add(Content::Bool(value)).map(drop)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.add(Content::Number(value.into())).map(drop)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.add(Content::Number(value.into())).map(drop)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a number"))?;
        self.add(Content::Number(number)).map(drop)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.add(Content::String(Cow::Borrowed(text))).map(drop)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let text = Cow::Owned(text.to_owned());
        self.add(Content::String(text)).map(drop)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let (at, tokens) = self.add(Content::Array)?;
        loop {
            let item = Reading::new(&mut *tokens, Cow::Borrowed(""));
            if seq.next_element_seed(item)?.is_none() {
                break;
            }
        }
        close(tokens, at);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (at, tokens) = self.add(Content::Object)?;
        while let Some(Name(name)) = map.next_key()? {
            map.next_value_seed(Reading::new(&mut *tokens, name))?;
        }
        let members = Parts(tokens.get(at.saturating_add(1)..).unwrap_or_default());
        if let Some(name) = twice(members) {
            let name = shortened(name);
            return Err(A::Error::custom(format_args!("{TWICE} `{name}`")));
        }
        close(tokens, at);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
