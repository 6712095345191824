//! Lies about logs: positions, times, signed notes, and what an entry says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Draft;
use super::bytes::put;
use super::tree::{choose, parent, places, shape};
use crate::random::Random;

/// Fields that hold numbers, as text in protobuf's JSON.
const NUMBERS: [&str; 3] = ["logIndex", "treeSize", "integratedTime"];

fn named(draft: &Draft<'_>, names: &[&str]) -> Vec<String> {
    let wanted = |place: &String| names.contains(&parent(place).1.as_str());
    places(&draft.tree).into_iter().filter(wanted).collect()
}

/// Another number, or the same one written in another way.
pub(super) fn number(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let place = choose(named(draft, &NUMBERS), random)?;
    let own = draft.tree.pointer_mut(&place)?;
    let text = match &*own {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let number: i64 = text.parse().ok()?;
    let (way, value) = match random.below(14) {
        0 => ("one more", json!(number.saturating_add(1).to_string())),
        1 => ("one less", json!(number.saturating_sub(1).to_string())),
        2 => ("zero", json!("0")),
        3 => ("negative", json!((-number).to_string())),
        4 => ("largest", json!(i64::MAX.to_string())),
        5 => ("too large", json!("18446744073709551615")),
        6 => ("as a number", json!(number)),
        7 => (
            "as a fraction",
            serde_json::from_str(&format!("{number}.0")).ok()?,
        ),
        8 => ("as text with a fraction", json!(format!("{number}.0"))),
        9 => ("with zeros before", json!(format!("00{number}"))),
        10 => ("with a plus", json!(format!("+{number}"))),
        11 => ("with spaces", json!(format!(" {number} "))),
        12 => ("as a power", json!(format!("{number}e0"))),
        _ => ("hexadecimal", json!(format!("0x{number:x}"))),
    };
    *own = value;
    Some(format!("{way} {}", shape(&place)))
}

const ENTRY: &str = "/verificationMaterial/tlogEntries/0";

/// Another time: with the log's promise, which signs it, and without, where nothing does.
pub(super) fn time(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let entry = draft.tree.pointer_mut(ENTRY)?.as_object_mut()?;
    let own = entry.get("integratedTime").and_then(Value::as_str);
    let stated: Option<i64> = own.and_then(|text| text.parse().ok());
    let (amount, shift) = *random.pick(&[
        ("a second", 1),
        ("a minute", 60),
        ("ten minutes", 600),
        ("a day", 86_400),
        ("ten years", 315_576_000),
    ]);
    let shift = if random.once_in(2) { shift } else { -shift };
    let direction = if shift > 0 { "later" } else { "earlier" };
    let Some(stated) = stated else {
        // An entry of a log that states no time gets one, which nothing signs.
        entry.insert(
            "integratedTime".to_owned(),
            json!((1_760_000_000 + shift).to_string()),
        );
        return Some("added".to_owned());
    };
    let way = match random.below(3) {
        0 => "with the promise",
        1 => {
            entry.remove("inclusionPromise")?;
            "without the promise"
        }
        _ => {
            entry.remove("inclusionPromise")?;
            entry.remove("integratedTime");
            return Some("none and no promise".to_owned());
        }
    };
    let shifted = stated.saturating_add(shift).to_string();
    entry.insert("integratedTime".to_owned(), json!(shifted));
    Some(format!("{amount} {direction} {way}"))
}

/// Another signed note around the same tree.
pub(super) fn checkpoint(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let place = choose(named(draft, &["envelope"]), random)?;
    let note = draft.tree.pointer(&place)?.as_str()?.to_owned();
    let (text, signatures) = note.split_once("\n\n")?;
    let lines: Vec<&str> = signatures.lines().collect();
    let foreign = draft.donated.pointer(&place).and_then(Value::as_str);
    let foreign = foreign.and_then(|note| note.split_once("\n\n"));
    let foreign_line = foreign.and_then(|(_, lines)| lines.lines().next());
    let (first, rest) = text.split_once('\n')?;
    let join = |text: &str, lines: &[&str]| format!("{text}\n\n{}\n", lines.join("\n"));
    let with = |more| {
        let mut all = lines.clone();
        all.push(more);
        all
    };
    let own = *lines.first()?;
    let (way, changed) = match random.below(14) {
        0 => ("no signature", format!("{text}\n\n")),
        1 => ("signature twice", join(text, &with(own))),
        2 => ("foreign signature last", join(text, &with(foreign_line?))),
        3 => {
            let mut all = vec![foreign_line?];
            all.extend(&lines);
            ("foreign signature first", join(text, &all))
        }
        4 => ("foreign text", join(foreign?.0, &lines)),
        5 => (
            "line after the text",
            join(&format!("{text}\nmore"), &lines),
        ),
        6 => ("other origin", join(&format!("x{first}\n{rest}"), &lines)),
        7 => ("line ends of Windows", note.replace('\n', "\r\n")),
        8 => ("no line end", note.trim_end().to_owned()),
        9 => ("line after the signatures", format!("{note}\n")),
        10 => ("text after the signatures", format!("{note}more\n")),
        11 => ("line before", format!("\n{note}")),
        12 => ("two empty lines", note.replacen("\n\n", "\n\n\n", 1)),
        _ => ("hyphen for the dash", note.replace('\u{2014}', "-")),
    };
    (changed != note).then_some(())?;
    put(draft, &place, changed)?;
    Some(way.to_owned())
}

/// Another body of the entry, though it means the same, or nearly.
pub(super) fn body(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let place = choose(named(draft, &["canonicalizedBody"]), random)?;
    let bytes = STANDARD
        .decode(draft.tree.pointer(&place)?.as_str()?)
        .ok()?;
    let mut body: Value = serde_json::from_slice(&bytes).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (way, changed) = match random.below(7) {
        0 => ("spaces", serde_json::to_string_pretty(&body).ok()?),
        1 => ("line end", format!("{text}\n")),
        2 => ("more after it", format!("{text}{{}}")),
        3 => {
            body.as_object_mut()?.insert("more".to_owned(), json!(1));
            ("more fields", body.to_string())
        }
        4 => (
            "a field twice",
            text.replacen('{', r#"{"kind":"other","#, 1),
        ),
        5 => {
            let inside = choose(places(&body), random)?;
            *body.pointer_mut(&inside)? = Value::Null;
            ("a field of null", body.to_string())
        }
        _ => {
            let inside = choose(places(&body), random)?;
            let other = draft.donated.pointer(&place)?.as_str()?;
            let other: Value = serde_json::from_slice(&STANDARD.decode(other).ok()?).ok()?;
            *body.pointer_mut(&inside)? = other.pointer(&inside)?.clone();
            ("a field of another", body.to_string())
        }
    };
    (changed != text).then_some(())?;
    put(draft, &place, STANDARD.encode(changed))?;
    Some(way.to_owned())
}
