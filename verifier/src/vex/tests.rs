use super::*;
use crate::digest::Digest;
use crate::package::PackageUrl;
use crate::vulnerability::Finding;

mod bounds;
mod decisions;
mod formats;

fn document(text: &str) -> VexDocument {
    read(text.as_bytes()).unwrap()
}

/// The error of a document, which must be one of shape.
fn malformed(text: &str) -> ContentError {
    let error = read(text.as_bytes()).unwrap_err();
    assert_eq!(error.code, CODE, "{text}");
    error
}

/// An OpenVEX document with one statement, of these members.
fn openvex(statement: &str) -> String {
    format!(
        r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.com/vex-1","author":"A",
        "timestamp":"2026-01-01T00:00:00Z","version":1,"statements":[{{{statement}}}]}}"#
    )
}
