//! Our reader of SPDX 2.3 in JSON beside `spdx-rs`, which has the specification from other hands:
//! where both take a document, both must find the same in it.
//!
//! Documents are generated from a seed, and then broken at random places. `spdx-rs` refuses unknown
//! members and checks no references, so refusals are counted and not compared.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use serde_json::{Value, json};
use sovverify::code::Code;
use sovverify::sbom::{ComponentKind, RelationshipKind, Sbom};
use spdx_rs::models::{RelationshipType, SPDX};

const DOCUMENTS: u64 = 200;
const BROKEN: u64 = 20;

/// A sequence of numbers that is the same in every run (`SplitMix64`).
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap();
        usize::try_from(self.next() % bound).unwrap()
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

const TYPES: [&str; 14] = [
    "DEPENDS_ON",
    "DEPENDENCY_OF",
    "RUNTIME_DEPENDENCY_OF",
    "DEV_DEPENDENCY_OF",
    "STATIC_LINK",
    "HAS_PREREQUISITE",
    "PREREQUISITE_FOR",
    "CONTAINS",
    "CONTAINED_BY",
    "PACKAGE_OF",
    "GENERATED_FROM",
    "COPY_OF",
    "DESCENDANT_OF",
    "OTHER",
];

fn document(seed: &mut Seed) -> Value {
    let (packages, files) = (1 + seed.below(8), seed.below(6));
    let mut ids: Vec<String> = (0..packages).map(|n| format!("SPDXRef-p{n}")).collect();
    ids.extend((0..files).map(|n| format!("SPDXRef-f.{n}")));
    let package = |n: usize, seed: &mut Seed| {
        let mut package = json!({
            "name": format!("package \u{e9}{n}"), "SPDXID": format!("SPDXRef-p{n}"),
            "downloadLocation": seed.pick(&["NONE", "NOASSERTION", "https://acme.example/p.tar"]),
        });
        if seed.below(3) > 0 {
            package["versionInfo"] = format!("{}.{}", seed.below(9), seed.below(9)).into();
        }
        if seed.below(2) > 0 {
            package["licenseDeclared"] = (*seed.pick(&["MIT", "NOASSERTION", "NONE"])).into();
        }
        if seed.below(2) > 0 {
            let value = format!("{:064x}", seed.next());
            package["checksums"] = json!([{"algorithm": "SHA256", "checksumValue": value}]);
        }
        if seed.below(2) > 0 {
            package["supplier"] = "Organization: ACME (info@acme.example)".into();
        }
        package
    };
    let list: Vec<Value> = (0..packages).map(|n| package(n, seed)).collect();
    let file = |n: usize, seed: &mut Seed| {
        let value = format!("{:040x}", seed.next());
        json!({
            "fileName": format!("./file {n}"), "SPDXID": format!("SPDXRef-f.{n}"),
            "checksums": [{"algorithm": "SHA1", "checksumValue": value}],
        })
    };
    let file_list: Vec<Value> = (0..files).map(|n| file(n, seed)).collect();
    let count = seed.below(20);
    let relationship = |seed: &mut Seed| {
        json!({
            "spdxElementId": seed.pick(&ids), "relationshipType": seed.pick(&TYPES),
            "relatedSpdxElement": seed.pick(&ids),
        })
    };
    let mut relationships: Vec<Value> = (0..count).map(|_| relationship(seed)).collect();
    relationships.push(json!({
        "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
        "relatedSpdxElement": "SPDXRef-p0",
    }));
    json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("document {}", seed.below(99)),
        "documentNamespace": "https://acme.example/sbom",
        "creationInfo": {"created": "2026-03-02T11:04:05Z", "creators": ["Tool: generator"]},
        "packages": list, "files": file_list, "relationships": relationships,
    })
}

/// Replaces, removes or cuts something at a random place.
fn break_something(text: &str, seed: &mut Seed) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = seed.below(bytes.len());
    match seed.below(5) {
        0 => bytes[at] = *seed.pick(b"0a\"{}[]:,\\ \xff"),
        1 => bytes.truncate(at),
        2 => {
            bytes.remove(at);
        }
        3 => {
            let names = [
                "versionInfo",
                "SPDX-2.3",
                "DEPENDS_ON",
                "SPDXRef-p0",
                "SHA256",
            ];
            let (old, new) = (seed.pick(&names), seed.pick(&["1", "name", "", "SPDX-2.2"]));
            return text.replacen(old, new, 1);
        }
        _ => {
            let names = [
                "\"name\":",
                "\"SPDXID\":",
                "\"checksums\":",
                "\"creators\":",
            ];
            let name = seed.pick(&names);
            let new = format!(
                "{name}{},\"x\":",
                seed.pick(&["null", "1", "[]", "\"\\u00e9\""])
            );
            return text.replacen(name, &new, 1);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The ends of a relationship of `spdx-rs`, turned as we turn them, where both are listed.
fn turned(document: &SPDX, sbom: &Sbom) -> Vec<(usize, usize, RelationshipKind)> {
    use RelationshipType as T;
    let position = |id: &str| {
        let mut found = sbom.components.iter();
        found.position(|component| component.reference.as_deref() == Some(id))
    };
    let mut all = Vec::new();
    for one in &document.relationships {
        let ends = (
            position(&one.spdx_element_id),
            position(&one.related_spdx_element),
        );
        let (Some(a), Some(b)) = ends else {
            continue;
        };
        all.push(match one.relationship_type {
            T::DependsOn | T::StaticLink | T::DynamicLink | T::HasPrerequisite => {
                (a, b, RelationshipKind::DependsOn)
            }
            T::DependencyOf | T::RuntimeDependencyOf | T::DevDependencyOf | T::PrerequisiteFor => {
                (b, a, RelationshipKind::DependsOn)
            }
            T::Contains => (a, b, RelationshipKind::Contains),
            T::ContainedBy | T::PackageOf => (b, a, RelationshipKind::Contains),
            _ => (a, b, RelationshipKind::Other),
        });
    }
    all
}

fn compare(ours: &Sbom, theirs: &SPDX, text: &str) {
    let information = &theirs.document_creation_information;
    assert_eq!(
        ours.name.as_deref(),
        Some(&*information.document_name),
        "{text}"
    );
    let of = |kind: ComponentKind| ours.components.iter().filter(move |one| one.kind == kind);
    let packages: Vec<_> = of(ComponentKind::Package)
        .map(|one| (&*one.name, one.version.as_deref(), one.hashes.len()))
        .collect();
    let expected = theirs.package_information.iter();
    let expected: Vec<_> = expected
        .map(|one| {
            let version = one.package_version.as_deref();
            let version = version.filter(|version| !version.is_empty());
            (&*one.package_name, version, one.package_checksum.len())
        })
        .collect();
    if ours.violations.is_empty() {
        assert_eq!(packages, expected, "{text}");
    }
    assert_eq!(packages.len(), expected.len(), "{text}");
    let names: Vec<_> = of(ComponentKind::File).map(|one| &*one.name).collect();
    let expected = theirs.file_information.iter();
    let expected: Vec<_> = expected.map(|one| &*one.file_name).collect();
    assert_eq!(names, expected, "{text}");
    if ours.violations.is_empty() {
        let ours: Vec<_> = ours
            .relationships
            .iter()
            .map(|one| (one.from, one.to, one.kind))
            .collect();
        assert_eq!(
            ours,
            turned(theirs, &sovverify::sbom::read(text.as_bytes()).unwrap())
        );
    }
}

#[test]
fn both_readers_find_the_same_in_what_both_take() {
    let mut seed = Seed(7);
    let (mut sound, mut both, mut ours_only, mut theirs_only, mut neither) = (0, 0, 0, 0, 0);
    for _ in 0..DOCUMENTS {
        let text = document(&mut seed).to_string();
        let ours = sovverify::sbom::read(text.as_bytes()).unwrap();
        assert_eq!(ours.violations, [], "{text}");
        compare(&ours, &serde_json::from_str(&text).unwrap(), &text);
        sound += 1;
        for _ in 0..BROKEN {
            let text = break_something(&text, &mut seed);
            let ours = sovverify::sbom::read(text.as_bytes());
            match (ours, serde_json::from_str::<SPDX>(&text)) {
                (Ok(ours), Ok(theirs)) => {
                    compare(&ours, &theirs, &text);
                    both += 1;
                }
                (Ok(_), Err(_)) => ours_only += 1,
                (Err(error), Ok(_)) => {
                    // What we refuse alone: versions that are not supported, and names that stand
                    // twice.
                    let is_meant = error.code == Code::SbomUnsupported
                        || error.found.starts_with("duplicate field");
                    assert!(is_meant, "{error}\n{text}");
                    theirs_only += 1;
                }
                (Err(_), Err(_)) => neither += 1,
            }
        }
    }
    println!(
        "sound {sound}, broken: both {both}, only ours {ours_only}, only theirs {theirs_only}, neither {neither}"
    );
    assert!(
        sound == DOCUMENTS && both > 500,
        "too little was compared: {both}"
    );
}
