mod documentation;
mod lies;
mod own;

use std::collections::BTreeSet;

use super::*;
use crate::sbom::model::{
    Component, ComponentKind, Encoding, Family, Format, Hash, License, Link, Party, Relationship,
    RelationshipKind, Standing,
};

const V21: &str = "bsi-tr-03183-2-v2.1";

fn license(text: &str, standing: Standing) -> License {
    License {
        text: text.into(),
        is_expression: true,
        standing,
    }
}

fn party() -> Party {
    Party {
        name: Some("Acme".into()),
        emails: vec!["psirt@acme.example".into()],
        urls: Vec::new(),
    }
}

fn property(name: &str, value: &str) -> (Box<str>, Box<str>) {
    (format!("bsi:component:{name}").into(), value.into())
}

fn component(number: usize) -> Component {
    let link = |kind: &str| Link {
        kind: kind.into(),
        url: format!("https://acme.example/{kind}/{number}").into(),
        hashes: vec![Hash {
            algorithm: "sha512".into(),
            value: "ab".repeat(64).into(),
        }],
    };
    Component {
        place: format!("/components/{number}").into(),
        name: format!("part-{number}").into(),
        version: Some("1.0.0".into()),
        purls: vec![format!("pkg:generic/part-{number}@1.0.0").into()],
        hashes: vec![Hash {
            algorithm: "sha256".into(),
            value: "cd".repeat(32).into(),
        }],
        licenses: vec![
            license("MIT", Standing::Declared),
            license("MIT", Standing::Concluded),
        ],
        supplier: Some(party()),
        creators: vec![party()],
        file_names: vec![format!("part-{number}.so").into()],
        links: vec![link("distribution"), link("source-distribution")],
        properties: vec![
            property("executable", "executable"),
            property("archive", "no archive"),
            property("structured", "unstructured"),
        ],
        ..Component::default()
    }
}

/// What every profile takes but v2.0, whose time is over.
fn honest() -> Sbom {
    let depends = |from, to| Relationship {
        from,
        to,
        kind: RelationshipKind::DependsOn,
    };
    Sbom {
        format: Format {
            family: Family::CycloneDx,
            version: "1.6".into(),
            encoding: Encoding::Json,
        },
        identifier: Some("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79/1".into()),
        created: Some("2026-03-02T11:04:05Z".parse().unwrap()),
        created_text: Some("2026-03-02T11:04:05Z".into()),
        authors: vec![party()],
        tools: vec!["forge".into()],
        phases: vec!["build".into()],
        subjects: vec![0],
        components: (0..4).map(component).collect(),
        relationships: vec![depends(0, 1), depends(1, 2), depends(2, 3)],
        states_completeness: true,
        ..Sbom::default()
    }
}

fn check(name: &str, sbom: &Sbom) -> Conformance {
    Profile::named(name).unwrap().check(sbom)
}

/// The fields that a document lacks: required ones, and the others.
fn lacking(name: &str, sbom: &Sbom) -> (Vec<String>, Vec<String>) {
    let outcome = check(name, sbom);
    let of = |required: bool| {
        let short = outcome
            .shortfalls
            .iter()
            .filter(|s| s.is_required == required);
        let fields: BTreeSet<String> = short.map(|s| s.field.clone()).collect();
        fields.into_iter().collect()
    };
    (of(true), of(false))
}

#[test]
fn every_built_in_profile_can_be_read_and_bears_its_name() {
    for name in Profile::NAMES {
        let profile = Profile::named(name).unwrap();
        assert_eq!(profile.name(), name);
        assert!(profile.source().unwrap().starts_with("https://"));
        assert!(profile.rules().count() >= 8, "{name}");
    }
    assert!(Profile::named("ntia-2022").is_none());
}

#[test]
fn an_honest_document_conforms_to_every_profile() {
    for name in Profile::NAMES {
        let outcome = check(name, &honest());
        assert!(outcome.conforms(), "{name}: {:#?}", outcome.shortfalls);
        let all = outcome.fields.iter().filter(|f| f.percent() == 100).count();
        let overdue = usize::from(name.ends_with("v2.0"));
        assert_eq!(all + overdue, outcome.fields.len(), "{name}");
    }
}

#[test]
fn a_document_of_the_time_of_the_previous_version_is_told_nothing_of_the_next() {
    let mut sbom = honest();
    let (required, recommended) = lacking("bsi-tr-03183-2-v2.0", &sbom);
    assert!(required.is_empty());
    assert_eq!(recommended, ["transition to v2.1.0"]);
    sbom.created = Some("2026-02-20T23:59:59Z".parse().unwrap());
    assert!(check("bsi-tr-03183-2-v2.0", &sbom).shortfalls.is_empty());
}

#[test]
fn what_is_demanded_where_it_exists_is_only_a_remark_when_it_is_absent() {
    let mut sbom = honest();
    sbom.components[1].links.truncate(1);
    assert!(check(V21, &sbom).conforms());
    assert_eq!(lacking(V21, &sbom).1, ["source code URI"]);
    // What is there and wrong does exist.
    let mut sbom = honest();
    sbom.components[1].links[1].url = "somewhere".into();
    assert_eq!(lacking(V21, &sbom).0, ["source code URI"]);
}

#[test]
fn the_misspelt_property_is_a_remark() {
    let mut sbom = honest();
    let right = property("effectiveLicence", "MIT");
    sbom.components[1].properties.push(right);
    assert!(check(V21, &sbom).shortfalls.is_empty());
    let wrong = property("effectiveLicense", "MIT");
    sbom.components[1].properties.push(wrong);
    assert!(check(V21, &sbom).conforms());
    assert_eq!(lacking(V21, &sbom).1, ["effective licence"]);
}

#[test]
fn a_format_that_is_too_old_is_said_first() {
    let mut sbom = honest();
    sbom.created = None;
    sbom.format.version = "1.5".into();
    let outcome = check(V21, &sbom);
    assert!(outcome.fails_format && !outcome.conforms());
    let first = &outcome.shortfalls[0];
    assert_eq!(
        (first.clause.as_str(), first.found.as_str()),
        ("TR-03183-2 v2.1.0 §4", "CycloneDX 1.5 (JSON)")
    );
    for (family, version, encoding, is_good) in [
        (Family::CycloneDx, "1.6", Encoding::Xml, true),
        (Family::CycloneDx, "1.10", Encoding::Json, true),
        (Family::Spdx, "3.0.1", Encoding::JsonLd, true),
        (Family::Spdx, "3.0.0", Encoding::JsonLd, false),
        (Family::Spdx, "3.0", Encoding::JsonLd, false),
        (Family::Spdx, "2.3", Encoding::TagValue, false),
        (Family::Spdx, "", Encoding::Json, false),
    ] {
        sbom.format = Format {
            family,
            version: version.into(),
            encoding,
        };
        assert_eq!(!check(V21, &sbom).fails_format, is_good, "{version}");
    }
    sbom.format.version = "2.3".into();
    sbom.format.encoding = Encoding::TagValue;
    assert!(!check("ntia-2021", &sbom).fails_format);
    assert!(check("bsi-tr-03183-2-v2.0", &sbom).fails_format);
}

#[test]
fn a_document_that_lists_nothing_never_conforms() {
    for name in Profile::NAMES {
        let mut sbom = honest();
        sbom.relationships.clear();
        sbom.components.clear();
        sbom.subjects.clear();
        let outcome = check(name, &sbom);
        assert!(!outcome.conforms(), "{name}");
        assert_eq!(outcome.shortfalls[0].found, "no component", "{name}");
        assert!(!check(name, &Sbom::default()).conforms());
        // Nothing but the subject: only with a statement that this is all.
        let mut sbom = honest();
        sbom.components.truncate(1);
        assert_eq!(
            check(name, &sbom).shortfalls[0].found,
            "nothing but the subject"
        );
        sbom.complete = vec![0];
        assert!(check(name, &sbom).conforms(), "{name}");
    }
    let mut files = honest();
    for component in &mut files.components {
        component.kind = ComponentKind::File;
    }
    assert_eq!(
        check("ntia-2021", &files).shortfalls[0].found,
        "4 entries, none of which is a component"
    );
}

#[test]
fn files_are_components_of_cyclonedx_and_content_of_spdx_packages() {
    let mut sbom = honest();
    sbom.components[3] = Component {
        kind: ComponentKind::File,
        name: "a.txt".into(),
        ..Component::default()
    };
    assert!(check("ntia-2021", &sbom).conforms());
    assert!(!check(V21, &sbom).conforms());
    sbom.format = Format {
        family: Family::Spdx,
        version: "3.0.1".into(),
        encoding: Encoding::JsonLd,
    };
    assert!(check(V21, &sbom).conforms());
}

#[test]
fn without_a_subject_every_component_needs_some_relationship() {
    let mut sbom = honest();
    sbom.subjects.clear();
    assert!(check("ntia-2021", &sbom).conforms());
    assert!(check(V21, &sbom).conforms());
    sbom.relationships.clear();
    assert_eq!(lacking("ntia-2021", &sbom).0, ["Dependency Relationship"]);
    assert_eq!(lacking(V21, &sbom).0, ["dependencies on other components"]);
}

#[test]
fn a_component_that_needs_itself_hangs_on_nothing() {
    let mut sbom = honest();
    for relationship in &mut sbom.relationships {
        relationship.to = relationship.from;
    }
    assert_eq!(lacking("ntia-2021", &sbom).0, ["Dependency Relationship"]);
}

#[test]
fn positions_that_lead_nowhere_are_passed_over() {
    let mut sbom = honest();
    sbom.subjects.push(usize::MAX);
    sbom.complete.push(99);
    let lost = Relationship {
        from: 77,
        to: usize::MAX,
        kind: RelationshipKind::Contains,
    };
    sbom.relationships.push(lost);
    assert!(check(V21, &sbom).conforms());
}

#[test]
fn shortfalls_are_kept_up_to_a_bound_and_all_counted() {
    let mut sbom = honest();
    sbom.components = (0..1000).map(component).collect();
    for component in &mut sbom.components {
        component.version = None;
        component.name = "x".repeat(100_000).into();
    }
    let outcome = check("ntia-2021", &sbom);
    assert_eq!(outcome.required, 1000);
    assert_eq!(outcome.shortfalls.len(), MAX_SHORTFALLS);
    assert!(outcome.shortfalls.iter().all(|s| s.place.len() < 1000));
    let field = outcome.fields.iter().find(|f| f.required > 0).unwrap();
    assert_eq!(
        (field.asked, field.required, field.percent()),
        (1000, 1000, 0)
    );
}

#[test]
fn the_nearest_name_is_found() {
    for (written, near) in [
        ("ntia", Some("ntia-2021")),
        ("NTIA-2021", Some("ntia-2021")),
        ("bsi", Some(V21)),
        ("bsi-tr-03183-2-v2.2", Some(V21)),
        ("ntai-2021", Some("ntia-2021")),
        ("production", None),
        ("", None),
    ] {
        assert_eq!(Profile::nearest(written), near, "{written}");
    }
    assert!(Profile::nearest(&"n".repeat(1_000_000)).is_none());
}
