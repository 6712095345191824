//! SPDX 2 as tag-value.

use super::*;
use crate::sbom::model::{ComponentKind, Encoding};

const HEAD: &str = "SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: acme
DocumentNamespace: https://acme.example/sbom/2
ExternalDocumentRef: DocumentRef-base https://acme.example/base SHA1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
Creator: Tool: maker-1.0
Creator: Organization: ACME (sbom@acme.example)
Created: 2026-03-02T11:04:05Z
CreatorComment: <text>made
PackageName: not a package</text>
";

const BODY: &str = "
##### Package
PackageName: app
SPDXID: SPDXRef-app
PackageVersion: 1.0
PackageSupplier: Organization: ACME (info@acme.example)
PackageDownloadLocation: https://acme.example/app.tar
PackageChecksum: SHA256: abababababababababababababababababababababababababababababababab
PackageLicenseDeclared: MIT
PackageLicenseConcluded: NOASSERTION
PrimaryPackagePurpose: CONTAINER
ExternalRef: PACKAGE-MANAGER purl pkg:oci/app
ExternalRefComment: none
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
RelationshipComment: <text>one</text>

FileName: ./bin/app
SPDXID: SPDXRef-file
FileType: BINARY
FileChecksum: SHA1: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
LicenseConcluded: MIT
LicenseInfoInFile: MIT

SnippetSPDXID: SPDXRef-snippet
SnippetFromFileSPDXID: SPDXRef-file
SnippetByteRange: 1:2
SnippetName: part

PackageName: lib
SPDXID: SPDXRef-lib
PackageDownloadLocation: NONE

LicenseID: LicenseRef-1
ExtractedText: <text>free</text>

Relationship: SPDXRef-app DEPENDS_ON SPDXRef-lib
Relationship: SPDXRef-lib DEPENDS_ON NONE
Relationship: SPDXRef-app DESCENDANT_OF DocumentRef-base:SPDXRef-x
";

fn document() -> String {
    format!("{HEAD}{BODY}")
}

/// The number of the line that starts with `tag`, the first time.
fn line_of(text: &str, tag: &str) -> String {
    let line = text.lines().position(|line| line.starts_with(tag)).unwrap();
    format!("line {}", line + 1)
}

#[test]
fn a_sound_document_says_everything() {
    let sbom = read(&document());
    assert_eq!(violations(&sbom), []);
    assert_eq!(
        (&*sbom.format.version, sbom.format.encoding),
        ("2.3", Encoding::TagValue)
    );
    assert_eq!(sbom.name.as_deref(), Some("acme"));
    assert_eq!(sbom.created.unwrap().to_string(), "2026-03-02T11:04:05Z");
    assert_eq!((sbom.authors.len(), sbom.tools.len()), (1, 1));
    assert_eq!(sbom.components.len(), 4);
    assert_eq!(subjects(&sbom), ["app"]);
    assert_eq!(
        relations(&sbom),
        ["app needs lib", "app has ./bin/app", "./bin/app has part"]
    );
    assert_eq!(sbom.complete.len(), 1);
    let app = component(&sbom, "app");
    assert_eq!(
        (app.kind, app.version.as_deref()),
        (ComponentKind::Container, Some("1.0"))
    );
    assert_eq!(&*app.place, line_of(&document(), "PackageName: app"));
    assert_eq!(
        (app.purls.len(), app.hashes.len(), app.licenses.len()),
        (1, 1, 1)
    );
    assert_eq!(&*app.links[0].kind, "distribution");
    assert_eq!(component(&sbom, "./bin/app").licenses.len(), 2);
}

#[test]
fn line_ends_marks_and_comments_do_not_change_what_is_said() {
    let expected = read(&document());
    for text in [
        document().replace('\n', "\r\n"),
        format!("\u{feff}{}", document()),
        document().replace("Tag: value", ""),
    ] {
        let sbom = read(&text);
        assert_eq!(violations(&sbom), []);
        assert_eq!(sbom.components, expected.components);
        assert_eq!(sbom.relationships, expected.relationships);
    }
    let sbom = read(&format!(
        "# made by hand\n\n# SPDXVersion: SPDX-1.0\n{}",
        document()
    ));
    assert_eq!((sbom.components.len(), sbom.violations.len()), (4, 0));
}

#[test]
fn the_order_of_the_first_tags_is_free() {
    let moved = document().replacen("SPDXVersion: SPDX-2.3\n", "", 1);
    let moved = moved.replacen("DocumentName", "SPDXVersion: SPDX-2.3\nDocumentName", 1);
    assert_eq!(violations(&read(&moved)), []);
    let id_first = document().replacen("SPDXID: SPDXRef-DOCUMENT\n", "", 1);
    assert_eq!(
        violations(&read(&format!("SPDXID: SPDXRef-DOCUMENT\n{id_first}"))),
        []
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn breaks_are_found_at_their_lines() {
    let cases = [
        (
            "DataLicense: CC0-1.0",
            "DataLicense: MIT",
            "DataLicense",
            "MIT",
        ),
        (
            "Created: 2026-03-02T11:04:05Z",
            "Created: today",
            "Created",
            "today",
        ),
        ("Creator: Tool: maker-1.0", "Creator: me", "Creator", "me"),
        (
            "PackageVersion: 1.0",
            "PackageVersion 1.0",
            "PackageVersion",
            "PackageVersion 1.0",
        ),
        (
            "PackageVersion: 1.0",
            "PackageVersionText: 1.0",
            "PackageVersionText",
            "PackageVersionText",
        ),
        (
            "PackageVersion: 1.0",
            "FileType: BINARY",
            "FileType: BINARY",
            "FileType",
        ),
        ("SHA256: abab", "SHA256 abab", "PackageChecksum", "nothing"),
        ("SHA256: ab", "SHA256: ", "PackageChecksum", "abab"),
        ("FileType: BINARY", "FileType: ELF", "FileType", "ELF"),
        (
            "PACKAGE-MANAGER purl pkg:oci/app",
            "PACKAGE-MANAGER purl",
            "ExternalRef:",
            "nothing",
        ),
        (
            "SPDXRef-app DEPENDS_ON SPDXRef-lib",
            "SPDXRef-app DEPENDS_ON SPDXRef-no",
            "Relationship: SPDXRef-app DEP",
            "SPDXRef-no",
        ),
        (
            "SPDXRef-app DEPENDS_ON SPDXRef-lib",
            "SPDXRef-app DEPENDS_ON SPDXRef-lib x",
            "Relationship: SPDXRef-app DEP",
            "SPDXRef-app DEPENDS_ON SPDXRef-lib x",
        ),
        (
            "SnippetFromFileSPDXID: SPDXRef-file",
            "SnippetFromFileSPDXID: SPDXRef-no",
            "SnippetSPDXID",
            "SPDXRef-no",
        ),
        (
            "PackageDownloadLocation: NONE\n",
            "",
            "PackageName: lib",
            "nothing",
        ),
        (
            "LicenseID: LicenseRef-1",
            "LicenseID: Free",
            "LicenseID",
            "Free",
        ),
    ];
    for (old, new, tag, found) in cases {
        let text = document().replacen(old, new, 1);
        assert_ne!(text, document(), "{old}");
        let sbom = read(&text);
        let line = line_of(&text, tag);
        assert!(
            violations(&sbom)
                .iter()
                .any(|(place, what)| *place == line && what.starts_with(found)),
            "{new}: {line} {found}: {:?}",
            sbom.violations
        );
        assert_eq!(
            component(&sbom, "lib").reference.as_deref(),
            Some("SPDXRef-lib")
        );
    }
}

#[test]
fn a_value_that_stands_twice_is_refused() {
    for tag in [
        "PackageVersion: 1.0",
        "SPDXID: SPDXRef-app",
        "SPDXVersion: SPDX-2.3",
    ] {
        let text = document().replacen(tag, &format!("{tag}\n{tag}"), 1);
        let error = refused(&text);
        assert_eq!(error.code, Code::SbomMalformed, "{tag}");
        assert!(error.found.starts_with("a second"), "{error}");
    }
}

#[test]
fn text_that_does_not_end_is_refused() {
    let error = refused(&document().replace("</text>", ""));
    assert_eq!(
        (error.code, &*error.place),
        (Code::SbomMalformed, "line 10")
    );
}

#[test]
fn bytes_that_are_no_text_are_a_violation_and_not_the_end() {
    let mut bytes = document()
        .replacen("PackageName: app", "PackageName: a?p", 1)
        .into_bytes();
    let position = bytes.windows(3).position(|three| three == b"a?p").unwrap();
    bytes[position + 1] = 0xff;
    let sbom = crate::sbom::read(&bytes).unwrap();
    assert_eq!(
        &*sbom.violations[0].place,
        line_of(&document(), "PackageName: app")
    );
    assert_eq!(&*sbom.components[0].name, "a\u{fffd}p");
}

#[test]
fn files_before_the_first_package_are_in_none() {
    let file = "FileName: ./lone\nSPDXID: SPDXRef-lone\n";
    let sbom = read(&format!("{HEAD}{file}{BODY}"));
    assert_eq!(violations(&sbom), []);
    assert!(relations(&sbom).iter().all(|one| !one.contains("lone")));
}
