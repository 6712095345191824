//! JSON as protobuf writes it: a field that is `null` is a field that is not there (protobuf JSON
//! mapping). Duplicate names are refused at every depth, because two parsers read them differently.

pub(crate) mod canonical;
mod objects;

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::code::Code;
use crate::content::{ContentError, shortened};

pub(crate) use objects::objects;

/// A JSON value without duplicate names, and without members that are `null`.
pub(crate) struct Strict(pub(crate) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        let mut names = std::collections::BTreeSet::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if !names.insert(name.clone()) {
                return Err(serde::de::Error::custom(format!(
                    "duplicate field `{name}`"
                )));
            }
            if !value.is_null() {
                members.insert(name, value);
            }
        }
        Ok(Value::Object(members))
    }
}

/// Reads one JSON document of type `T` from `text`: nothing may stand twice in one object, at any
/// depth, no list stands for an object, and nothing may follow the document. Unknown members are
/// skipped.
///
/// # Errors
///
/// [`ContentError`] with `code` and the line and column that are to blame.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a [u8], code: Code) -> Result<T, ContentError> {
    check(text, code)?;
    from_slice(text).map_err(|error| malformed(&error, code))
}

/// Reads one JSON document of type `T`, as [`serde_json::from_slice`] does, but for lists that stand
/// for objects: they are refused.
pub(crate) fn from_slice<'a, T: Deserialize<'a>>(text: &'a [u8]) -> serde_json::Result<T> {
    // Whether the text is UTF-8 is asked once and not for each piece of it.
    match std::str::from_utf8(text) {
        Ok(text) => from_str(text),
        // It says where the text goes wrong.
        Err(_) => whole(serde_json::Deserializer::from_slice(text), |reader| {
            objects(reader)
        }),
    }
}

/// As [`from_slice`].
pub(crate) fn from_str<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    whole(serde_json::Deserializer::from_str(text), |reader| {
        objects(reader)
    })
}

/// Checks that `text` is one JSON document in which no name stands twice in one object, at any
/// depth: two parsers would read such a document differently (gauntlet 19). Nesting is bounded by
/// `serde_json` (128).
///
/// # Errors
///
/// As [`read`].
pub(crate) fn check(text: &[u8], code: Code) -> Result<(), ContentError> {
    check_names(text, &mut Any).map_err(|error| malformed(&error, code))
}

/// As [`check`], and shows every name to `look`.
pub(crate) fn check_names(text: &[u8], look: &mut impl Look) -> serde_json::Result<()> {
    let mut stack = Vec::new();
    let names = Names {
        stack: &mut stack,
        look,
    };
    match std::str::from_utf8(text) {
        Ok(text) => whole(serde_json::Deserializer::from_str(text), |reader| {
            names.deserialize(reader)
        }),
        Err(_) => whole(serde_json::Deserializer::from_slice(text), |reader| {
            names.deserialize(reader)
        }),
    }
}

/// What looks at names.
pub(crate) trait Look {
    /// Looks at a name, and says whether to look at those below it.
    fn below(&mut self, name: &str) -> bool;
}

/// Any name is fine.
struct Any;

impl Look for Any {
    fn below(&mut self, _: &str) -> bool {
        true
    }
}

/// Reads one value behind which nothing follows.
fn whole<'de, R: serde_json::de::Read<'de>, T>(
    mut deserializer: serde_json::Deserializer<R>,
    read: impl FnOnce(&mut serde_json::Deserializer<R>) -> serde_json::Result<T>,
) -> serde_json::Result<T> {
    let value = read(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

fn malformed(error: &serde_json::Error, code: Code) -> ContentError {
    let place = format!("line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let detail = text.split(" at line ").next().unwrap_or_default();
    ContentError::new(code, place, "a JSON document of the right shape", detail)
}

/// Any JSON value without duplicate names; nothing of it is kept but, on one stack, the names of the
/// objects that are not read to their end.
struct Names<'s, 'de, L> {
    stack: &'s mut Vec<Name<'de>>,
    look: &'s mut L,
}

impl<'de, L: Look> DeserializeSeed<'de> for Names<'_, 'de, L> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A member's name, borrowed where it has no escapes.
#[derive(PartialEq, Eq, Hash, serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

impl<'de, L: Look> Visitor<'de> for Names<'_, 'de, L> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { stack, look } = self;
        while seq.next_element_seed(Names { stack, look })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        /// Members up to which a plain search is faster than hashing.
        const FEW: usize = 16;
        let Self { stack, look } = self;
        let start = stack.len();
        let mut many: HashSet<Name<'de>> = HashSet::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let few = stack.get(start..).unwrap_or_default();
            if few.contains(&name) || many.contains(&name) {
                let name = shortened(&name.0);
                let message = format!("duplicate field `{name}`");
                return Err(serde::de::Error::custom(message));
            }
            let is_few = few.len() < FEW;
            let below = look.below(&name.0);
            if is_few {
                stack.push(name);
            } else {
                many.insert(name);
            }
            if below {
                map.next_value_seed(Names { stack, look })?;
            } else {
                let look = &mut Any;
                map.next_value_seed(Names { stack, look })?;
            }
        }
        stack.truncate(start);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn read(text: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str::<Strict>(text).map(|strict| strict.0)
    }

    #[test]
    fn null_members_are_absent_and_null_items_are_not() {
        assert_eq!(
            read(r#"{"a":null,"b":[null,{"c":null}]}"#)
                .unwrap()
                .to_string(),
            r#"{"b":[null,{}]}"#
        );
    }

    #[test]
    fn duplicate_names_are_refused_at_every_depth() {
        assert!(read(r#"{"a":1,"a":1}"#).is_err());
        assert!(read(r#"{"b":[{"a":null,"a":1}]}"#).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "[".repeat(100_000);
        assert!(read(&deep).is_err());
        assert!(super::check(deep.as_bytes(), Code::SbomMalformed).is_err());
        let levels = |count: usize| format!("{}{}", "[".repeat(count), "]".repeat(count));
        let refused = |count| super::check(levels(count).as_bytes(), Code::SbomMalformed);
        // The parser counts down to zero and stops there.
        let most = Limits::default().json_depth - 1;
        assert!(read(&levels(most)).is_ok() && refused(most).is_ok());
        assert!(read(&levels(most + 1)).is_err());
        assert_eq!(refused(most + 1).unwrap_err().code, Code::SbomMalformed);
    }

    #[test]
    fn a_document_is_checked_to_its_end() {
        let check = |text: &str| super::check(text.as_bytes(), Code::SbomMalformed);
        let wide: Vec<String> = (0..40).map(|n| format!("\"k{n}\":{n}")).collect();
        let wide = wide.join(",");
        assert!(check(&format!("{{{wide}}}")).is_ok());
        assert!(check(r#"{"a":[{"b":1},{"b":1.5e3}],"c":{"a":null}}"#).is_ok());
        for bad in [
            r#"{"a":{"b":1,"b":2}}"#.to_owned(),
            r#"[{"a":1,"\u0061":2}]"#.to_owned(),
            format!("{{{wide},\"k39\":1}}"),
            format!("{{{wide},\"k1\":1}}"),
            "{} {}".to_owned(),
            String::new(),
            "\u{feff}{}".to_owned(),
        ] {
            let error = check(&bad).unwrap_err();
            assert_eq!(error.code, Code::SbomMalformed, "{bad}");
        }
        let error = check("{\n\"a\":1,\n\"a\":2}").unwrap_err();
        assert_eq!(error.place, "line 3 column 3");
        assert_eq!(error.found, "duplicate field `a`");
    }
}
