use super::*;
use crate::digest::Digest;
use crate::sbom::model::{Family, Hash, License, Link, Party};

fn component(name: &str) -> Component {
    Component {
        place: "/components/0".into(),
        name: name.into(),
        version: Some("1".into()),
        purls: vec![format!("pkg:npm/{name}@1").into()],
        hashes: vec![Hash {
            algorithm: "sha256".into(),
            value: "ab".repeat(32).into(),
        }],
        licenses: vec![License {
            text: "MIT".into(),
            is_expression: true,
            standing: super::super::Standing::Declared,
        }],
        supplier: Some(Party {
            name: Some("Acme".into()),
            ..Party::default()
        }),
        ..Component::default()
    }
}

fn sbom(components: Vec<Component>) -> Sbom {
    Sbom {
        components,
        ..Sbom::default()
    }
}

fn codes(findings: &RuleFindings) -> Vec<&'static str> {
    findings.first.iter().map(|f| f.code.name()).collect()
}

#[test]
fn a_hash_by_a_wanted_algorithm_is_found_on_the_component_or_its_deployable_form() {
    let rule = HashRule {
        algorithms: vec!["sha256".into(), "sha512".into()],
    };
    let mut listed = vec![component("a"), component("b")];
    let hashes = std::mem::take(&mut listed[1].hashes);
    listed[1].links.push(Link {
        kind: "distribution".into(),
        url: "https://acme.example".into(),
        hashes,
    });
    assert!(rule.check(&sbom(listed.clone())).is_satisfied());
    listed[1].links[0].kind = "website".into();
    listed[0].hashes[0].value = "ab".into();
    let findings = rule.check(&sbom(listed.clone()));
    assert_eq!(codes(&findings), ["sbom/hash-missing", "sbom/hash-missing"]);
    assert_eq!(findings.first[0].found, "sha256");
    listed[0].hashes[0].algorithm = "md5".into();
    assert!(!rule.check(&sbom(listed)).is_satisfied());
}

#[test]
fn an_empty_document_satisfies_no_rule() {
    let file = Component {
        kind: ComponentKind::File,
        ..component("a.txt")
    };
    let mut files = sbom(vec![file]);
    for empty in [Sbom::default(), files.clone()] {
        let hash = HashRule {
            algorithms: vec!["sha256".into()],
        };
        assert_eq!(codes(&hash.check(&empty)), ["sbom/empty"]);
        assert_eq!(codes(&Coverage::default().check(&empty)), ["sbom/empty"]);
    }
    files.format.family = Family::CycloneDx;
    assert!(Coverage::default().check(&files).is_satisfied());
}

#[test]
fn coverage_is_counted_in_whole_numbers() {
    let all = Coverage {
        purl: Some(100),
        version: Some(100),
        hash: Some(100),
        license: Some(100),
        supplier: Some(100),
    };
    let mut listed: Vec<Component> = (0..1000).map(|n| component(&n.to_string())).collect();
    assert!(all.check(&sbom(listed.clone())).is_satisfied());
    listed[7] = Component {
        name: "bare".into(),
        version: Some("NOASSERTION".into()),
        ..Component::default()
    };
    let findings = all.check(&sbom(listed.clone()));
    assert_eq!(codes(&findings), ["sbom/coverage-too-low"; 5]);
    assert_eq!(findings.first[0].found, "999 of 1000 (99 %)");
    let enough = Coverage {
        purl: Some(99),
        ..Coverage::default()
    };
    assert!(enough.check(&sbom(listed)).is_satisfied());
}

#[test]
fn the_age_is_counted_from_the_documents_own_time() {
    let at: Timestamp = "2026-03-02T11:04:05Z".parse().unwrap();
    let rule = AgeRule {
        max: SignedDuration::from_hours(24 * 180),
    };
    let mut sbom = sbom(vec![component("a")]);
    sbom.created = Some(at - SignedDuration::from_hours(24 * 180));
    assert_eq!(rule.check(&sbom, at), None);
    for (created, found) in [
        (
            "2025-09-03T11:04:04Z",
            "made 2025-09-03T11:04:04Z, 180 days before 2026-03-02T11:04:05Z",
        ),
        (
            "2026-03-02T11:04:06Z",
            "made 2026-03-02T11:04:06Z, which is later than 2026-03-02T11:04:05Z",
        ),
    ] {
        sbom.created = Some(created.parse().unwrap());
        let finding = rule.check(&sbom, at).unwrap();
        assert_eq!(
            (finding.code, finding.found.as_str()),
            (Code::SbomTooOld, found)
        );
    }
    sbom.created = None;
    assert_eq!(rule.check(&sbom, at).unwrap().found, "no time");
    sbom.created_text = Some("yesterday".into());
    assert_eq!(
        rule.check(&sbom, at).unwrap().found,
        "`yesterday`, which is no time"
    );
}

#[test]
fn a_subject_is_known_by_its_digest_wherever_it_says_it() {
    let image = Digest::sha256(b"image");
    let hex = image.hex();
    let plain = Component {
        name: "registry.example/app".into(),
        ..Component::default()
    };
    let mut forms: Vec<Component> = vec![plain.clone(); 5];
    forms[0].purls = vec![format!("pkg:oci/app@sha256:{hex}?arch=amd64").into()];
    forms[1].purls = vec![format!("pkg:oci/app@sha256%3A{hex}").into()];
    forms[2].version = Some(image.to_string().into());
    forms[3].name = format!("registry.example/app@{image}").into();
    forms[4].hashes = vec![Hash {
        algorithm: "sha256".into(),
        value: hex.into(),
    }];
    let digests = [Digest::sha256(b"index"), image.clone()];
    for form in forms {
        let mut document = sbom(vec![component("part"), form]);
        document.subjects = vec![1];
        assert_eq!(subject_is(&document, &digests), SubjectMatch::Same);
        let stranger = [Digest::sha256(b"another")];
        let found = vec![image.clone()];
        assert_eq!(
            subject_is(&document, &stranger),
            SubjectMatch::Different { found }
        );
        assert_ne!(subject_is(&document, &[]), SubjectMatch::Same);
        // What is only a part, however it is called, is not what the document describes.
        document.subjects.clear();
        assert_eq!(subject_is(&document, &digests), SubjectMatch::Silent);
    }
    let mut silent = sbom(vec![plain]);
    silent.subjects = vec![0, 7];
    assert_eq!(subject_is(&silent, &digests), SubjectMatch::Silent);
}

#[test]
fn findings_are_kept_up_to_a_bound_and_all_counted() {
    let bare = Component {
        name: "bare".into(),
        ..Component::default()
    };
    let rule = HashRule {
        algorithms: vec!["sha256".into()],
    };
    let findings = rule.check(&sbom(vec![bare; 200]));
    assert_eq!((findings.first.len(), findings.count), (MAX_FINDINGS, 200));
}
