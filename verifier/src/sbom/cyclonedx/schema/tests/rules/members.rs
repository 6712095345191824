//! Members of JSON objects: which there may be, which there must be, and of which type they are.

use super::*;

#[test]
fn members_are_those_of_the_version() {
    json(
        "1.5",
        r#""annotations":[]"#,
        r#""declarations":{}"#,
        "/declarations",
    );
    json(
        "1.6",
        r#""declarations":{}"#,
        r#""citations":[]"#,
        "/citations",
    );
    component("1.6", r#""tags":["a"]"#, r#""tag":["a"]"#, "/tag");
    component(
        "1.7",
        r#""isExternal":true"#,
        r#""isexternal":true"#,
        "/isexternal",
    );
    component("1.4", r#""author":"a""#, r#""authors":[]"#, "/authors");
}

#[test]
fn required_members_are_required() {
    json(
        "1.4",
        r#""components":[{"type":"library","name":"a"}]"#,
        r#""components":[{"type":"library"}]"#,
        "/components/0",
    );
    json(
        "1.3",
        r#""components":[{"type":"library","name":"a","version":""}]"#,
        r#""components":[{"type":"library","name":"a"}]"#,
        "/components/0",
    );
    json(
        "1.6",
        r#""properties":[{"name":"a"}]"#,
        r#""properties":[{"value":"a"}]"#,
        "/properties/0",
    );
    let no_format = violations(r#"{"specVersion":"1.6"}"#);
    assert_eq!(no_format, ["the document: a member `bomFormat`: none"]);
}

#[test]
fn types_are_held() {
    json("1.6", r#""version":1"#, r#""version":"1""#, "/version");
    json("1.6", r#""version":2.0"#, r#""version":0"#, "/version");
    json(
        "1.6",
        r#""components":[]"#,
        r#""components":{}"#,
        "/components",
    );
    json("1.6", r#""metadata":{}"#, r#""metadata":null"#, "/metadata");
    component(
        "1.6",
        r#""modified":false"#,
        r#""modified":"false""#,
        "/modified",
    );
    component("1.5", r#""version":"""#, r#""version":1"#, "/version");
}

#[test]
fn one_of_several_members_is_demanded() {
    let annotation = |annotator: &str| {
        format!(
            r#""annotations":[{{"subjects":["a"],"annotator":{annotator},"timestamp":"2026-01-01T00:00:00Z","text":"t"}}]"#
        )
    };
    json(
        "1.6",
        &annotation(r#"{"individual":{}}"#),
        &annotation("{}"),
        "/annotations/0/annotator",
    );
    json(
        "1.6",
        &annotation(r#"{"individual":{}}"#),
        &annotation(r#"{"individual":{},"organization":{}}"#),
        "/annotations/0/annotator",
    );
    let citation = |members: &str| {
        format!(r#""citations":[{{"timestamp":"2026-01-01T00:00:00Z",{members}}}]"#)
    };
    json(
        "1.7",
        &citation(r#""pointers":["/a"],"process":"x""#),
        &citation(r#""pointers":["/a"]"#),
        "/citations/0",
    );
    json(
        "1.7",
        &citation(r#""pointers":["/a"],"process":"x""#),
        &citation(r#""pointers":[],"process":"x""#),
        "/citations/0/pointers",
    );
    json(
        "1.5",
        r#""metadata":{"lifecycles":[{"phase":"build"},{"name":"x"}]}"#,
        r#""metadata":{"lifecycles":[{"phase":"x"}]}"#,
        "/metadata/lifecycles/0/phase",
    );
}

#[test]
fn a_range_of_versions_is_for_external_components() {
    component(
        "1.7",
        r#""versionRange":"vers:npm/>1","isExternal":true"#,
        r#""versionRange":"vers:npm/>1""#,
        "",
    );
    component(
        "1.7",
        r#""versionRange":"vers:npm/>1","isExternal":true"#,
        r#""versionRange":"vers:npm/>1","isExternal":true,"version":"1""#,
        "",
    );
    component(
        "1.7",
        r#""version":"1","isExternal":false"#,
        r#""versionRange":"x","isExternal":false"#,
        "",
    );
}
