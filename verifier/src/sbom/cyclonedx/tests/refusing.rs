use super::*;
use crate::sbom::cyclonedx::xml::{MAX_ATTRIBUTES, MAX_DEPTH as MAX_ELEMENT_DEPTH, MAX_NAMESPACES};

#[test]
fn json_without_a_known_version_is_refused() {
    for (text, code) in [
        (r#"{"bomFormat":"CycloneDX"}"#, Code::SbomMalformed),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":1.6}"#,
            Code::SbomMalformed,
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":null}"#,
            Code::SbomMalformed,
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":"1.1"}"#,
            Code::SbomUnsupported,
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":"2.0"}"#,
            Code::SbomUnsupported,
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6","specVersion":"1.5"}"#,
            Code::SbomMalformed,
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6"} {}"#,
            Code::SbomMalformed,
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6""#,
            Code::SbomMalformed,
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"a":1,"\u0061":2}}"#,
            Code::SbomMalformed,
        ),
    ] {
        assert_eq!(refusal(text).code, code, "{text}");
    }
    assert_eq!(
        sbom(r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#).violations,
        []
    );
}

#[test]
fn cyclonedx_is_known_by_its_names() {
    assert!(is_json(br#"{"x":{"y":[1]},"bomFormat":1"#));
    assert!(is_json(br#"{"specVersion":"1.4"}"#));
    assert!(!is_json(br#"{"x":{"bomFormat":1}}"#));
    assert!(!is_json(
        br#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","specVersion":"3.0.1"}"#
    ));
    assert!(!is_json(br#"{"spdxVersion":"SPDX-2.3"}"#));
    assert!(!is_json(b"[1]"));
    assert!(!is_json(b""));
}

#[test]
fn a_document_type_is_refused_whatever_it_says() {
    let honest = xml("<components/>");
    assert_eq!(sbom(&honest).violations, []);
    for doctype in [
        "<!DOCTYPE bom>",
        r#"<!DOCTYPE bom SYSTEM "http://evil.example/bom.dtd">"#,
        r#"<!DOCTYPE bom [<!ENTITY x "y">]>"#,
        r#"<!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#,
        r#"<!DOCTYPE bom [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>"#,
    ] {
        let error = refusal(&format!("{doctype}{honest}"));
        assert_eq!(error.code, Code::SbomMalformed, "{doctype}");
        assert_eq!(error.found, "a document type");
    }
}

#[test]
fn only_predefined_entities_and_numbers_are_resolved() {
    let named = |name: &str| {
        let body = format!(
            r#"<components><component type="file"><name>{name}</name></component></components>"#
        );
        xml(&body)
    };
    let name = |text: &str| sbom(&named(text)).components[0].name.to_string();
    assert_eq!(name("&lt;&gt;&amp;&apos;&quot;&#65;&#x42;"), "<>&'\"AB");
    for bad in [
        "&nbsp;", "&x;", "&#0;", "&#x8;", "&#xFFFE;", "&#xD800;", "&",
    ] {
        assert_eq!(refusal(&named(bad)).code, Code::SbomMalformed, "{bad}");
    }
    let attribute = |text: &str| xml(&format!(r#"<f:x xmlns:f="urn:f" a="{text}"/>"#));
    assert_eq!(sbom(&attribute("&amp;&#65;")).violations, []);
    for bad in ["&x;", "&#1;"] {
        assert_eq!(refusal(&attribute(bad)).code, Code::SbomMalformed, "{bad}");
    }
}

#[test]
fn xml_that_is_not_well_formed_is_refused_with_its_place() {
    let ok = xml("");
    for bad in [
        "<bom".to_owned(),
        xml("<components>"),
        xml("</components>"),
        xml("<a></b>"),
        xml(r#"<components a="1" a="2"/>"#),
        xml("<x:components/>"),
        format!("{ok}{ok}"),
        format!("{ok}text"),
        "<!-- nothing -->".to_owned(),
        xml("\u{1}"),
    ] {
        let error = refusal(&bad);
        assert_eq!(error.code, Code::SbomMalformed, "{bad}: {error}");
        assert!(error.place.starts_with("line "), "{error}");
    }
    let error = read(&[ok.as_bytes(), b"\xff"].concat()).unwrap_err();
    assert_eq!(
        (error.code, error.expected.as_str()),
        (Code::SbomMalformed, "UTF-8")
    );
    assert_eq!(
        sbom(&format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><?x y?>\n{ok}\n<!-- end -->"
        ))
        .violations,
        []
    );
}

#[test]
fn other_roots_namespaces_and_encodings_are_unsupported() {
    let ok = xml("");
    for bad in [
        ok.replace("bom/1.6", "bom/1.1"),
        ok.replace("bom/1.6", "bom/12"),
        ok.replace("http://cyclonedx.org/schema/bom/1.6", "urn:x"),
        "<bom/>".to_owned(),
        r#"<x xmlns="http://cyclonedx.org/schema/bom/1.6"/>"#.to_owned(),
        "<html></html>".to_owned(),
        format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{ok}"),
    ] {
        assert_eq!(refusal(&bad).code, Code::SbomUnsupported, "{bad}");
    }
}

#[test]
fn a_prefix_is_as_good_as_the_default_namespace() {
    let text = r#"<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.5"><c:components>
        <c:component type="library" bom-ref="a"><c:name>a</c:name></c:component>
        <component type="library"><name>of no namespace</name></component></c:components></c:bom>"#;
    let sbom = sbom(text);
    assert_eq!(sbom.components.len(), 1);
    assert_eq!(sbom.violations.len(), 1);
}

#[test]
fn a_schema_location_is_an_attribute_like_any_other() {
    let text = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.6" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:schemaLocation="http://cyclonedx.org/schema/bom/1.6 http://127.0.0.1:1/evil.xsd"/>"#;
    assert_eq!(sbom(text).violations, []);
}

#[test]
fn nesting_is_bounded_in_both_encodings() {
    let nested = |depth: usize| {
        let open = r#"{"type":"library","name":"a","components":["#.repeat(depth);
        json(&format!(r#""components":[{open}{}]"#, "]}".repeat(depth)))
    };
    assert_eq!(sbom(&nested(60)).components.len(), 60);
    assert_eq!(refusal(&nested(100)).code, Code::SbomMalformed); // serde_json's own bound
    let nested = |depth: usize| {
        let open = r#"<component type="library"><name>a</name><components>"#.repeat(depth);
        let close = "</components></component>".repeat(depth);
        xml(&format!("<components>{open}{close}</components>"))
    };
    let deepest = sbom(&nested(64));
    assert_eq!(
        (deepest.components.len(), deepest.violations.len()),
        (64, 0)
    );
    assert_eq!(refusal(&nested(65)).code, Code::LimitExceeded);
    let error = refusal(&xml(&"<a>".repeat(200_000)));
    assert_eq!(error.code, Code::LimitExceeded);
}

#[test]
fn attributes_and_namespaces_are_bounded() {
    let with = |count: usize, name: &str| {
        let attributes: Vec<_> = (0..count)
            .map(|n| format!("{name}{n}=\"urn:{n}\""))
            .collect();
        xml(&format!(
            "<f:x xmlns:f=\"urn:f\" {}/>",
            attributes.join(" ")
        ))
    };
    // The namespace is an attribute too, and the root declares another one.
    assert_eq!(sbom(&with(MAX_ATTRIBUTES - 1, "a")).violations, []);
    for beyond in [MAX_ATTRIBUTES, 100_000] {
        assert_eq!(refusal(&with(beyond, "a")).code, Code::LimitExceeded);
    }
    assert_eq!(sbom(&with(MAX_NAMESPACES - 2, "xmlns:p")).violations, []);
    let beyond = refusal(&with(MAX_NAMESPACES - 1, "xmlns:p"));
    assert_eq!(beyond.code, Code::LimitExceeded);
}

#[test]
fn levels_are_bounded_in_both_encodings() {
    let elements = |depth: usize| {
        let inner = depth - 1;
        xml(&format!("{}{}", "<a>".repeat(inner), "</a>".repeat(inner)))
    };
    assert!(!sbom(&elements(MAX_ELEMENT_DEPTH)).violations.is_empty());
    let refused = refusal(&elements(MAX_ELEMENT_DEPTH + 1));
    assert_eq!(refused.code, Code::LimitExceeded);
    let lists = |depth: usize| {
        let inner = depth - 1;
        format!("{{\"x\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
    };
    assert!(tree::read(lists(tree::MAX_DEPTH).as_bytes()).is_ok());
    let refused = tree::read(lists(tree::MAX_DEPTH + 1).as_bytes()).unwrap_err();
    assert_eq!(refused.code, Code::SbomMalformed);
}

#[test]
fn values_are_bounded() {
    let zeros = "0,".repeat(tree::MAX_VALUES);
    let error = refusal(&json(&format!(r#""properties":[{zeros}0]"#)));
    assert_eq!(error.code, Code::LimitExceeded);
}

#[test]
fn many_violations_are_counted_and_few_are_kept() {
    let bad = vec!["{}"; 1000].join(",");
    let sbom = sbom(&json(&format!(r#""components":[{bad}]"#)));
    assert_eq!(sbom.violations.len(), crate::sbom::limits::MAX_VIOLATIONS);
    assert_eq!(sbom.components.len(), 1000);
    // Two members are missing in each, and 999 are equal to the one before.
    assert_eq!(sbom.more_violations, 2999 - sbom.violations.len());
}

#[test]
fn outside_text_in_messages_is_short() {
    let long = "x".repeat(100_000);
    let member = sbom(&json(&format!(
        r#""{long}":"{long}","components":[{{"type":"{long}","name":"a"}}]"#
    )));
    let element = sbom(&xml(&format!("<{long}>{long}</{long}>")));
    for violation in member.violations.iter().chain(&element.violations) {
        let texts = [&violation.place, &violation.expected, &violation.found];
        assert!(texts.iter().all(|text| text.len() < 1000), "{violation:?}");
    }
    assert!(member.violations.len() + element.violations.len() >= 3);
}

#[test]
fn a_circle_of_many_dependencies_takes_linear_time() {
    let count = 20_000;
    let components: Vec<_> = (0..count)
        .map(|n| format!(r#"{{"type":"library","bom-ref":"{n}","name":"n"}}"#))
        .collect();
    let dependencies: Vec<_> = (0..count)
        .map(|n| {
            format!(
                r#"{{"ref":"{n}","dependsOn":["{}","{n}"]}}"#,
                (n + 1) % count
            )
        })
        .collect();
    let text = json(&format!(
        r#""components":[{}],"dependencies":[{}]"#,
        components.join(","),
        dependencies.join(",")
    ));
    let sbom = sbom(&text);
    assert_eq!(sbom.relationships.len(), 2 * count);
    assert_eq!(sbom.violations, []);
}
