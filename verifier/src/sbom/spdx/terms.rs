//! The words of SPDX: hash algorithms, relationship types, purposes, kinds of references.

mod hashes;

pub(super) use hashes::{NoHash, hash, hash3};

use crate::sbom::model::{ComponentKind, License, Standing};

/// What a relationship means to us. `A` stands before the type, `B` behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `A` needs `B`.
    Needs,
    /// `B` needs `A`.
    NeededBy,
    /// `B` is a part of `A`.
    Contains,
    /// `A` is a part of `B`.
    PartOf,
    /// `A` is the document and `B` what it is about.
    Describes,
    /// `B` is the document and `A` what it is about.
    DescribedBy,
    /// Anything else.
    Other,
}

/// The meaning of a relationship type of SPDX 2 (SPDX 2.3 §11.1, table 68).
pub(super) fn relationship(kind: &str) -> Option<Meaning> {
    Some(match kind {
        "DEPENDS_ON" | "DYNAMIC_LINK" | "STATIC_LINK" | "HAS_PREREQUISITE" => Meaning::Needs,
        "DEPENDENCY_OF"
        | "BUILD_DEPENDENCY_OF"
        | "DEV_DEPENDENCY_OF"
        | "OPTIONAL_DEPENDENCY_OF"
        | "PROVIDED_DEPENDENCY_OF"
        | "TEST_DEPENDENCY_OF"
        | "RUNTIME_DEPENDENCY_OF"
        | "PREREQUISITE_FOR" => Meaning::NeededBy,
        "CONTAINS" => Meaning::Contains,
        "CONTAINED_BY" | "PACKAGE_OF" | "OPTIONAL_COMPONENT_OF" | "EXPANDED_FROM_ARCHIVE" => {
            Meaning::PartOf
        }
        "DESCRIBES" => Meaning::Describes,
        "DESCRIBED_BY" => Meaning::DescribedBy,
        "AMENDS"
        | "ANCESTOR_OF"
        | "BUILD_TOOL_OF"
        | "COPY_OF"
        | "DATA_FILE_OF"
        | "DEPENDENCY_MANIFEST_OF"
        | "DESCENDANT_OF"
        | "DEV_TOOL_OF"
        | "DISTRIBUTION_ARTIFACT"
        | "DOCUMENTATION_OF"
        | "EXAMPLE_OF"
        | "FILE_ADDED"
        | "FILE_DELETED"
        | "FILE_MODIFIED"
        | "GENERATED_FROM"
        | "GENERATES"
        | "METAFILE_OF"
        | "OTHER"
        | "PATCH_APPLIED"
        | "PATCH_FOR"
        | "REQUIREMENT_DESCRIPTION_FOR"
        | "SPECIFICATION_FOR"
        | "TEST_CASE_OF"
        | "TEST_OF"
        | "TEST_TOOL_OF"
        | "VARIANT_OF" => Meaning::Other,
        _ => return None,
    })
}

/// The meaning of a relationship type of SPDX 3 (`Core/RelationshipType`, 3.0.1).
pub(super) fn relationship3(kind: &str) -> Option<Meaning> {
    Some(match kind {
        "dependsOn"
        | "hasDynamicLink"
        | "hasStaticLink"
        | "hasOptionalDependency"
        | "hasPrerequisite"
        | "hasProvidedDependency" => Meaning::Needs,
        "contains" | "hasOptionalComponent" | "expandsTo" => Meaning::Contains,
        "describes" => Meaning::Describes,
        "affects"
        | "amendedBy"
        | "ancestorOf"
        | "availableFrom"
        | "configures"
        | "coordinatedBy"
        | "copiedTo"
        | "delegatedTo"
        | "descendantOf"
        | "doesNotAffect"
        | "exploitCreatedBy"
        | "fixedBy"
        | "fixedIn"
        | "foundBy"
        | "generates"
        | "hasAddedFile"
        | "hasAssessmentFor"
        | "hasAssociatedVulnerability"
        | "hasConcludedLicense"
        | "hasDataFile"
        | "hasDeclaredLicense"
        | "hasDeletedFile"
        | "hasDependencyManifest"
        | "hasDistributionArtifact"
        | "hasDocumentation"
        | "hasEvidence"
        | "hasExample"
        | "hasHost"
        | "hasInput"
        | "hasMetadata"
        | "hasOutput"
        | "hasRequirement"
        | "hasSpecification"
        | "hasTest"
        | "hasTestCase"
        | "hasVariant"
        | "invokedBy"
        | "modifiedBy"
        | "other"
        | "packagedBy"
        | "patchedBy"
        | "publishedBy"
        | "reportedBy"
        | "republishedBy"
        | "serializedInArtifact"
        | "testedOn"
        | "trainedOn"
        | "underInvestigationFor"
        | "usesTool" => Meaning::Other,
        _ => return None,
    })
}

/// What a package is for (SPDX 2.3 §7.24).
pub(super) fn purpose(name: &str) -> Option<ComponentKind> {
    Some(match name {
        "CONTAINER" => ComponentKind::Container,
        "DEVICE" => ComponentKind::Other,
        "APPLICATION" | "FRAMEWORK" | "LIBRARY" | "OPERATING-SYSTEM" | "OPERATING_SYSTEM"
        | "FIRMWARE" | "SOURCE" | "ARCHIVE" | "FILE" | "INSTALL" | "OTHER" => {
            ComponentKind::Package
        }
        _ => return None,
    })
}

/// What an artifact is for in SPDX 3 (`Software/SoftwarePurpose`, 3.0.1).
pub(super) fn purpose3(name: &str) -> Option<ComponentKind> {
    Some(match name {
        "container" => ComponentKind::Container,
        "data" | "device" | "deviceDriver" | "documentation" | "evidence" | "model"
        | "requirement" | "specification" | "test" => ComponentKind::Other,
        "application" | "archive" | "bom" | "configuration" | "diskImage" | "executable"
        | "file" | "filesystemImage" | "firmware" | "framework" | "install" | "library"
        | "manifest" | "module" | "operatingSystem" | "other" | "patch" | "platform" | "source" => {
            ComponentKind::Package
        }
        _ => return None,
    })
}

/// The types of files (SPDX 2.3 §8.3).
pub(super) const FILE_TYPES: [&str; 11] = [
    "SOURCE",
    "BINARY",
    "ARCHIVE",
    "APPLICATION",
    "AUDIO",
    "IMAGE",
    "TEXT",
    "VIDEO",
    "DOCUMENTATION",
    "SPDX",
    "OTHER",
];

/// The categories of external references (SPDX 2.3 §7.21), in both spellings of the schema.
pub(super) const CATEGORIES: [&str; 6] = [
    "SECURITY",
    "PACKAGE-MANAGER",
    "PACKAGE_MANAGER",
    "PERSISTENT-ID",
    "PERSISTENT_ID",
    "OTHER",
];

/// A license that a text states; `NOASSERTION` and `NONE` are no license.
pub(super) fn license(text: &str, standing: Standing) -> Option<License> {
    let trimmed = text.trim();
    if matches!(trimmed, "" | "NOASSERTION" | "NONE") {
        return None;
    }
    Some(License {
        text: trimmed.into(),
        is_expression: true,
        standing,
    })
}

/// Where a download location leads; `NOASSERTION` and `NONE` lead nowhere. Locations of version
/// control systems have a scheme of their own (SPDX 2.3 §7.7.4).
pub(super) fn download_kind(location: &str) -> Option<&'static str> {
    if matches!(location, "" | "NOASSERTION" | "NONE") {
        return None;
    }
    let scheme = location.split_once(':').map_or("", |(scheme, _)| scheme);
    let first = scheme.split('+').next().unwrap_or_default();
    Some(match first {
        "git" | "hg" | "svn" | "bzr" => "vcs",
        _ => "distribution",
    })
}

/// What an external reference of SPDX 2 is.
pub(super) enum Reference {
    /// A package URL.
    Purl,
    /// A CPE name.
    Cpe,
    /// Another identifier, under this name.
    Identifier(Box<str>),
    /// A link of this kind.
    Link(&'static str),
}

/// What the reference type says (SPDX 2.3 annex F); its long form is an IRI.
pub(super) fn reference(kind: &str) -> Reference {
    let short = kind
        .strip_prefix("http://spdx.org/rdf/references/")
        .or_else(|| kind.strip_prefix("https://spdx.org/rdf/references/"))
        .unwrap_or(kind);
    match short {
        "purl" => Reference::Purl,
        "cpe22Type" | "cpe23Type" => Reference::Cpe,
        "advisory" => Reference::Link("advisories"),
        "fix" | "url" => Reference::Link("other"),
        "swh" => Reference::Identifier("swhid".into()),
        other => Reference::Identifier(other.into()),
    }
}

/// The kind of link in the words of the model, for a reference type of SPDX 3 (`Core/ExternalRefType`).
pub(super) fn link3(kind: &str) -> &'static str {
    match kind {
        "altDownloadLocation" | "binaryArtifact" => "distribution",
        "altWebPage" => "website",
        "buildMeta" => "build-meta",
        "buildSystem" => "build-system",
        "certificationReport" => "certification-report",
        "chat" => "chat",
        "documentation" => "documentation",
        "dynamicAnalysisReport" => "dynamic-analysis-report",
        "issueTracker" => "issue-tracker",
        "license" => "license",
        "mailingList" => "mailing-list",
        "qualityAssessmentReport" => "quality-metrics",
        "releaseNotes" | "releaseHistory" => "release-notes",
        "riskAssessment" => "risk-assessment",
        "runtimeAnalysisReport" => "runtime-analysis-report",
        "secureSoftwareAttestation" => "attestation",
        "securityAdvisory" => "advisories",
        "securityAdversaryModel" => "adversary-model",
        "securityPenTestReport" => "pentest-report",
        "securityPolicy" => "security-contact",
        "securityThreatModel" => "threat-model",
        "socialMedia" => "social",
        "sourceArtifact" => "source-distribution",
        "staticAnalysisReport" => "static-analysis-report",
        "support" => "support",
        "vcs" => "vcs",
        "vulnerabilityDisclosureReport" => "vulnerability-assertion",
        "vulnerabilityExploitabilityAssessment" => "exploitability-statement",
        _ => "other",
    }
}

/// Whether a text is `SPDXRef-` with letters, digits, dots and dashes behind it (SPDX 2.3 §7.2).
pub(super) fn is_spdx_id(text: &str) -> bool {
    text.strip_prefix("SPDXRef-").is_some_and(is_id)
}

/// Whether a text is `LicenseRef-` with letters, digits, dots and dashes behind it (SPDX 2.3 §10.1).
pub(super) fn is_license_ref(text: &str) -> bool {
    text.strip_prefix("LicenseRef-").is_some_and(is_id)
}

/// Whether a text names another document (SPDX 2.3 §6.6).
pub(super) fn is_document_ref(text: &str) -> bool {
    let name = text.strip_prefix("DocumentRef-");
    name.is_some_and(|name| is_id(&name.replace('+', "-")))
}

fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    !text.is_empty() && text.bytes().all(fits)
}
