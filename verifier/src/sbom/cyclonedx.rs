//! CycloneDX 1.4 to 1.7, JSON and XML; 1.2 and 1.3 are read as well.
//!
//! ```text
//! JSON ─tree─┐            ┌─document─► Sbom
//!            ├─► Item ────┤
//! XML ──xml──┘            └─vulnerability─► vulnerabilities
//!   both ─schema─► violations
//! ```
//!
//! Both encodings become trees that borrow from the document; one reader understands both, so that
//! a document says the same in JSON and in XML. What the schema says about it is a second walk over
//! the same tree: a document with a broken field still says all the rest. Of the long lists in JSON
//! one item at a time is a tree, so that memory does not grow with what has been read.

mod component;
mod document;
mod item;
mod schema;
mod stream;
mod tree;
mod version;
pub mod vulnerability;
mod xml;

#[cfg(test)]
mod tests;

use super::model::{Encoding, Family, Format, Sbom};
use crate::code::Code;
use crate::content::ContentError;
use item::{Item, Place};
use version::Version;

/// Whether a JSON object is CycloneDX: it says so in `bomFormat`, or has `specVersion` and nothing of
/// SPDX. What cannot be read to its end is judged by its beginning.
pub(super) fn is_json(document: &[u8]) -> bool {
    tree::announces_cyclonedx(document)
}

/// Reads CycloneDX in JSON.
pub(super) fn read_json(document: &[u8]) -> Result<Sbom, ContentError> {
    stream::read(document)
}

/// Reads CycloneDX in XML.
pub(super) fn read_xml(document: &[u8]) -> Result<Sbom, ContentError> {
    let (root, version) = xml::read(document)?;
    let item = Item::Xml(&root);
    let mut sbom = document::read(item, &Place::root(item))?.sbom;
    sbom.format = format(version, Encoding::Xml);
    schema::check_xml(&root, version).store(&mut sbom);
    Ok(sbom)
}

fn format(version: Version, encoding: Encoding) -> Format {
    Format {
        family: Family::CycloneDx,
        version: version.name().into(),
        encoding,
    }
}

/// The version that a JSON document says it has.
fn json_version(root: &tree::Node<'_>) -> Result<Version, ContentError> {
    version_of(root.member("specVersion"))
}

fn version_of(stated: Option<&tree::Node<'_>>) -> Result<Version, ContentError> {
    let Some(stated) = stated else {
        return Err(ContentError::new(
            Code::SbomMalformed,
            "/specVersion",
            "the version of CycloneDX",
            "no `specVersion`",
        ));
    };
    let tree::Node::Text(stated) = stated else {
        return Err(ContentError::new(
            Code::SbomMalformed,
            "/specVersion",
            "the version of CycloneDX, as text",
            stated.kind(),
        ));
    };
    Version::parse(stated).ok_or_else(|| {
        ContentError::new(
            Code::SbomUnsupported,
            "/specVersion",
            Version::SUPPORTED,
            format!("`{stated}`"),
        )
    })
}
