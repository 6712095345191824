//! The JSON of an object, with its texts borrowed from the bytes that were received: most of an object is
//! looked at once and never kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::content::shortened;

/// A JSON value. Read it with `serde_json::from_str`, which bounds its nesting (128).
///
/// Members keep their order. An object in which a name stands twice is refused: two parsers would read it
/// differently, and the one that runs the object is another one than this.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(Cow<'a, str>),
    /// A list.
    Array(Vec<Self>),
    /// An object.
    Object(Members<'a>),
}

/// The members of an object, each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl Json<'_> {
    /// The member `name`, where this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The text, where this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this is an object.
    pub const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

impl<'a> Members<'a> {
    /// The member `name`.
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value)
    }

    /// Every member, in the order in which it was written.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A name that stands twice.
    fn twice(&self) -> Option<&str> {
        /// Members up to which comparing each with each is faster than sorting.
        const FEW: usize = 12;
        if self.0.len() <= FEW {
            let mut rest = self.0.as_slice();
            while let [(name, _), later @ ..] = rest {
                if later.iter().any(|(other, _)| other == name) {
                    return Some(name);
                }
                rest = later;
            }
            return None;
        }
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        let mut pairs = names.iter().zip(names.iter().skip(1));
        pairs.find(|(one, next)| one == next).map(|(one, _)| *one)
    }
}

impl<'a> From<&'a Value> for Json<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(value) => Self::Number(value.clone()),
            Value::String(text) => Self::String(Cow::Borrowed(text)),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.iter();
                Self::Object(Members(
                    members
                        .map(|(name, value)| (Cow::Borrowed(name.as_str()), Self::from(value)))
                        .collect(),
                ))
            }
        }
    }
}

impl From<&Json<'_>> for Value {
    fn from(json: &Json<'_>) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(value) => Self::Number(value.clone()),
            Json::String(text) => Self::String(text.clone().into_owned()),
            Json::Array(items) => items.iter().map(Self::from).collect(),
            Json::Object(members) => {
                let members = members.iter();
                let members = members.map(|(name, value)| (name.to_owned(), Self::from(value)));
                Self::Object(members.collect())
            }
        }
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Borrowing)
    }
}

struct Borrowing;

impl<'de> Visitor<'de> for Borrowing {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        let number = Number::from_f64(value).map(Json::Number);
        number.ok_or_else(|| E::custom("not a number"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        let members = Members(members);
        if let Some(name) = members.twice() {
            let name = shortened(name);
            return Err(A::Error::custom(format!("duplicate field `{name}`")));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Json<'_>, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            "null",
            "[true, -1, 1, 1.5e3, \"a\\nb\", \"\\u00e9\", {}]",
            r#"{"b":{"a":[{"c":null}]},"a\u0062":"x"}"#,
            "{\"a\":18446744073709551615,\"b\":-9223372036854775808}",
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            let mut expected = Json::from(&value);
            let mut found = read(text).unwrap();
            assert_eq!(Value::from(&found), value);
            sort(&mut expected);
            sort(&mut found);
            assert_eq!(found, expected, "{text}");
        }
        for text in ["", "{", "{} {}", "[1,]", "{\"a\":1e999}", "nul"] {
            assert!(serde_json::from_str::<Value>(text).is_err() && read(text).is_err());
        }
        assert!(read(&"[".repeat(129)).is_err());
    }

    fn sort(value: &mut Json<'_>) {
        match value {
            Json::Array(items) => items.iter_mut().for_each(sort),
            Json::Object(members) => {
                members.0.sort_by(|one, other| one.0.cmp(&other.0));
                members.0.iter_mut().for_each(|(_, value)| sort(value));
            }
            _ => {}
        }
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let Json::Object(members) = read(r#"{"a":"b"}"#).unwrap() else {
            panic!("no object");
        };
        let borrowed = |text: &Cow<'_, str>| matches!(text, Cow::Borrowed(_));
        let [(name, Json::String(text))] = members.0.as_slice() else {
            panic!("no text");
        };
        assert!(borrowed(name) && borrowed(text));
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_however_it_is_written() {
        let wide: Vec<String> = (0..40).map(|number| format!("\"k{number}\":1")).collect();
        let wide = wide.join(",");
        assert!(read(&format!("{{{wide}}}")).is_ok());
        for text in [
            r#"{"a":1,"b":2,"a":1}"#.to_owned(),
            r#"[{"x":{"a":1,"\u0061":2}}]"#.to_owned(),
            format!("{{{wide},\"k7\":1}}"),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains("duplicate field"), "{error}");
        }
    }

    #[test]
    fn members_are_found_by_name() {
        let value = json!({ "a": { "b": "c" }, "n": null });
        let json = Json::from(&value);
        assert_eq!(json.get("a").and_then(|a| a.get("b")?.as_str()), Some("c"));
        assert!(json.get("n").is_some_and(Json::is_null));
        assert_eq!(json.get("x"), None);
        assert_eq!(json.get("n").and_then(|n| n.get("x")), None);
    }
}
