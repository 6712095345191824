//! What is in an image: SBOMs of every supported format in one view.
//!
//! ```text
//! bytes ─read─► Sbom ─profile, rules─► findings
//! ```
//!
//! **Invariant**: reading proves nothing. Whoever asks a policy question has verified the bytes first.

pub mod cyclonedx;
pub mod limits;
mod model;
pub mod profile;
pub mod rule;
mod spdx;

pub use model::{
    Component, ComponentKind, Encoding, Family, Format, Hash, License, Link, Party, Relationship,
    RelationshipKind, Sbom, Standing, Violation,
};

use crate::code::Code;
use crate::content::ContentError;

/// Reads an SBOM of any supported format: SPDX 2.2, 2.3 (JSON, tag-value), 3.0 (JSON-LD), CycloneDX
/// 1.4 to 1.7 (JSON, XML). The format is found by content.
///
/// # Errors
///
/// [`ContentError`]: `sbom/malformed`, `sbom/unsupported`, `limit/exceeded`. A document that can be
/// read but breaks its schema is no error: see [`Sbom::violations`].
pub fn read(document: &[u8]) -> Result<Sbom, ContentError> {
    if document.len() > limits::MAX_SBOM_BYTES {
        let (limit, found) = (limits::MAX_SBOM_BYTES, document.len());
        return Err(ContentError::limit("the document", "bytes", limit, found));
    }
    let start = document.trim_ascii_start();
    match start.first() {
        Some(b'<') => cyclonedx::read_xml(document),
        Some(b'{') if cyclonedx::is_json(document) => cyclonedx::read_json(document),
        Some(b'{') => spdx::read_json(document),
        Some(_) if spdx::is_tag_value(document) => spdx::read_tag_value(document),
        _ => Err(ContentError::new(
            Code::SbomUnsupported,
            "the document",
            "an SPDX or CycloneDX document",
            "something else",
        )),
    }
}
