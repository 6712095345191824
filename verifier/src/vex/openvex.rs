//! OpenVEX (openvex/spec, `OPENVEX-SPEC.md` 0.2.0), and the forms before it that `openvex/go-vex` reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::limits::MAX_PRODUCTS;
use super::product::{Identifiers, Product};
use super::{Builder, CODE, Justification, Status, VexDocument, VexFormat, VexStatement};
use crate::content::ContentError;
use crate::json;
use crate::vulnerability::time;

/// How documents before OpenVEX named themselves.
pub(super) const OLD_FORMAT: &str = "text/vex+json";

/// Whether an `@context` is OpenVEX's, with or without a version.
pub(super) fn is_context(context: &str) -> bool {
    let rest = context.strip_prefix("https://openvex.dev/ns");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "@id")]
    id: Option<String>,
    author: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
    /// A number since 0.2.0, text before.
    version: Option<Value>,
    statements: Vec<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    vulnerability: Option<Vulnerability>,
    timestamp: Option<String>,
    last_updated: Option<String>,
    products: Option<Vec<RawProduct>>,
    /// Before 0.2.0 subcomponents belonged to the statement.
    subcomponents: Option<Vec<RawProduct>>,
    status: String,
    justification: Option<String>,
    #[serde(rename = "impact_statement")]
    impact: Option<String>,
    #[serde(rename = "action_statement")]
    action: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vulnerability {
    Name(String),
    Object(#[serde(deserialize_with = "json::objects")] VulnerabilityObject),
}

#[derive(Deserialize)]
struct VulnerabilityObject {
    #[serde(rename = "@id")]
    id: Option<String>,
    name: Option<String>,
    aliases: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawProduct {
    Name(String),
    Object(#[serde(deserialize_with = "json::objects")] RawProductObject),
}

#[derive(Deserialize)]
struct RawProductObject {
    #[serde(rename = "@id")]
    id: Option<String>,
    identifiers: Option<BTreeMap<String, String>>,
    hashes: Option<BTreeMap<String, String>>,
    subcomponents: Option<Vec<RawProduct>>,
}

/// Reads a document.
pub(super) fn read(document: &[u8]) -> Result<VexDocument, ContentError> {
    let document: Document = json::read(document, CODE)?;
    let issued = document.timestamp.as_deref();
    let issued = time::read(issued, || "/timestamp".to_owned(), CODE)?;
    let updated = document.last_updated.as_deref();
    let updated = time::read(updated, || "/last_updated".to_owned(), CODE)?;
    let mut builder = Builder::default();
    for (n, statement) in document.statements.iter().enumerate() {
        let place = format!("/statements/{n}");
        builder.push(statement.read(place, updated.or(issued))?)?;
    }
    if builder.statements.is_empty() {
        let expected = "at least one statement";
        return Err(ContentError::new(CODE, "/statements", expected, "none"));
    }
    let version = document.version.map(|version| match version {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    });
    Ok(VexDocument {
        format: VexFormat::OpenVex,
        id: document.id.map(Box::from),
        author: document.author.map(Box::from),
        timestamp: issued,
        version,
        statements: builder.statements,
        unstated: 0,
    })
}

impl Statement {
    fn read(
        &self,
        place: String,
        document_time: Option<Timestamp>,
    ) -> Result<VexStatement, ContentError> {
        let named = self.vulnerability.as_ref().map(Vulnerability::names);
        let (vulnerability, aliases) =
            named.ok_or_else(|| fail(&place, "vulnerability", "a vulnerability", "nothing"))?;
        let status = Status::from_word(&self.status).ok_or_else(|| {
            let expected = "not_affected, affected, fixed or under_investigation";
            fail(&place, "status", expected, &format!("`{}`", self.status))
        })?;
        let justification = self.justification(&place)?;
        let impact = filled(self.impact.as_deref());
        // OpenVEX 0.2.0, "Statement fields": not_affected needs one of the two.
        if status == Status::NotAffected && justification.is_none() && impact.is_none() {
            let expected = "a justification or an impact statement";
            return Err(fail(&place, "justification", expected, "neither"));
        }
        let products = self.products(&place)?;
        let at = |member: &'static str| {
            let place = &place;
            move || format!("{place}/{member}")
        };
        let issued = time::read(self.timestamp.as_deref(), at("timestamp"), CODE)?;
        let updated = time::read(self.last_updated.as_deref(), at("last_updated"), CODE)?;
        Ok(VexStatement {
            vulnerability,
            aliases,
            products,
            status,
            justification,
            impact,
            action: filled(self.action.as_deref()),
            timestamp: updated.or(issued).or(document_time),
            place: place.into(),
        })
    }

    fn justification(&self, place: &str) -> Result<Option<Justification>, ContentError> {
        let Some(written) = self
            .justification
            .as_deref()
            .filter(|text| !text.is_empty())
        else {
            return Ok(None);
        };
        let parsed: Option<Justification> = written.parse().ok();
        let known = parsed.filter(|justification| justification.is_common());
        let found = || format!("`{written}`");
        let error = || {
            fail(
                place,
                "justification",
                "a justification of OpenVEX",
                &found(),
            )
        };
        known.map(Some).ok_or_else(error)
    }

    fn products(&self, place: &str) -> Result<Vec<Product>, ContentError> {
        let shared: Vec<Arc<Identifiers>> = identified(self.subcomponents.as_deref());
        let mut products = Vec::new();
        let mut parts = 0;
        for (n, product) in self.products.iter().flatten().enumerate() {
            let identifiers = product.identifiers();
            if identifiers.is_empty() {
                let place = format!("{place}/products/{n}");
                return Err(ContentError::new(CODE, place, "an identifier", "none"));
            }
            let mut subcomponents = product.subcomponents();
            // Every product has all shared parts: checked before they are multiplied.
            parts += 1 + subcomponents.len() + shared.len();
            if parts > MAX_PRODUCTS {
                let place = format!("{place}/products");
                return Err(ContentError::limit(place, "products", MAX_PRODUCTS, parts));
            }
            subcomponents.extend(shared.iter().cloned());
            products.push(Product {
                identifiers: Arc::new(identifiers),
                subcomponents,
            });
        }
        if products.is_empty() {
            let place = format!("{place}/products");
            return Err(ContentError::new(
                CODE,
                place,
                "at least one product",
                "none",
            ));
        }
        Ok(products)
    }
}

fn fail(place: &str, member: &str, expected: &str, found: &str) -> ContentError {
    ContentError::new(CODE, format!("{place}/{member}"), expected, found)
}

/// A text that says something.
fn filled(text: Option<&str>) -> Option<Box<str>> {
    text.filter(|text| !text.trim().is_empty()).map(Box::from)
}

impl Vulnerability {
    /// The name and the other names.
    fn names(&self) -> (Box<str>, Vec<Box<str>>) {
        match self {
            Self::Name(name) => (name.as_str().into(), Vec::new()),
            Self::Object(object) => {
                let name = object
                    .name
                    .as_deref()
                    .or(object.id.as_deref())
                    .unwrap_or_default();
                let aliases = object.aliases.iter().flatten();
                (
                    name.into(),
                    aliases.map(|alias| alias.as_str().into()).collect(),
                )
            }
        }
    }
}

fn identified(products: Option<&[RawProduct]>) -> Vec<Arc<Identifiers>> {
    let products = products.unwrap_or_default().iter();
    products
        .map(|product| Arc::new(product.identifiers()))
        .collect()
}

impl RawProduct {
    fn identifiers(&self) -> Identifiers {
        let object = match self {
            Self::Name(name) => return Identifiers::of(name),
            Self::Object(object) => object,
        };
        let mut identifiers = Identifiers::of(object.id.as_deref().unwrap_or_default());
        for identifier in object
            .identifiers
            .iter()
            .flatten()
            .map(|(_, identifier)| identifier)
        {
            identifiers.add(identifier);
        }
        for (algorithm, value) in object.hashes.iter().flatten() {
            identifiers.add_hash(algorithm, value);
        }
        identifiers
    }

    fn subcomponents(&self) -> Vec<Arc<Identifiers>> {
        match self {
            Self::Name(_) => Vec::new(),
            Self::Object(object) => identified(object.subcomponents.as_deref()),
        }
    }
}
