//! Lies about the text: two readers of one document that read two documents.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Draft;
use super::tree::{choose, parent, places, shape};
use crate::random::Random;

/// Another text of the same bundle, or of nearly the same.
pub(super) fn text(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let plain = draft.tree.to_string();
    let whole = |way: &str, text: String| Some((way.to_owned(), text.into_bytes()));
    let (way, text) = match random.below(12) {
        0..=3 => twice(draft, random)?,
        4 | 5 => unknown(draft, random)?,
        6 => escaped(draft, random)?,
        7 => around(&plain, random),
        8 => whole("pretty", serde_json::to_string_pretty(&draft.tree).ok()?)?,
        9 => after(&plain, random),
        10 => {
            let mut bytes = plain.into_bytes();
            let at = random.below(bytes.len());
            *bytes.get_mut(at)? = 0xff;
            ("byte that is no UTF-8".to_owned(), bytes)
        }
        _ => whole("no end", plain[..plain.len() - 1].to_owned())?,
    };
    draft.text = Some(text);
    Some(way)
}

/// Names that sort before and after every other one, until they are replaced in the text.
const BEFORE: &str = "!";
const AFTER: &str = "~";

/// A place below the root that is a field, not an item.
fn field(draft: &Draft<'_>, random: &mut Random) -> Option<String> {
    let is_field = |place: &String| {
        let above = draft.tree.pointer(parent(place).0);
        above.is_some_and(Value::is_object)
    };
    choose(
        places(&draft.tree).into_iter().filter(is_field).collect(),
        random,
    )
}

/// The text of the tree with one more field in the object at `above`, exactly as written.
fn with_field(draft: &Draft<'_>, above: &str, name: &str, written: &str) -> Option<String> {
    let mut tree = draft.tree.clone();
    let fields = tree.pointer_mut(above)?.as_object_mut()?;
    fields.insert(name.to_owned(), json!("here"));
    let marker = format!("\"{name}\":\"here\"");
    Some(tree.to_string().replacen(&marker, written, 1))
}

/// A field that stands twice: the same value, or a lie before or after the truth.
fn twice(draft: &Draft<'_>, random: &mut Random) -> Option<(String, Vec<u8>)> {
    let place = field(draft, random)?;
    let (above, name) = parent(&place);
    let own = draft.tree.pointer(&place)?;
    let foreign = draft.donated.pointer(&place).filter(|value| *value != own);
    let escaped = format!("\\u{:04x}{}", u32::from(name.chars().next()?), &name[1..]);
    let (way, marker, name, value) = match random.below(6) {
        0 => ("same before", BEFORE, name, own),
        1 => ("same after", AFTER, name, own),
        2 => ("other before", BEFORE, name, foreign?),
        3 => ("other after", AFTER, name, foreign?),
        4 => ("other before, name escaped", BEFORE, escaped, foreign?),
        _ => ("null after", AFTER, name, &Value::Null),
    };
    let text = with_field(draft, above, marker, &format!("\"{name}\":{value}"))?;
    Some((format!("twice, {way} {}", shape(&place)), text.into_bytes()))
}

/// A field that nobody knows, with a value that not everybody can read.
fn unknown(draft: &Draft<'_>, random: &mut Random) -> Option<(String, Vec<u8>)> {
    let (way, value) = match random.below(9) {
        0 => ("text", r#""x""#.to_owned()),
        1 => ("object", r#"{"a":[1,2,{"b":null}]}"#.to_owned()),
        2 => ("twice inside", r#"{"a":1,"a":2}"#.to_owned()),
        3 => ("half a surrogate", r#""\ud800""#.to_owned()),
        4 => ("number without end", format!("1{}", "0".repeat(400))),
        5 => ("power too large", "1e999".to_owned()),
        6 => ("no number", "NaN".to_owned()),
        7 => ("deep", format!("{}{}", "[".repeat(600), "]".repeat(600))),
        _ => ("control character", "\"a\u{1}b\"".to_owned()),
    };
    let mut objects: Vec<String> = places(&draft.tree);
    objects.retain(|place| draft.tree.pointer(place).is_some_and(Value::is_object));
    let above = if random.once_in(2) {
        String::new()
    } else {
        choose(objects, random)?
    };
    let name = random.pick(&["unknown", "$type", ""]);
    let text = with_field(draft, &above, AFTER, &format!("\"{name}\":{value}"))?;
    let place = if above.is_empty() {
        "at the top"
    } else {
        "inside"
    };
    Some((format!("unknown {way} {place}"), text.into_bytes()))
}

/// The same names and values, with letters written as numbers.
fn escaped(draft: &Draft<'_>, random: &mut Random) -> Option<(String, Vec<u8>)> {
    let place = field(draft, random)?;
    let (above, name) = parent(&place);
    let value = draft.tree.pointer(&place)?;
    let escape = |text: &str| -> String {
        let mut escaped = String::new();
        for unit in text.encode_utf16() {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
        escaped
    };
    let (way, written) = match value.as_str() {
        Some(text) if random.once_in(2) => ("value", format!("\"{name}\":\"{}\"", escape(text))),
        _ => ("name", format!("\"{}\":{value}", escape(&name))),
    };
    let mut without = draft.tree.clone();
    without.pointer_mut(above)?.as_object_mut()?.remove(&name)?;
    let fields = without.pointer_mut(above)?.as_object_mut()?;
    fields.insert(AFTER.to_owned(), json!("here"));
    let marker = format!("\"{AFTER}\":\"here\"");
    let text = without.to_string().replacen(&marker, &written, 1);
    Some((format!("escaped {way}"), text.into_bytes()))
}

fn around(plain: &str, random: &mut Random) -> (String, Vec<u8>) {
    let (way, text) = match random.below(5) {
        0 => ("byte order mark", format!("\u{feff}{plain}")),
        1 => ("spaces around", format!(" \r\n\t{plain}\n \n")),
        2 => ("form feed before", format!("\u{c}{plain}")),
        3 => ("list around", format!("[{plain}]")),
        _ => ("comment before", format!("/* a bundle */{plain}")),
    };
    (way.to_owned(), text.into_bytes())
}

fn after(plain: &str, random: &mut Random) -> (String, Vec<u8>) {
    let (way, more) = match random.below(6) {
        0 => ("object", "{}"),
        1 => ("object on a line", "\n{}\n"),
        2 => ("letter", "x"),
        3 => ("zero byte", "\u{0}"),
        4 => ("comma", ","),
        _ => ("brace", "}"),
    };
    (
        format!("{way} after"),
        format!("{plain}{more}").into_bytes(),
    )
}
