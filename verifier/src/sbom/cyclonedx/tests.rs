//! What is read, what is refused, and that both encodings say the same.

mod reading;
mod refusing;
mod streaming;
mod vulnerabilities;

use super::super::read;
use super::*;
use crate::sbom::model::{Component, Violation};

/// A JSON document of version 1.6 with these members.
pub(super) fn json(members: &str) -> String {
    format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6",{members}}}"#)
}

/// An XML document of version 1.6 with this content.
pub(super) fn xml(content: &str) -> String {
    format!(r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">{content}</bom>"#)
}

/// The document as the model shows it.
pub(super) fn sbom(text: &str) -> Sbom {
    read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Why a document is not taken.
pub(super) fn refusal(text: &str) -> ContentError {
    read(text.as_bytes()).expect_err(text)
}

/// A component that both encodings describe alike.
fn placeless(component: &Component) -> Component {
    Component {
        place: "".into(),
        ..component.clone()
    }
}

/// What a document says, without where and how it is written.
pub(super) fn content(sbom: &Sbom) -> Sbom {
    Sbom {
        format: Format::default(),
        components: sbom.components.iter().map(placeless).collect(),
        violations: Vec::<Violation>::new(),
        ..sbom.clone()
    }
}
