//! Documents at their bounds.

use super::*;

/// A statement about so many products.
fn statement(products: usize) -> VexStatement {
    let text = openvex(r#""vulnerability":"CVE-1","products":["pkg:oci/a"],"status":"fixed""#);
    let mut statement = document(&text).statements.remove(0);
    statement.products = vec![statement.products[0].clone(); products];
    statement
}

fn refused(mut builder: Builder, statement: VexStatement) -> Option<Code> {
    builder.push(statement).err().map(|error| error.code)
}

#[test]
fn products_and_text_of_all_statements_are_bounded() {
    let with = |products: usize, text: usize| Builder {
        products,
        text,
        ..Builder::default()
    };
    let beyond = Some(Code::LimitExceeded);
    assert_eq!(refused(with(MAX_PRODUCTS - 2, 0), statement(2)), None);
    assert_eq!(refused(with(MAX_PRODUCTS - 2, 0), statement(3)), beyond);
    let mut builder = Builder::default();
    builder.push(statement(1)).unwrap();
    let each = builder.text;
    assert_eq!(refused(with(0, MAX_TEXT - each), statement(1)), None);
    assert_eq!(refused(with(0, MAX_TEXT - each + 1), statement(1)), beyond);
}

#[test]
fn relationships_are_followed_up_to_a_bound() {
    let purls = |relationships: usize| {
        // Each product is a component of the one before.
        let relations: Vec<String> = (1..=relationships)
            .map(|n| {
                format!(
                    r#"{{"category":"default_component_of","product_reference":"P{}","relates_to_product_reference":"OS","full_product_name":{{"product_id":"P{n}","name":"p{n}"}}}}"#,
                    n - 1
                )
            })
            .collect();
        let named = |id: &str, purl: &str| {
            format!(
                r#"{{"product_id":"{id}","name":"n","product_identification_helper":{{"purl":"{purl}"}}}}"#
            )
        };
        let text = format!(
            r#"{{"document":{{"category":"csaf_vex","csaf_version":"2.0","title":"t","publisher":{{"category":"vendor","name":"P","namespace":"https://p.example"}},"tracking":{{"id":"1","version":"1","status":"final","initial_release_date":"2026-01-01T00:00:00Z","current_release_date":"2026-01-01T00:00:00Z"}}}},"product_tree":{{"full_product_names":[{},{}],"relationships":[{}]}},"vulnerabilities":[{{"cve":"CVE-1","product_status":{{"fixed":["P{relationships}"]}}}}]}}"#,
            named("P0", "pkg:rpm/v/lib"),
            named("OS", "pkg:oci/os"),
            relations.join(",")
        );
        let document = document(&text);
        let product = &document.statements[0].products[0];
        let parts = product.subcomponents.iter();
        parts
            .flat_map(|part| part.purls.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(purls(1), ["pkg:rpm/v/lib".into()]);
    assert_eq!(purls(limits::MAX_RELATIONSHIP_DEPTH), purls(1));
    assert!(purls(limits::MAX_RELATIONSHIP_DEPTH + 1).is_empty());
}
