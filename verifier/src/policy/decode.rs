//! From the tree of values to typed documents, collecting every complaint on the way.
//!
//! One `document!` definition gives a type, its reader and its JSON Schema, so that the three
//! cannot drift apart.

mod fields;
mod schema;

use std::sync::Arc;

pub(super) use fields::Fields;

use super::diagnostic::{Diagnostic, MAX_DIAGNOSTICS};
use super::source::{Mark, Node, SourceText, Value};
use crate::code::Code;

/// Entries of one list.
pub(super) const MAX_LIST: usize = 256;
/// Entries of one map.
pub(super) const MAX_MAP: usize = 128;

/// What a reader reports to.
pub(super) struct Context {
    source: Arc<SourceText>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A typed value with its place.
#[derive(Clone, Debug)]
pub(super) struct Spanned<T> {
    pub(super) value: T,
    pub(super) mark: Mark,
}

/// A list that holds something.
#[derive(Clone, Debug)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
}

/// A map that holds something, in the order of the document.
#[derive(Clone, Debug)]
pub(super) struct Map<T> {
    pub(super) entries: Vec<(Spanned<String>, T)>,
}

/// A value that can be read from a document. `at` is where a complaint about the whole value
/// belongs: its key, where it has one.
pub(super) trait Decode: Sized {
    /// Reads `node`; `None` says that a complaint was made.
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self>;
}

impl Context {
    pub(super) fn new(source: &Arc<SourceText>) -> Self {
        Self {
            source: Arc::clone(source),
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        // One more than is shown is enough to say that there are more.
        if self.diagnostics.len() <= MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn mark<T>(&self, spanned: &serde_saphyr::Spanned<T>) -> Mark {
        Mark::new(&self.source, spanned.referenced)
    }

    /// Complains that `node` is something else than `expected`.
    pub(super) fn wrong_type(&mut self, node: &Node, at: &Mark, expected: &str) {
        let scalar = !matches!(node.value, Value::List(_) | Value::Map(_) | Value::Null);
        let mark = if scalar { self.mark(node) } else { at.clone() };
        let mut diagnostic =
            Diagnostic::error(Code::PolicyMalformed, mark.position(), "wrong type")
                .expected(expected)
                .found(node.value.describe());
        let bare = matches!(
            node.value,
            Value::Bool(_) | Value::Integer(_) | Value::Fraction
        );
        if bare && expected.contains("string") {
            diagnostic = diagnostic.hint("put the value in quotes to make it a string");
        }
        self.report(diagnostic);
    }
}

/// `a`, `b` or `c`, for messages.
pub(super) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The known name that `name` is probably a misspelling of.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    let distance = |other: &str| edit_distance(&lower, &other.to_ascii_lowercase());
    // Nobody who writes `affected` means `not_affected`.
    let is_contrary = |other: &&&str| other.strip_prefix("not_") == Some(&lower);
    let known = known.iter().filter(|other| !is_contrary(other));
    let best = known.min_by_key(|other| distance(other))?;
    (distance(best) <= best.len().div_ceil(3)).then_some(*best)
}

/// Characters of a name that are compared.
pub(super) const LONGEST: usize = 64;

/// Levenshtein's distance, for names of bounded length.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(LONGEST).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(LONGEST).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let value = (diagonal + usize::from(x != *y))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = value;
            left = value;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

impl Decode for String {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        if let Value::Text(text) = &node.value {
            return Some(text.clone());
        }
        cx.wrong_type(node, at, "a string");
        None
    }
}

impl Decode for bool {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        if let Value::Bool(value) = &node.value {
            return Some(*value);
        }
        cx.wrong_type(node, at, "`true` or `false`");
        None
    }
}

impl Decode for u32 {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        let number = match &node.value {
            Value::Integer(number) => Self::try_from(*number).ok(),
            _ => None,
        };
        if number.is_none() {
            cx.wrong_type(node, at, "a whole number, not negative");
        }
        number
    }
}

impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        let container = matches!(node.value, Value::List(_) | Value::Map(_) | Value::Null);
        let mark = if container { at.clone() } else { cx.mark(node) };
        T::decode(node, at, cx).map(|value| Self { value, mark })
    }
}

/// Complains about a collection that is empty or too large.
pub(super) fn check_count(
    count: usize,
    limit: usize,
    what: &str,
    at: &Mark,
    cx: &mut Context,
) -> Option<()> {
    if count == 0 {
        let message = format!("empty {what}");
        cx.report(
            Diagnostic::error(Code::PolicyInvalid, at.position(), message)
                .expected("at least one entry")
                .hint("list what belongs in it, or leave the field out where it is optional"),
        );
        return None;
    }
    if count > limit {
        let message = format!("too many entries in this {what}");
        cx.report(
            Diagnostic::error(Code::LimitExceeded, at.position(), message)
                .expected(format!("at most {limit}"))
                .found(count.to_string()),
        );
        return None;
    }
    Some(())
}

impl<T: Decode> Decode for List<T> {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        let Value::List(nodes) = &node.value else {
            cx.wrong_type(node, at, "a list");
            return None;
        };
        check_count(nodes.len(), MAX_LIST, "list", at, cx)?;
        let decoded: Vec<Option<T>> = nodes
            .iter()
            .map(|node| T::decode(node, &cx.mark(node), cx))
            .collect();
        let items = decoded.into_iter().collect::<Option<Vec<T>>>()?;
        Some(Self { items })
    }
}

impl<T: Decode> Decode for Map<T> {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            cx.wrong_type(node, at, "a map");
            return None;
        };
        check_count(map.len(), MAX_MAP, "map", at, cx)?;
        let mut entries = Vec::new();
        let mut whole = true;
        for (key, node) in map {
            let mark = cx.mark(key);
            match T::decode(node, &mark, cx) {
                Some(value) => {
                    let value_of_key = key.value.clone();
                    entries.push((
                        Spanned {
                            value: value_of_key,
                            mark,
                        },
                        value,
                    ));
                }
                None => whole = false,
            }
        }
        whole.then_some(Self { entries })
    }
}

/// Defines a map with fixed fields: its type, its reader and its schema.
macro_rules! document {
    ($(#[$meta:meta])* struct $name:ident {
        $($(#[doc = $doc:literal])+ $presence:ident $field:ident: $type:ty = $key:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub(in crate::policy) struct $name {
            $($(#[doc = $doc])+ #[schemars(rename = $key)]
            pub(in crate::policy) $field: document!(@type $presence $type),)+
        }

        impl $crate::policy::decode::Decode for $name {
            fn decode(
                node: &$crate::policy::source::Node,
                at: &$crate::policy::source::Mark,
                cx: &mut $crate::policy::decode::Context,
            ) -> Option<Self> {
                let fields =
                    $crate::policy::decode::Fields::open(node, at, &[$($key),+], cx)?;
                $(let $field = fields.$presence($key, cx);)+
                Some(Self { $($field: $field?,)+ })
            }
        }
    };
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
}

/// Defines a choice between fixed words: its type, its reader and its schema.
macro_rules! words {
    ($(#[$meta:meta])* enum $name:ident {
        $($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema)]
        pub(in crate::policy) enum $name {
            $($(#[doc = $doc])+ #[schemars(rename = $word)] $variant,)+
        }

        impl $crate::policy::decode::Decode for $name {
            fn decode(
                node: &$crate::policy::source::Node,
                at: &$crate::policy::source::Mark,
                cx: &mut $crate::policy::decode::Context,
            ) -> Option<Self> {
                let known = [$($word),+];
                if !matches!(node.value, $crate::policy::source::Value::Text(_)) {
                    cx.wrong_type(node, at, &$crate::policy::decode::one_of(&known));
                    return None;
                }
                let word = <$crate::policy::decode::Spanned<String>
                    as $crate::policy::decode::Decode>::decode(node, at, cx)?;
                match word.value.as_str() {
                    $($word => Some(Self::$variant),)+
                    _ => {
                        $crate::policy::decode::unknown_word(&word, &known, cx);
                        None
                    }
                }
            }
        }
    };
}

pub(super) use {document, words};

/// Complains about a word that is none of `known`.
pub(super) fn unknown_word(word: &Spanned<String>, known: &[&str], cx: &mut Context) {
    let mut complaint =
        Diagnostic::error(Code::PolicyMalformed, word.mark.position(), "unknown value")
            .expected(one_of(known))
            .found(format!("`{}`", word.value));
    if let Some(near) = nearest(&word.value, known) {
        complaint = complaint.hint(format!("did you mean `{near}`?"));
    }
    cx.report(complaint);
}
