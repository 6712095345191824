//! Names that are two names to one reader and one name to another.
//!
//! Runtimes written in Go take `Manifests` for `manifests` (`encoding/json` ignores case), and of two that are
//! one to them the last counts. Whoever judged the other one would judge another image than the one that runs.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The names by which a manifest or index says what it holds.
const NAMES: [&str; 15] = [
    "mediaType",
    "schemaVersion",
    "config",
    "layers",
    "manifests",
    "fsLayers",
    "subject",
    "artifactType",
    "annotations",
    "digest",
    "size",
    "platform",
    "os",
    "architecture",
    "variant",
];
/// What holds names of everybody's own.
const FREE: &str = "annotations";

/// The first name in `bytes` that is another one of [`NAMES`] to a reader that ignores case. Bytes that are no
/// JSON have none: whoever reads them says so.
pub(super) fn ambiguous(bytes: &[u8]) -> Option<String> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // An error ends the walk; it is the parser's to report.
    let _ = Walk(&mut found).deserialize(&mut reader);
    found
}

/// As `encoding/json` folds names: ASCII, and the two other characters whose lower case is ASCII.
fn folded(character: char) -> char {
    match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

fn is_misspelt(name: &str) -> bool {
    let same = |known: &str| name.chars().map(folded).eq(known.chars().map(folded));
    !NAMES.contains(&name) && NAMES.iter().any(|known| same(known))
}

struct Walk<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for Walk<'_> {
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
        while seq.next_element_seed(Walk(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            if is_misspelt(&name) {
                self.0.get_or_insert_with(|| name.into_owned());
                map.next_value::<IgnoredAny>()?;
            } else if name == FREE {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(Walk(self.0))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_two_things_are_found() {
        for honest in [
            r#"{"manifests":[{"digest":"d","platform":{"os":"linux","os.version":"10"}}]}"#,
            r#"{"annotations":{"Digest":"x","digest":"y"},"io.example.Layers":1,"layer":[]}"#,
            "no JSON",
        ] {
            assert_eq!(ambiguous(honest.as_bytes()), None, "{honest}");
        }
        for (lie, name) in [
            (r#"{"manifests":[],"Manifests":[]}"#, "Manifests"),
            (r#"{"manifests":[{"digest":"a","DIGEST":"b"}]}"#, "DIGEST"),
            (
                r#"{"manifests":[{"platform":{"O\u017f":"x"}}]}"#,
                "O\u{17f}",
            ),
            (r#"{"layer\u017f":[]}"#, "layer\u{17f}"),
        ] {
            assert_eq!(ambiguous(lie.as_bytes()).as_deref(), Some(name), "{lie}");
        }
    }
}
