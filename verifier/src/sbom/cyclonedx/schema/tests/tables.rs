use std::collections::BTreeSet;

use crate::sbom::cyclonedx::schema::element::{self, ELEMENTS, Elements, Particle, Term};
use crate::sbom::cyclonedx::schema::object::{Kind, OBJECTS, Objects};
use crate::sbom::cyclonedx::schema::scalar::{Bounds, Scalar};
use crate::sbom::cyclonedx::schema::words::Vocabulary;
use crate::sbom::cyclonedx::version::Version;

#[test]
fn the_tables_can_be_read() {
    assert!(Vocabulary::parse(include_str!("../words.txt")).is_some());
    assert!(Objects::parse(include_str!("../json.txt")).is_some());
    assert!(Elements::parse(include_str!("../xml.txt")).is_some());
}

#[test]
fn tables_with_mistakes_are_not_read() {
    for bad in ["word", "=list a~1.9", "~pattern", "~pattern ("] {
        assert!(Vocabulary::parse(bad).is_none(), "{bad}");
    }
    for bad in [
        "text: a",
        ":a text",
        ":a ?some: b",
        ":a [text: b",
        ":a text: b~2-",
    ] {
        assert!(Objects::parse(bad).is_none(), "{bad}");
    }
    for bad in ["text: a", ":a b", ":a all ( text: b? ) )", ":a all text: b"] {
        assert!(Elements::parse(bad).is_none(), "{bad}");
    }
    assert!(Objects::parse(":a open text: b!~1.5- [text]!: c ?one: b c").is_some());
    assert!(Elements::parse(":a any @text: b! all* ( text: c? any* )").is_some());
}

#[test]
fn every_object_that_is_named_is_described_and_every_description_is_used() {
    let mut used = BTreeSet::from(["bom"]);
    for (_, object) in OBJECTS.all() {
        for (_, field) in [
            Version::V1_2,
            Version::V1_3,
            Version::V1_4,
            Version::V1_5,
            Version::V1_6,
            Version::V1_7,
        ]
        .into_iter()
        .flat_map(|version| object.fields(version))
        {
            collect(&field.kind, &mut used);
        }
    }
    let described: BTreeSet<_> = OBJECTS.all().map(|(name, _)| name).collect();
    assert!(described.len() > 90, "{}", described.len());
    assert_eq!(used, described);
}

fn collect(kind: &Kind, used: &mut BTreeSet<&'static str>) {
    match kind {
        Kind::Object(name) => {
            used.insert(name);
        }
        Kind::List { item, .. } => collect(item, used),
        Kind::OneOf(kinds) | Kind::AnyOf(kinds) => {
            for kind in kinds {
                collect(kind, used);
            }
        }
        Kind::Scalar(_) | Kind::PublicKey => {}
    }
}

#[test]
fn every_element_that_is_named_is_described_and_every_description_is_used() {
    let mut used = BTreeSet::from(["bom"]);
    for (name, element) in ELEMENTS.all() {
        assert!(
            element.text.is_none() || element.content.is_empty(),
            "{name}"
        );
        elements(&element.content, &mut used);
    }
    let described: BTreeSet<_> = ELEMENTS.all().map(|(name, _)| name).collect();
    assert!(described.len() > 150, "{}", described.len());
    assert_eq!(used, described);
}

fn elements(content: &[Particle], used: &mut BTreeSet<&'static str>) {
    for particle in content {
        match &particle.term {
            Term::Element(_, element::Kind::Element(name)) => {
                used.insert(name);
            }
            Term::All(content) | Term::One(content) => elements(content, used),
            Term::Element(..) | Term::Foreign => {}
        }
    }
}

#[test]
fn lengths_are_counted_in_characters() {
    let bounds = |text: &str| Scalar::Text(Bounds::parse(text).unwrap());
    let takes = |scalar: &Scalar, text: &str| scalar.takes_text(text, Version::V1_6);
    assert!(
        takes(&bounds("..3"), "äöü") && !takes(&bounds("..3"), "abcd") && takes(&bounds("..3"), "")
    );
    assert!(
        takes(&bounds("1..3"), "abc")
            && !takes(&bounds("1..3"), "")
            && !takes(&bounds("1..3"), "abcd")
    );
    assert!(takes(&bounds("1.."), "abcd") && !takes(&bounds("1.."), ""));
    assert!(takes(&bounds(""), ""));
    assert_eq!(Bounds::parse("x"), None);
}

#[test]
fn times_are_those_of_rfc_3339_in_json_and_those_of_xml_schema_in_xml() {
    for (text, in_json, in_xml) in [
        ("2026-01-31T23:59:59Z", true, true),
        ("2026-01-31T23:59:59.123+02:00", true, true),
        ("2026-01-31t23:59:59z", true, false),
        ("2026-01-31T23:59:60Z", true, false),
        ("2026-01-31T23:59:59", false, true),
        ("2026-01-31T24:00:00Z", false, true),
        ("2026-02-30T00:00:00Z", false, false),
        ("2026-01-31T25:00:00Z", false, false),
        ("2026-01-31T23:59:59.Z", false, false),
        ("2026-01-31T23:59:59+24:00", false, false),
        ("2026-01-31 23:59:59Z", false, false),
        ("2026-01-31", false, false),
        ("26-01-31T23:59:59Z", false, false),
        ("2026-01-31T23:59Z", false, false),
        ("ä026-01-31T23:59:59Z", false, false),
        ("", false, false),
    ] {
        assert_eq!(
            Scalar::DateTime.takes_text(text, Version::V1_6),
            in_json,
            "{text}"
        );
        assert_eq!(
            Scalar::DateTime.takes_xml(text, Version::V1_6),
            in_xml,
            "{text}"
        );
    }
}

#[test]
fn numbers_of_xml_have_signs_and_leading_zeros() {
    let takes = |kind: &str, text: &str| {
        let scalar = super::super::words::VOCABULARY.scalar(kind).unwrap();
        scalar.takes_xml(text, Version::V1_6)
    };
    for (kind, good, bad) in [
        (
            "integer1..",
            vec!["1", " +01 ", "99999999999999999999"],
            vec!["0", "-1", "1.0", "", "x", "-99999999999999999999"],
        ),
        (
            "number0..1",
            vec!["0", "1.0", ".5", "1."],
            vec!["1.1", "-0.1", ".", "1e0", "NaN"],
        ),
        ("boolean", vec!["true", "0"], vec!["TRUE", "yes"]),
        (
            "date",
            vec!["2026-01-31", "2026-01-31Z", "2026-01-31+01:00"],
            vec!["2026-01-32", "2026-01-31x"],
        ),
    ] {
        for text in good {
            assert!(takes(kind, text), "{kind} {text}");
        }
        for text in bad {
            assert!(!takes(kind, text), "{kind} {text}");
        }
    }
}

#[test]
fn addresses_and_identifiers_have_their_forms() {
    let takes = |scalar: &Scalar, text: &str| scalar.takes_text(text, Version::V1_6);
    for good in [
        "https://example.org/ä?x=1#y",
        "../a",
        "",
        "urn:x:y",
        "a/b:c",
    ] {
        assert!(takes(&Scalar::Iri, good), "{good}");
    }
    for bad in ["a b", "<a>", "1:2", "a\nb", "{x}"] {
        assert!(!takes(&Scalar::Iri, bad), "{bad}");
    }
    assert!(takes(&Scalar::Uri, "urn:x") && !takes(&Scalar::Uri, "x"));
    assert!(
        takes(&Scalar::Email, "a@b") && !takes(&Scalar::Email, "a") && !takes(&Scalar::Email, "@b")
    );
    for good in ["MIT", "GPL-2.0+", "Classpath-exception-2.0"] {
        assert!(takes(&Scalar::SpdxId, good), "{good}");
    }
    for bad in ["mit", "Apache-2.0+", "Apache-2", " MIT", ""] {
        assert!(!takes(&Scalar::SpdxId, bad), "{bad}");
    }
}
