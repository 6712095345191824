//! One lie about the honest document at a time.

use super::*;

/// One lie about the honest document: what is changed, and which fields notice.
type Lie = (&'static str, fn(&mut Sbom), &'static [&'static str]);

const LIES: [Lie; 17] = [
    (V21, |s| s.created = None, &["timestamp"]),
    (
        V21,
        |s| s.authors[0].emails.clear(),
        &["creator of the SBOM"],
    ),
    (
        V21,
        |s| s.vulnerabilities = 1,
        &["vulnerability information"],
    ),
    (
        V21,
        |s| s.states_completeness = false,
        &["completeness of the dependencies"],
    ),
    (
        V21,
        |s| s.components[2].name = " ".into(),
        &["component name"],
    ),
    (
        V21,
        |s| s.components[2].version = Some("NOASSERTION".into()),
        &["component version"],
    ),
    (
        V21,
        |s| s.components[2].creators.clear(),
        &["component creator"],
    ),
    (
        V21,
        |s| s.components[2].file_names = vec!["/usr/lib/a.so".into()],
        &["filename of the component"],
    ),
    (
        V21,
        |s| s.components[2].licenses[1].standing = Standing::Unstated,
        &["distribution licences"],
    ),
    (
        V21,
        |s| s.components[2].licenses[1].text = "see the file COPYING".into(),
        &["distribution licences"],
    ),
    (
        V21,
        |s| s.components[2].links[0].hashes[0].value = "ab".repeat(32).into(),
        &["hash value of the deployable component"],
    ),
    (
        V21,
        |s| s.components[2].links[0].hashes[0].algorithm = "sha256".into(),
        &["hash value of the deployable component"],
    ),
    (
        V21,
        |s| {
            s.components[2]
                .properties
                .push(property("archive", "no archive"));
        },
        &["archive property"],
    ),
    (
        V21,
        |s| s.components[2].properties[0].1 = "yes".into(),
        &["executable property"],
    ),
    (
        V21,
        |s| {
            s.relationships.truncate(2);
        },
        &["dependencies on other components"],
    ),
    ("cisa-2025", |s| s.phases.clear(), &["Generation Context"]),
    (
        "cisa-2025",
        |s| s.components[1].purls.clear(),
        &["Software Identifiers"],
    ),
];

#[test]
fn each_missing_field_is_noticed_by_the_rule_for_it_alone() {
    for (profile, lie, expected) in LIES {
        let mut sbom = honest();
        lie(&mut sbom);
        assert_eq!(lacking(profile, &sbom).0, expected, "{profile}");
    }
}
