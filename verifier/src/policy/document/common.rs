//! What several kinds of documents have in common: files and matchers of text.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::code::Code;
use crate::policy::decode::{Context, Decode, Fields, Spanned, document};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::source::{Mark, Node, Value};

document! {
    /// Content in a file relative to the document, or in the document itself: exactly one.
    struct Content {
        /// The path of a file, relative to this document.
        optional file: Spanned<String> = "file",
        /// The content itself, as text.
        optional inline: Spanned<String> = "inline",
    }
}

/// How a text is compared; always with the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policy) enum MatchKind {
    /// Equal, byte for byte.
    Exact,
    /// `*` stops at `/`, `**` does not; everything else is itself.
    Glob,
    /// A regular expression.
    Regex,
}

/// A text to be equal to, or a pattern that the whole text must match.
#[derive(Clone, Debug)]
pub(in crate::policy) struct TextMatch {
    pub(in crate::policy) kind: MatchKind,
    pub(in crate::policy) pattern: Spanned<String>,
    /// The type of subject alternative name, for identities only.
    pub(in crate::policy) name_type: Option<NameType>,
}

/// A [`TextMatch`] on an identity, which may name the type of subject alternative name.
#[derive(Clone, Debug)]
pub(in crate::policy) struct IdentityMatch(pub(in crate::policy) TextMatch);

crate::policy::decode::words! {
    /// The type of a subject alternative name.
    enum NameType {
        /// An e-mail address.
        Email = "email",
        /// A URI.
        Uri = "uri",
        /// A DNS name.
        Dns = "dns",
        /// Fulcio's user name.
        OtherName = "otherName",
    }
}

impl Decode for TextMatch {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        decode(node, at, &["exact", "glob", "regex"], cx)
    }
}

impl Decode for IdentityMatch {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        decode(node, at, &["exact", "glob", "regex", "type"], cx).map(Self)
    }
}

fn decode(node: &Node, at: &Mark, known: &[&str], cx: &mut Context) -> Option<TextMatch> {
    if matches!(node.value, Value::Text(_)) {
        return Some(TextMatch {
            kind: MatchKind::Exact,
            pattern: Spanned::decode(node, at, cx)?,
            name_type: None,
        });
    }
    if !matches!(node.value, Value::Map(_)) {
        cx.wrong_type(
            node,
            at,
            "a string, or a map with `exact`, `glob` or `regex`",
        );
        return None;
    }
    let fields = Fields::open(node, at, known, cx)?;
    let name_type = fields.optional::<NameType>("type", cx);
    let mut given = Vec::new();
    for (name, kind) in [
        ("exact", MatchKind::Exact),
        ("glob", MatchKind::Glob),
        ("regex", MatchKind::Regex),
    ] {
        if let Some(pattern) = fields.optional::<Spanned<String>>(name, cx)? {
            given.push((kind, pattern));
        }
    }
    let count = given.len();
    match (given.pop(), count) {
        (Some((kind, pattern)), 1) => Some(TextMatch {
            kind,
            pattern,
            name_type: name_type?,
        }),
        (last, _) => {
            let mark = last.map_or_else(|| at.clone(), |(_, pattern)| pattern.mark);
            let message = "contradictory matcher";
            cx.report(
                Diagnostic::error(Code::PolicyInvalid, mark.position(), message)
                    .expected("exactly one of `exact`, `glob` and `regex`")
                    .found(if count == 0 {
                        "none of them"
                    } else {
                        "more than one"
                    }),
            );
            None
        }
    }
}

fn text_match_schema(extra: &serde_json::Value) -> Schema {
    let with = |key: &str| {
        let mut properties = serde_json::Map::new();
        properties.insert(key.to_owned(), serde_json::json!({ "type": "string" }));
        if let serde_json::Value::Object(extra) = extra {
            properties.extend(extra.clone());
        }
        serde_json::json!({
            "type": "object",
            "properties": properties,
            "required": [key],
            "additionalProperties": false,
        })
    };
    schemars::json_schema!({
        "description": "A text to be equal to, or a pattern that the whole text must match.",
        "oneOf": [{ "type": "string" }, with("exact"), with("glob"), with("regex")],
    })
}

impl JsonSchema for TextMatch {
    fn schema_name() -> Cow<'static, str> {
        "TextMatch".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        text_match_schema(&serde_json::json!({}))
    }
}

impl JsonSchema for IdentityMatch {
    fn schema_name() -> Cow<'static, str> {
        "IdentityMatch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name_type = generator.subschema_for::<NameType>();
        text_match_schema(&serde_json::json!({ "type": name_type }))
    }
}
