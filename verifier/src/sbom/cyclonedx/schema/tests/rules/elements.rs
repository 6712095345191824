//! Elements of XML: their order, their attributes, their text, and those of others.

use super::*;

#[test]
fn elements_have_their_order_and_number() {
    let good = r#"<components><component type="library"><name>a</name><version>1</version></component></components>"#;
    let turned = r#"<components><component type="library"><version>1</version><name>a</name></component></components>"#;
    xml("1.6", good, turned, "/bom/components/component");
    xml(
        "1.6",
        good,
        &good.replace("<version>1</version>", "<name>b</name>"),
        "/bom/components/component",
    );
    xml(
        "1.6",
        good,
        &good.replace("<name>a</name>", ""),
        "/bom/components/component",
    );
    xml(
        "1.6",
        good,
        &good.replace("<version>", "<versions/><version>"),
        "/bom/components/component",
    );
    xml("1.6", good, &format!("{good}{good}"), "/bom");
    xml("1.6", good, &format!("{good}<metadata/>"), "/bom");
    xml(
        "1.7",
        "<citations><citation><pointers><pointer>a</pointer></pointers><timestamp>2026-01-01T00:00:00Z</timestamp></citation></citations>",
        "<citations/>",
        "/bom/citations",
    );
    xml(
        "1.6",
        "<metadata><tools><tool/><tool/></tools></metadata>",
        "<metadata><tools><tool/><components/></tools></metadata>",
        "/bom/metadata/tools",
    );
}

#[test]
fn attributes_and_text_have_their_types() {
    let good = r#"<components><component type="library"><name>a</name></component></components>"#;
    xml(
        "1.6",
        good,
        &good.replace("library", "spaceship"),
        "/bom/components/component/@type",
    );
    xml(
        "1.6",
        good,
        &good.replace(" type=\"library\"", ""),
        "/bom/components/component",
    );
    let tool = r#"<metadata><tools><tool><hashes><hash alg="MD5">d41d8cd98f00b204e9800998ecf8427e</hash></hashes></tool></tools></metadata>"#;
    xml(
        "1.6",
        tool,
        &tool.replace("<hash alg=\"MD5\">", "<hash alg=\"MD5\" a=\"b\">"),
        "/bom/metadata/tools/tool/hashes/hash/@a",
    );
    xml(
        "1.6",
        tool,
        &tool.replace("</hash>", "<b/></hash>"),
        "/bom/metadata/tools/tool/hashes/hash",
    );
    xml(
        "1.6",
        tool,
        &tool.replace("<hashes>", "text<hashes>"),
        "/bom/metadata/tools/tool",
    );
    xml(
        "1.6",
        good,
        &good.replace("<name>", "<name a=\"b\">"),
        "/bom/components/component/name/@a",
    );
    xml(
        "1.5",
        "<metadata><timestamp> 2026-01-01T00:00:00 </timestamp></metadata>",
        "<metadata><timestamp>2026-01-01</timestamp></metadata>",
        "/bom/metadata/timestamp",
    );
}

#[test]
fn an_empty_element_stands_for_its_default_where_it_has_one() {
    let composition = |aggregate: &str| {
        format!(
            "<compositions><composition><aggregate>{aggregate}</aggregate></composition></compositions>"
        )
    };
    let place = "/bom/compositions/composition/aggregate";
    xml("1.6", &composition(""), &composition(" "), place);
    let scoped =
        r#"<components><component type="library"><name>a</name><scope/></component></components>"#;
    let place = "/bom/components/component/scope";
    xml(
        "1.6",
        scoped,
        &scoped.replace("<scope/>", "<scope>x</scope>"),
        place,
    );
    let before = violations(&format!(
        r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.4">{scoped}</bom>"#
    ));
    assert_eq!(before.len(), 1, "{before:?}");
}

#[test]
fn elements_and_attributes_of_others_stand_where_they_may() {
    let other = r#"<f:x xmlns:f="urn:f"><f:y/>text</f:x>"#;
    let component = r#"<component type="library"><name>a</name></component>"#;
    xml(
        "1.6",
        &format!("<components>{component}{other}</components>{other}"),
        &format!("<dependencies>{other}</dependencies>"),
        "/bom/dependencies",
    );
    xml(
        "1.6",
        r#"<metadata xmlns:f="urn:f" f:a="1"/>"#,
        r#"<metadata a="1"/>"#,
        "/bom/metadata/@a",
    );
    xml(
        "1.6",
        r#"<components a="1"/>"#,
        r#"<dependencies a="1"/>"#,
        "/bom/dependencies/@a",
    );
}
