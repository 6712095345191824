//! Small documents of our own, one for each rule.

mod bounds;
mod json2;
mod tag_value;
mod v3;

use crate::code::Code;
use crate::content::ContentError;
use crate::sbom::model::{Component, RelationshipKind, Sbom};

/// Reads a document that can be read.
fn read(text: &str) -> Sbom {
    crate::sbom::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Reads a document that cannot be read.
fn refused(text: &str) -> ContentError {
    match crate::sbom::read(text.as_bytes()) {
        Err(error) => error,
        Ok(sbom) => panic!("read: {sbom:?}\n{text}"),
    }
}

/// Place and finding of each violation.
fn violations(sbom: &Sbom) -> Vec<(&str, &str)> {
    assert_eq!(sbom.more_violations, 0);
    sbom.violations
        .iter()
        .map(|one| (&*one.place, &*one.found))
        .collect()
}

fn component<'a>(sbom: &'a Sbom, name: &str) -> &'a Component {
    let mut found = sbom.components.iter().filter(|one| &*one.name == name);
    found
        .next()
        .unwrap_or_else(|| panic!("no {name}: {sbom:?}"))
}

/// Relationships as `from kind to`, by name.
fn relations(sbom: &Sbom) -> Vec<String> {
    let name = |position: usize| &*sbom.components[position].name;
    sbom.relationships
        .iter()
        .map(|one| {
            let kind = match one.kind {
                RelationshipKind::DependsOn => "needs",
                RelationshipKind::Contains => "has",
                RelationshipKind::Other => "other",
            };
            format!("{} {kind} {}", name(one.from), name(one.to))
        })
        .collect()
}

fn subjects(sbom: &Sbom) -> Vec<&str> {
    let names = sbom.subjects.iter();
    names
        .map(|position| &*sbom.components[*position].name)
        .collect()
}

fn texts(list: &[Box<str>]) -> Vec<&str> {
    list.iter().map(|text| &**text).collect()
}

#[test]
fn what_is_no_sbom_is_told_apart_from_what_is_a_broken_one() {
    let cases = [
        ("{}", Code::SbomUnsupported),
        (
            r#"{"_type":"https://in-toto.io/Statement/v1"}"#,
            Code::SbomUnsupported,
        ),
        ("[]", Code::SbomUnsupported),
        ("{", Code::SbomMalformed),
        (r#"{"spdxVersion":"SPDX-2.3"} {}"#, Code::SbomMalformed),
        (r#"{"spdxVersion":2.3}"#, Code::SbomMalformed),
        (
            r#"{"spdxVersion":"SPDX-2.3","spdxVersion":"SPDX-2.3"}"#,
            Code::SbomMalformed,
        ),
        (r#"{"spdxVersion":"SPDX-2.0"}"#, Code::SbomUnsupported),
        (r#"{"spdxVersion":"SPDX-9.9"}"#, Code::SbomUnsupported),
        (r#"{"spdxVersion":"2.3"}"#, Code::SbomUnsupported),
        (
            r#"{"spdxVersion":"SPDX-2.3","@context":"x"}"#,
            Code::SbomMalformed,
        ),
        (
            r#"{"@context":"https://spdx.org/rdf/3.1/spdx-context.jsonld"}"#,
            Code::SbomUnsupported,
        ),
        (
            r#"{"@context":{"name":"https://else.example"}}"#,
            Code::SbomUnsupported,
        ),
        (
            r#"{"@context":["https://spdx.org/rdf/3.0.1/spdx-context.jsonld",{}]}"#,
            Code::SbomUnsupported,
        ),
        (
            "SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\n",
            Code::SbomUnsupported,
        ),
        ("SPDXVersion: SPDX-1.2\n", Code::SbomUnsupported),
        ("DataLicense: CC0-1.0\n", Code::SbomMalformed),
    ];
    for (text, code) in cases {
        assert_eq!(refused(text).code, code, "{text}");
    }
}
