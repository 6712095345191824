//! Lies about the tree: what is missing, twice, empty, renamed, or another bundle's.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Draft;
use crate::random::Random;

/// Every place below the root, as JSON pointers.
pub(super) fn places(tree: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(tree, "", &mut found);
    found
}

fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields =
                fields.map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value));
            fields.collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, value)| (index.to_string(), value))
                .collect()
        }
        _ => Vec::new(),
    };
    if !at.is_empty() {
        found.push(at.to_owned());
    }
    for (name, child) in children {
        walk(child, &format!("{at}/{name}"), found);
    }
}

/// What a place is called: without positions in lists, and without the field in which all lies.
pub(super) fn shape(place: &str) -> String {
    let names = place
        .split('/')
        .filter(|name| !name.is_empty() && *name != "verificationMaterial")
        .filter(|name| !name.chars().all(|digit| digit.is_ascii_digit()));
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return "verificationMaterial".to_owned();
    }
    let item = place.rsplit('/').next().unwrap_or_default();
    let item = item.chars().all(|digit| digit.is_ascii_digit());
    format!("{}{}", names.join("."), if item { "[]" } else { "" })
}

/// One of the places, after one of their shapes: a long proof is no likelier than a signature.
pub(super) fn choose(places: Vec<String>, random: &mut Random) -> Option<String> {
    let mut shapes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for place in places {
        shapes.entry(shape(&place)).or_default().push(place);
    }
    let shapes: Vec<Vec<String>> = shapes.into_values().collect();
    let places = random.among(&shapes)?;
    random.among(places).cloned()
}

/// The container of a place, and the place's own name in it.
pub(super) fn parent(place: &str) -> (&str, String) {
    let (parent, name) = place.rsplit_once('/').unwrap_or_default();
    (parent, name.replace("~1", "/").replace("~0", "~"))
}

fn remove(tree: &mut Value, place: &str) -> Option<Value> {
    let (above, name) = parent(place);
    match tree.pointer_mut(above)? {
        Value::Object(fields) => fields.remove(&name),
        Value::Array(items) => name
            .parse()
            .ok()
            .filter(|index| *index < items.len())
            .map(|index: usize| items.remove(index)),
        _ => None,
    }
}

/// A part of the donor in the same place.
pub(super) fn swap(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let differs = |place: &String| {
        let (own, other) = (draft.tree.pointer(place), draft.donated.pointer(place));
        other.is_some() && own != other
    };
    let places = places(&draft.tree).into_iter().filter(differs).collect();
    let place = choose(places, random)?;
    let other = draft.donated.pointer(&place)?.clone();
    *draft.tree.pointer_mut(&place)? = other;
    Some(shape(&place))
}

/// A part that is missing.
pub(super) fn drop(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let place = choose(places(&draft.tree), random)?;
    remove(&mut draft.tree, &place)?;
    Some(shape(&place))
}

/// A part that says nothing, in one of the ways to say that, or is of another type.
pub(super) fn empty(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let place = choose(places(&draft.tree), random)?;
    let ways = [
        ("null", Value::Null),
        ("text", json!("")),
        ("list", json!([])),
        ("object", json!({})),
        ("zero", json!(0)),
        ("false", json!(false)),
    ];
    let (way, value) = random.pick(&ways).clone();
    let own = draft.tree.pointer_mut(&place)?;
    (*own != value).then(|| *own = value)?;
    Some(format!("{way} {}", shape(&place)))
}

/// An item of a list twice, out of order, or one of the donor's beside it.
pub(super) fn duplicate(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let is_list = |place: &String| {
        let list = draft.tree.pointer(place).and_then(Value::as_array);
        list.is_some_and(|items| !items.is_empty())
    };
    let place = choose(
        places(&draft.tree).into_iter().filter(is_list).collect(),
        random,
    )?;
    let foreign = draft.donated.pointer(&place).and_then(Value::as_array);
    let foreign = foreign.and_then(|items| random.among(items)).cloned();
    let items = draft.tree.pointer_mut(&place)?.as_array_mut()?;
    let own = random.pick(items).clone();
    let way = match random.below(6) {
        0 => {
            items.push(own);
            "last"
        }
        1 => {
            items.insert(0, own);
            "first"
        }
        2 => {
            items.insert(0, foreign?);
            "foreign first"
        }
        3 => {
            items.push(foreign?);
            "foreign last"
        }
        4 if items.len() > 1 => {
            items.reverse();
            "reversed"
        }
        _ => {
            let copies = vec![own; 40];
            items.extend(copies);
            "forty times"
        }
    };
    Some(format!("{way} {}", shape(&place)))
}

/// A field under another spelling of its name.
pub(super) fn rename(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let named = |place: &String| {
        let name = place.rsplit('/').next().unwrap_or_default();
        name.chars().any(|letter| !letter.is_ascii_digit())
    };
    let place = choose(
        places(&draft.tree).into_iter().filter(named).collect(),
        random,
    )?;
    let (above, name) = parent(&place);
    let (way, other) = match random.below(3) {
        0 => ("snake", snake(&name)),
        1 => ("upper", name.to_uppercase()),
        _ => ("space", format!("{name} ")),
    };
    (other != name).then_some(())?;
    let above = above.to_owned();
    let value = remove(&mut draft.tree, &place)?;
    let fields = draft.tree.pointer_mut(&above)?.as_object_mut()?;
    fields.insert(other, value);
    Some(format!("{way} {}", shape(&place)))
}

/// An object as the list of its values, as some readers take it.
pub(super) fn listed(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let is_object = |place: &String| draft.tree.pointer(place).is_some_and(Value::is_object);
    let place = choose(
        places(&draft.tree).into_iter().filter(is_object).collect(),
        random,
    )?;
    let own = draft.tree.pointer_mut(&place)?;
    let values = own.as_object()?.values().cloned().collect();
    *own = Value::Array(values);
    Some(shape(&place))
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
