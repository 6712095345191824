//! Reading the long lists item by item says the same as reading the document at once.

use super::*;
use crate::sbom::cyclonedx::schema::Checker;
use crate::sbom::cyclonedx::{document, version_of};

/// The document as one tree.
fn whole(text: &str) -> Result<Sbom, ContentError> {
    let root = tree::read(text.as_bytes())?;
    let version = version_of(root.member("specVersion"))?;
    let item = Item::Json(&root);
    let place = Place::root(item);
    let mut sbom = document::read(item, &place)?.sbom;
    sbom.format = format(version, Encoding::Json);
    let mut checker = Checker::new(version);
    for (name, value) in root.members() {
        checker.member(name, value, &place);
    }
    checker.demands(&root, &place);
    checker.findings().store(&mut sbom);
    Ok(sbom)
}

#[test]
fn item_by_item_is_the_same_as_at_once() {
    let part = r#"{"type":"library","bom-ref":"a","name":"a"}"#;
    let mut violations = 0;
    for members in [
        format!(r#""components":[{part}]"#),
        // Equal items, whatever the order of their members; some with one name that differ.
        format!(
            r#""components":[{part},{{"name":"a","bom-ref":"a","type":"library"}},{part},{{"type":"library","bom-ref":"a","name":"b"}}]"#
        ),
        r#""components":[{"type":"file","name":"x","modified":true},{"type":"file","name":"x"},{"name":"x","type":"file"},1,1.0,"1",[],[],null]"#.to_owned(),
        // What is no list.
        r#""components":{},"dependencies":7"#.to_owned(),
        r#""components":null,"dependencies":null"#.to_owned(),
        // Names that stand in more than one part; who comes first is the order of the members' names.
        format!(r#""services":[{{"name":"s","bom-ref":"a"}}],"metadata":{{"component":{part}}},"components":[{part}],"dependencies":[{{"ref":"a","dependsOn":["s","a"],"bom-ref":"a"}}]"#),
        r#""dependencies":[{"ref":"a"},{"ref":"a"},{"ref":"b","provides":["c"]},{}],"compositions":[{"aggregate":"complete","dependencies":["a"]}],"bom-ref":"root""#.to_owned(),
        // Escapes: what is read is no part of the text.
        r#""components":[{"type":"library","bom-ref":"\u0061","name":"\u0061"},{"type":"library","bom-ref":"a","n\u0061me":"a"}],"dependencies":[{"ref":"a","dependsOn":["\u0061"]}]"#.to_owned(),
        // Nesting, and licenses of which none fits.
        format!(r#""components":[{{"type":"x","components":[{part},{part}],"licenses":[{{"license":{{"id":"no"}}}},{{"expression":1}}]}}],"unknown":[1]"#),
        format!(r#""components":[{}],"dependencies":[{{}}]"#, ["{}"; 200].join(",")),
    ] {
        for version in ["1.2", "1.4", "1.6", "1.7"] {
            // The version may come last as well.
            let text = format!(r#"{{"bomFormat":"CycloneDX",{members},"specVersion":"{version}"}}"#);
            let at_once = whole(&text).unwrap();
            assert_eq!(sbom(&text), at_once, "{text}");
            violations += at_once.violations.len();
        }
    }
    assert!(violations > 300, "{violations}");
}

#[test]
fn what_cannot_be_read_is_refused_alike() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let component = |more: &str| {
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{{"type":"file","name":"a"{more}}}]}}"#
        )
    };
    for text in [
        component(r#","x":1e999"#),
        component(r#","x":"\ud800""#),
        component("\n,\"name\":2"),
        component(",\"x\":tru"),
        component(&format!(r#","x":{}"#, deep(125))),
        component("").replace("1.6", "9.9"),
        component("") + "x",
        component("").replace(":[", ":"),
        "[]".to_owned(),
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[],"components":[]}"#
            .to_owned(),
    ] {
        let error = stream::read(text.as_bytes()).expect_err(&text);
        assert_eq!(error, whole(&text).unwrap_err(), "{text}");
    }
    assert!(stream::read(component(&format!(r#","x":{}"#, deep(124))).as_bytes()).is_ok());
}
