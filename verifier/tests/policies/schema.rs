//! The schema that is shipped is the one that the types give.

use sovverify::policy::{schema, schemas};

use crate::disk::{expect_text, repository};

#[test]
fn the_shipped_schema_is_that_of_the_types() {
    let text = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    expect_text(&repository().join("docs/policy/schema.json"), &text);
}

#[test]
fn every_kind_has_a_schema_that_closes_its_maps() {
    let schemas = schemas();
    let kinds: Vec<&str> = schemas.keys().copied().collect();
    assert_eq!(
        kinds,
        [
            "ClusterImagePolicy",
            "Configuration",
            "ImagePolicy",
            "PolicyException",
            "TrustRoot"
        ]
    );
    for (kind, schema) in schemas {
        let text = schema.to_string();
        assert!(text.contains(r#""additionalProperties":false"#), "{kind}");
        assert!(schema.pointer("/properties/spec").is_some(), "{kind}");
    }
}
