//! SPDX 2.2 and 2.3 (JSON, tag-value) and 3.0 (JSON-LD).
//!
//! ```text
//! JSON ─► Root ─┬─ spdxVersion ─► json2 ─┐
//! tag-value ────│───────────────► tag_value ─► v2 ─┐
//!               └─ @context ────► v3 ──────────────┴─► Draft ─► Sbom
//! ```
//!
//! **Invariant**: a broken field is a [violation](super::Violation) and the rest is still read; what
//! two parsers could read differently (a name twice, two formats at once, a foreign `@context`) is
//! refused whole. Nothing that a document names is ever fetched.

mod bounds;
mod draft;
mod json2;
mod lax;
mod party;
mod tag_value;
mod terms;
#[cfg(test)]
mod tests;
mod v2;
mod v3;

use serde_json::value::RawValue;

use self::lax::{Item, List, Text};
use super::limits::{MAX_COMPONENTS, MAX_RELATIONSHIPS};
use super::model::Sbom;
use crate::code::Code;
use crate::content::ContentError;
use crate::json;

/// The root of an SPDX document in JSON, whatever its version; its lists are still text, so that one
/// broken entry hides no other.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Root<'a> {
    #[serde(rename = "spdxVersion", borrow)]
    version: Text<'a>,
    #[serde(rename = "@context", borrow)]
    context: Option<&'a RawValue>,
    #[serde(rename = "@graph", borrow)]
    graph: List<&'a RawValue, { bounds::MAX_ELEMENTS }>,
    #[serde(rename = "dataLicense", borrow)]
    license: Text<'a>,
    #[serde(rename = "SPDXID", borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(rename = "documentNamespace", borrow)]
    namespace: Text<'a>,
    #[serde(rename = "creationInfo", borrow)]
    creation: Option<&'a RawValue>,
    #[serde(rename = "externalDocumentRefs", borrow)]
    externals: v2::Details<Item<v2::External<'a>>>,
    #[serde(rename = "documentDescribes", borrow)]
    describes: List<Text<'a>, MAX_COMPONENTS>,
    #[serde(borrow)]
    packages: List<&'a RawValue, MAX_COMPONENTS>,
    #[serde(borrow)]
    files: List<&'a RawValue, MAX_COMPONENTS>,
    #[serde(borrow)]
    snippets: List<&'a RawValue, MAX_COMPONENTS>,
    #[serde(rename = "hasExtractedLicensingInfos", borrow)]
    extracted: List<&'a RawValue, MAX_COMPONENTS>,
    #[serde(borrow)]
    relationships: List<&'a RawValue, MAX_RELATIONSHIPS>,
}

/// Reads SPDX in JSON or JSON-LD, any supported version.
pub(super) fn read_json(document: &[u8]) -> Result<Sbom, ContentError> {
    let root: Root<'_> = json::read(document, Code::SbomMalformed)?;
    match (root.version.clone(), root.context) {
        (Text::Is(stated), None) => json2::read(root, &stated),
        (Text::Absent, Some(context)) => v3::read(document, context, root.graph),
        (Text::Wrong(found), None) => Err(ContentError::new(
            Code::SbomMalformed,
            "/spdxVersion",
            "a string",
            found,
        )),
        // A document of both versions would say two things to two readers.
        (_, Some(_)) => Err(ContentError::new(
            Code::SbomMalformed,
            "/@context",
            "either `spdxVersion` (SPDX 2) or `@context` (SPDX 3)",
            "both",
        )),
        (Text::Absent, None) => Err(ContentError::new(
            Code::SbomUnsupported,
            "/",
            "`spdxVersion` (SPDX 2), `@context` (SPDX 3) or `bomFormat` (CycloneDX)",
            "none of them",
        )),
    }
}

/// Whether the text looks like SPDX tag-value: its first tag is one of the format's.
pub(super) fn is_tag_value(document: &[u8]) -> bool {
    tag_value::is_tag_value(document)
}

/// Reads SPDX 2.x tag-value.
pub(super) fn read_tag_value(document: &[u8]) -> Result<Sbom, ContentError> {
    tag_value::read(document)
}

/// Reads a part of a document that was checked as a whole before.
fn part<'a, T: serde::Deserialize<'a>>(text: &'a RawValue) -> Result<T, ContentError> {
    crate::json::from_str(text.get()).map_err(|error| {
        let wanted = "a JSON document of the right shape";
        ContentError::new(
            Code::SbomMalformed,
            "the document",
            wanted,
            error.to_string(),
        )
    })
}
