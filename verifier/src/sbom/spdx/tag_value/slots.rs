//! Which tag fills which field, and how values with several parts are written.

use super::sections::Section;
use crate::sbom::spdx::lax::{Item, Text};
use crate::sbom::spdx::v2::{
    Checksum, Creation, Details, Document, External, ExternalRef, Extracted, File, Package, Snippet,
};

/// Where the value of a tag goes.
pub(super) enum Slot<'s, 'a> {
    None,
    One(&'s mut Text<'a>),
    Many(&'s mut Details<Text<'a>>),
    Checksums(&'s mut Details<Item<Checksum<'a>>>),
    References(&'s mut Details<Item<ExternalRef<'a>>>),
    Externals(&'s mut Details<Item<External<'a>>>),
    Ranges(&'s mut Details<serde::de::IgnoredAny>),
}

/// The section that a tag begins.
pub(super) fn opened<'a>(tag: &str, value: &'a str) -> Option<Section<'a>> {
    let value = Text::Is(value.into());
    Some(match tag {
        "PackageName" => Section::Package(Box::new(Package {
            name: value,
            ..Package::default()
        })),
        "FileName" => Section::File(Box::new(File {
            name: value,
            ..File::default()
        })),
        "SnippetSPDXID" | "SnippetSPDXIdentifier" => Section::Snippet(Box::new(Snippet {
            id: value,
            ..Snippet::default()
        })),
        "LicenseID" => Section::License(Extracted {
            license_id: value,
            ..Extracted::default()
        }),
        _ => return None,
    })
}

pub(super) fn document_slot<'s, 'a>(
    document: &'s mut Document<'a>,
    creation: &'s mut Creation<'a>,
    tag: &str,
) -> Slot<'s, 'a> {
    Slot::One(match tag {
        "DataLicense" => &mut document.license,
        "SPDXID" => &mut document.id,
        "DocumentName" => &mut document.name,
        "DocumentNamespace" => &mut document.namespace,
        "Created" => &mut creation.created,
        "Creator" => return Slot::Many(&mut creation.creators),
        "ExternalDocumentRef" => return Slot::Externals(&mut document.externals),
        _ => return Slot::None,
    })
}

pub(super) fn package_slot<'s, 'a>(package: &'s mut Package<'a>, tag: &str) -> Slot<'s, 'a> {
    Slot::One(match tag {
        "SPDXID" => &mut package.id,
        "PackageVersion" => &mut package.version_info,
        "PackageFileName" => &mut package.archive,
        "PackageSupplier" => &mut package.supplier,
        "PackageOriginator" => &mut package.originator,
        "PackageDownloadLocation" => &mut package.download_location,
        "PackageHomePage" => &mut package.homepage,
        "PackageLicenseConcluded" => &mut package.license_concluded,
        "PackageLicenseDeclared" => &mut package.license_declared,
        "PrimaryPackagePurpose" => &mut package.primary_package_purpose,
        "BuiltDate" => &mut package.built_date,
        "ReleaseDate" => &mut package.release_date,
        "PackageChecksum" => return Slot::Checksums(&mut package.checksums),
        "ExternalRef" => return Slot::References(&mut package.external_refs),
        _ => return Slot::None,
    })
}

pub(super) fn file_slot<'s, 'a>(file: &'s mut File<'a>, tag: &str) -> Slot<'s, 'a> {
    Slot::One(match tag {
        "SPDXID" => &mut file.id,
        "LicenseConcluded" => &mut file.license_concluded,
        "LicenseInfoInFile" => return Slot::Many(&mut file.license_info_in_files),
        "FileType" => return Slot::Many(&mut file.kinds),
        "FileChecksum" => return Slot::Checksums(&mut file.checksums),
        _ => return Slot::None,
    })
}

pub(super) fn snippet_slot<'s, 'a>(snippet: &'s mut Snippet<'a>, tag: &str) -> Slot<'s, 'a> {
    Slot::One(match tag {
        "SnippetName" => &mut snippet.name,
        "SnippetFromFileSPDXID" => &mut snippet.whole,
        "SnippetLicenseConcluded" => &mut snippet.license_concluded,
        "SnippetByteRange" | "SnippetLineRange" => return Slot::Ranges(&mut snippet.ranges),
        _ => return Slot::None,
    })
}

/// The JSON name of a field, by which its rules know it.
pub(super) fn tag_name(tag: &str) -> &'static str {
    match tag {
        "DataLicense" => "dataLicense",
        "SPDXID" | "SnippetSPDXID" | "SnippetSPDXIdentifier" => "SPDXID",
        "DocumentName" | "PackageName" | "SnippetName" => "name",
        "DocumentNamespace" => "documentNamespace",
        "Created" => "creationInfo/created",
        "Creator" => "creationInfo/creators",
        "ExternalDocumentRef" => "externalDocumentRefs",
        "PackageVersion" => "versionInfo",
        "PackageFileName" => "packageFileName",
        "PackageSupplier" => "supplier",
        "PackageOriginator" => "originator",
        "PackageDownloadLocation" => "downloadLocation",
        "PackageHomePage" => "homepage",
        "PackageLicenseDeclared" => "licenseDeclared",
        "PrimaryPackagePurpose" => "primaryPackagePurpose",
        "BuiltDate" => "builtDate",
        "ReleaseDate" => "releaseDate",
        "PackageChecksum" | "FileChecksum" => "checksums",
        "ExternalRef" => "externalRefs",
        "FileName" => "fileName",
        "FileType" => "fileTypes",
        "PackageLicenseConcluded" | "LicenseConcluded" | "SnippetLicenseConcluded" => {
            "licenseConcluded"
        }
        "LicenseInfoInFile" => "licenseInfoInFiles",
        "SnippetFromFileSPDXID" => "snippetFromFile",
        "SnippetByteRange" | "SnippetLineRange" => "ranges",
        "LicenseID" => "licenseId",
        "ExtractedText" => "extractedText",
        _ => "",
    }
}

/// `SHA1: 0123…`; without a colon, it is all algorithm.
pub(super) fn checksum(value: &str) -> Checksum<'_> {
    match value.split_once(':') {
        Some((algorithm, value)) => Checksum {
            algorithm: Text::Is(algorithm.trim().into()),
            value: Text::Is(value.trim().into()),
        },
        None => Checksum {
            algorithm: Text::Is(value.into()),
            value: Text::Absent,
        },
    }
}

/// `SECURITY cpe23Type cpe:2.3:…` (SPDX 2.3 §7.21).
pub(super) fn reference(value: &str) -> ExternalRef<'_> {
    let mut words = value.split_ascii_whitespace();
    let mut word = || {
        words
            .next()
            .map_or(Text::Absent, |word| Text::Is(word.into()))
    };
    ExternalRef {
        category: word(),
        kind: word(),
        locator: word(),
    }
}

/// `DocumentRef-x https://… SHA1: 0123…` (SPDX 2.3 §6.6).
pub(super) fn external(value: &str) -> External<'_> {
    let (id, rest) = split_word(value);
    let (document, rest) = split_word(rest);
    External {
        id: word(id),
        document: word(document),
        checksum: if rest.is_empty() {
            Item::Absent
        } else {
            Item::Is(checksum(rest))
        },
    }
}

fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

fn word(text: &str) -> Text<'_> {
    if text.is_empty() {
        return Text::Absent;
    }
    Text::Is(text.into())
}
