//! Documents that are made to be expensive: each ends soon, in a bound or in an SBOM.

use std::fmt::Write as _;

use super::*;
use crate::sbom::limits;
use crate::sbom::spdx::bounds;

const HEAD: &str = r#""spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"n","documentNamespace":"https://acme.example/n","creationInfo":{"created":"2026-03-02T11:04:05Z","creators":["Tool: t"]}"#;
const CONTEXT: &str = r#""@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld""#;

#[test]
fn components_are_bounded() {
    let packages = vec!["{}"; limits::MAX_COMPONENTS + 1].join(",");
    let error = refused(&format!("{{{HEAD},\"packages\":[{packages}]}}"));
    assert_eq!(error.code, Code::LimitExceeded);
    let half = vec!["{}"; limits::MAX_COMPONENTS / 2 + 1].join(",");
    let error = refused(&format!(
        "{{{HEAD},\"packages\":[{half}],\"files\":[{half}]}}"
    ));
    assert_eq!(error.code, Code::LimitExceeded);
}

#[test]
fn many_violations_are_counted_and_a_few_are_kept() {
    let packages = vec!["{}"; 1_000].join(",");
    let sbom = read(&format!("{{{HEAD},\"packages\":[{packages}]}}"));
    assert_eq!(sbom.violations.len(), limits::MAX_VIOLATIONS);
    assert_eq!(sbom.violations.len() + sbom.more_violations, 3_000);
}

#[test]
fn details_of_one_component_are_bounded() {
    let with = |count: usize| {
        let refs = vec!["{}"; count].join(",");
        format!("{{{HEAD},\"packages\":[{{\"externalRefs\":[{refs}]}}]}}")
    };
    assert_eq!(read(&with(bounds::MAX_DETAILS)).components.len(), 1);
    let error = refused(&with(bounds::MAX_DETAILS + 1));
    assert_eq!(
        (error.code, &*error.place),
        (Code::LimitExceeded, "/packages/0/externalRefs")
    );
}

#[test]
fn circles_and_relationships_to_oneself_are_data() {
    let mut text = format!("{{{HEAD},\"packages\":[");
    for n in 0..1_000 {
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"SPDXID":"SPDXRef-{n}","name":"p{n}","downloadLocation":"NONE"}}"#
        )
        .unwrap();
    }
    text.push_str("],\"relationships\":[");
    for n in 0..1_000 {
        let (comma, next) = (if n == 0 { "" } else { "," }, (n + 1) % 1_000);
        write!(text, r#"{comma}{{"spdxElementId":"SPDXRef-{n}","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-{next}"}}"#).unwrap();
        write!(text, r#",{{"spdxElementId":"SPDXRef-{n}","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-{n}"}}"#).unwrap();
    }
    text.push_str("]}");
    let sbom = read(&text);
    assert_eq!(
        (sbom.relationships.len(), sbom.violations.len()),
        (2_000, 0)
    );
}

#[test]
fn nesting_is_refused_where_json_is_read() {
    let deep = format!(
        "{{{HEAD},\"x\":{}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert_eq!(refused(&deep).code, Code::SbomMalformed);
}

#[test]
fn elements_in_elements_are_bounded() {
    let mut text = String::from("\"https://acme.example/x\"");
    for _ in 0..bounds::MAX_INLINE + 2 {
        text = format!(r#"{{"type":"software_Package","name":"p","suppliedBy":{text}}}"#);
    }
    let error = refused(&format!("{{{CONTEXT},\"@graph\":[{text}]}}"));
    assert_eq!(error.code, Code::LimitExceeded);
}

#[test]
fn licenses_that_would_swell_are_bounded() {
    let mut graph =
        vec![r#"{"type":"software_Package","spdxId":"https://a.example/p","name":"p"}"#.to_owned()];
    for n in 0..40 {
        let member = format!(r#""https://a.example/l{}""#, n + 1);
        let members = if n == 39 {
            r#""https://spdx.org/licenses/MIT""#.to_owned()
        } else {
            member
        };
        graph.push(format!(
            r#"{{"type":"expandedlicensing_ConjunctiveLicenseSet","spdxId":"https://a.example/l{n}","expandedlicensing_member":[{members},{members}]}}"#
        ));
    }
    for start in [0, 20] {
        let link = format!(
            r#"{{"type":"Relationship","spdxId":"https://a.example/r","relationshipType":"hasDeclaredLicense","from":"https://a.example/p","to":["https://a.example/l{start}"]}}"#
        );
        let text = format!("{{{CONTEXT},\"@graph\":[{},{link}]}}", graph.join(","));
        assert_eq!(refused(&text).code, Code::LimitExceeded, "{start}");
    }
}

#[test]
fn agents_that_many_share_are_bounded() {
    let name = "n".repeat(1024 * 1024);
    let mut graph = vec![format!(
        r#"{{"type":"Person","spdxId":"https://a.example/j","name":"{name}"}}"#
    )];
    for n in 0..300 {
        graph.push(format!(
            r#"{{"type":"software_Package","spdxId":"https://a.example/{n}","name":"p","suppliedBy":"https://a.example/j"}}"#
        ));
    }
    let text = format!("{{{CONTEXT},\"@graph\":[{}]}}", graph.join(","));
    assert_eq!(refused(&text).code, Code::LimitExceeded);
}

#[test]
fn tag_value_lists_are_bounded() {
    let creators = "Creator: Tool: t\n".repeat(bounds::MAX_DETAILS + 1);
    let error = refused(&format!("SPDXVersion: SPDX-2.3\n{creators}"));
    assert_eq!(error.code, Code::LimitExceeded);
}

#[test]
fn licenses_in_licenses_and_their_text_are_bounded() {
    let package =
        r#"{"type":"software_Package","spdxId":"https://a.example/p","name":"p"}"#.to_owned();
    let link = r#"{"type":"Relationship","spdxId":"https://a.example/r","relationshipType":"hasDeclaredLicense","from":"https://a.example/p","to":["https://a.example/l0"]}"#;
    let document = |licenses: Vec<String>| {
        let graph = [vec![package.clone()], licenses, vec![link.to_owned()]].concat();
        format!("{{{CONTEXT},\"@graph\":[{}]}}", graph.join(","))
    };
    let nested = |levels: usize| {
        let set = |n: usize| {
            let next = if n + 1 == levels {
                "https://spdx.org/licenses/Zlib".to_owned()
            } else {
                format!("https://a.example/l{}", n + 1)
            };
            format!(
                r#"{{"type":"expandedlicensing_ConjunctiveLicenseSet","spdxId":"https://a.example/l{n}","expandedlicensing_member":["{next}","https://spdx.org/licenses/MIT"]}}"#
            )
        };
        document((0..levels).map(set).collect())
    };
    let deepest = read(&nested(bounds::MAX_EXPRESSION_DEPTH));
    assert_eq!(deepest.components[0].licenses.len(), 1);
    let error = refused(&nested(bounds::MAX_EXPRESSION_DEPTH + 1));
    assert_eq!(error.code, Code::LimitExceeded);
    let long = |bytes: usize| {
        let text = "x".repeat(bytes);
        document(vec![format!(
            r#"{{"type":"simplelicensing_LicenseExpression","spdxId":"https://a.example/l0","simplelicensing_licenseExpression":"{text}"}}"#
        )])
    };
    let longest = read(&long(bounds::MAX_EXPRESSION_BYTES));
    let license = &longest.components[0].licenses[0];
    assert_eq!(license.text.len(), bounds::MAX_EXPRESSION_BYTES);
    let error = refused(&long(bounds::MAX_EXPRESSION_BYTES + 1));
    assert_eq!(error.code, Code::LimitExceeded);
}
