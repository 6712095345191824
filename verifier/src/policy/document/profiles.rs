//! `profile:` takes one name, one file, or a list of both.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::common::Content;
use super::rules::{ProfileName, Profiles};
use crate::policy::decode::{Context, Decode, List, Spanned};
use crate::policy::source::{Mark, Node, Value};

impl Decode for ProfileName {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        match &node.value {
            Value::Text(_) => Spanned::decode(node, at, cx).map(Self::Named),
            Value::Map(_) => Spanned::decode(node, at, cx).map(Self::File),
            _ => {
                cx.wrong_type(node, at, "the name of a profile, or a map with `file`");
                None
            }
        }
    }
}

impl Decode for Profiles {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        if matches!(node.value, Value::List(_)) {
            return List::decode(node, at, cx).map(|list| Self(list.items));
        }
        ProfileName::decode(node, at, cx).map(|one| Self(vec![one]))
    }
}

impl JsonSchema for ProfileName {
    fn schema_name() -> Cow<'static, str> {
        "ProfileName".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let content = generator.subschema_for::<Content>();
        schemars::json_schema!({ "oneOf": [{ "type": "string" }, content] })
    }
}

impl JsonSchema for Profiles {
    fn schema_name() -> Cow<'static, str> {
        "Profiles".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<ProfileName>();
        let list = generator.subschema_for::<List<ProfileName>>();
        schemars::json_schema!({ "oneOf": [one, list] })
    }
}
