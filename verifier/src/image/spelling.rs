//! Names that are two names to one reader and one name to another.
//!
//! Runtimes written in Go take `Manifests` for `manifests` (`encoding/json` ignores case), and of two that are
//! one to them the last counts. Whoever judged the other one would judge another image than the one that runs.

use crate::json::{Look, check_names};

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

/// The first name in `bytes` that is another one of [`NAMES`] to a reader that ignores case.
///
/// # Errors
///
/// The bytes are no JSON that can be read to its end, or a name stands twice: a look that ends early has
/// seen nothing of what comes behind, and a reader of some members alone goes on.
pub(super) fn ambiguous(bytes: &[u8]) -> serde_json::Result<Option<String>> {
    let mut found = Misspelt(None);
    check_names(bytes, &mut found)?;
    Ok(found.0)
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

/// The first misspelt name.
struct Misspelt(Option<String>);

impl Look for Misspelt {
    fn below(&mut self, name: &str) -> bool {
        if is_misspelt(name) {
            self.0.get_or_insert_with(|| name.to_owned());
        }
        name != FREE
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
        ] {
            assert_eq!(ambiguous(honest.as_bytes()).unwrap(), None, "{honest}");
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
            let found = ambiguous(lie.as_bytes()).unwrap();
            assert_eq!(found.as_deref(), Some(name), "{lie}");
        }
    }

    #[test]
    fn what_cannot_be_looked_through_to_its_end_hides_nothing() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for before in [deep.as_str(), "1e999", r#"{"a":1,"a":2}"#] {
            let lie = format!(r#"{{"x":{before},"manifests":[],"Manifests":[]}}"#);
            assert!(ambiguous(lie.as_bytes()).is_err(), "{before:.20}");
        }
        let mut lie = br#"{"x":"?","manifests":[],"Manifests":[]}"#.to_vec();
        lie[6] = 0xff;
        assert!(ambiguous(&lie).is_err());
    }
}
