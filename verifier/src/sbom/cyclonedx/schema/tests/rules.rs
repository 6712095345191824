mod elements;
mod members;
mod values;

use crate::sbom::read;

/// Violations of a document as `place: expected: found`.
fn violations(text: &str) -> Vec<String> {
    let sbom = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    let violations = sbom.violations.iter();
    violations
        .map(|v| format!("{}: {}: {}", v.place, v.expected, v.found))
        .collect()
}

/// Holds a JSON document that obeys the schema of `version` beside one that does not, at `place`.
fn json(version: &str, honest: &str, lie: &str, place: &str) {
    let document =
        |body: &str| format!(r#"{{"bomFormat":"CycloneDX","specVersion":"{version}",{body}}}"#);
    assert_eq!(violations(&document(honest)), [""; 0], "{honest}");
    let found = violations(&document(lie));
    assert!(
        found
            .iter()
            .any(|found| found.starts_with(&format!("{place}: "))),
        "{lie}: {found:?}"
    );
}

/// The same for XML.
fn xml(version: &str, honest: &str, lie: &str, place: &str) {
    let document = |body: &str| {
        format!(r#"<bom xmlns="http://cyclonedx.org/schema/bom/{version}">{body}</bom>"#)
    };
    assert_eq!(violations(&document(honest)), [""; 0], "{honest}");
    let found = violations(&document(lie));
    assert!(
        found
            .iter()
            .any(|found| found.starts_with(&format!("{place}: "))),
        "{lie}: {found:?}"
    );
}

/// The same for one component in JSON.
fn component(version: &str, honest: &str, lie: &str, place: &str) {
    let whole =
        |fields: &str| format!(r#""components":[{{"type":"library","name":"a",{fields}}}]"#);
    json(
        version,
        &whole(honest),
        &whole(lie),
        &format!("/components/0{place}"),
    );
}

#[test]
fn nothing_stands_twice_in_a_set() {
    let one = r#"{"type":"library","name":"a"}"#;
    let turned = r#"{"name":"a","type":"library"}"#;
    let other = r#"{"type":"library","name":"b"}"#;
    json(
        "1.6",
        &format!(r#""components":[{one},{other}]"#),
        &format!(r#""components":[{one},{other},{turned}]"#),
        "/components/2",
    );
    let needs = |refs: &str| {
        format!(
            r#""components":[{{"type":"library","bom-ref":"a","name":"a"}}],"dependencies":[{{"ref":"a","dependsOn":[{refs}]}}]"#
        )
    };
    json(
        "1.6",
        &needs(r#""a""#),
        &needs(r#""a","a""#),
        "/dependencies/0/dependsOn/1",
    );
}

#[test]
fn a_name_is_given_once_and_dependencies_may_leave_the_document() {
    let with = |first: &str, second: &str, reference: &str| {
        format!(
            r#""components":[{{"type":"library","bom-ref":"{first}","name":"a"}},{{"type":"library","bom-ref":"{second}","name":"b"}}],
            "dependencies":[{{"ref":"{reference}"}}]"#
        )
    };
    json(
        "1.6",
        &with("a", "b", "b"),
        &with("a", "a", "a"),
        "/components/1/bom-ref",
    );
    json(
        "1.6",
        &with("a", "b", "elsewhere"),
        &with("a", "", "a"),
        "/components/1/bom-ref",
    );
    let in_xml = |first: &str, second: &str, reference: &str| {
        format!(
            r#"<components><component type="library" bom-ref="{first}"><name>a</name></component>
            <component type="library" bom-ref="{second}"><name>b</name></component></components>
            <dependencies><dependency ref="a"><dependency ref="{reference}"/></dependency></dependencies>"#
        )
    };
    xml(
        "1.6",
        &in_xml("a", "b", "b"),
        &in_xml("a", "a", "a"),
        "/bom/components/component[2]/@bom-ref",
    );
    xml(
        "1.6",
        &in_xml("a", "b", "elsewhere"),
        &in_xml("a", "", "a"),
        "/bom/components/component[2]/@bom-ref",
    );
}
