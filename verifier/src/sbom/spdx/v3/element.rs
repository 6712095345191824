//! The members of SPDX 3 elements, all classes in one view: each class reads its own.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::sbom::limits::MAX_RELATIONSHIPS;
use crate::sbom::spdx::bounds::{MAX_DETAILS, MAX_ELEMENTS};
use crate::sbom::spdx::lax::{List, Text};

/// Identifiers of elements, or the elements themselves.
pub(super) type Refs<'a> = List<&'a RawValue, MAX_DETAILS>;

/// An element as it is written (SPDX 3.0.1, all profiles).
#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Element<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) class: Text<'a>,
    #[serde(rename = "spdxId", borrow)]
    pub(super) spdx_id: Text<'a>,
    #[serde(rename = "@id", borrow)]
    pub(super) blank_id: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) creation_info: Option<&'a RawValue>,

    #[serde(borrow)]
    pub(super) spec_version: Text<'a>,
    #[serde(borrow)]
    pub(super) created: Text<'a>,
    #[serde(borrow)]
    pub(super) created_by: Refs<'a>,
    #[serde(borrow)]
    pub(super) created_using: Refs<'a>,

    #[serde(borrow)]
    pub(super) from: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) to: List<&'a RawValue, MAX_RELATIONSHIPS>,
    #[serde(borrow)]
    pub(super) relationship_type: Text<'a>,
    #[serde(borrow)]
    pub(super) completeness: Text<'a>,
    #[serde(borrow)]
    pub(super) scope: Text<'a>,

    #[serde(rename = "rootElement", borrow)]
    pub(super) roots: Refs<'a>,
    #[serde(rename = "element", borrow)]
    pub(super) members: List<&'a RawValue, MAX_ELEMENTS>,
    #[serde(borrow)]
    pub(super) import: List<&'a RawValue, MAX_ELEMENTS>,
    #[serde(borrow)]
    pub(super) profile_conformance: List<Text<'a>, MAX_DETAILS>,
    #[serde(rename = "software_sbomType", borrow)]
    pub(super) sbom_type: List<Text<'a>, MAX_DETAILS>,

    #[serde(borrow)]
    pub(super) supplied_by: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) originated_by: Refs<'a>,
    #[serde(borrow)]
    pub(super) built_time: Text<'a>,
    #[serde(borrow)]
    pub(super) release_time: Text<'a>,
    #[serde(borrow)]
    pub(super) verified_using: Refs<'a>,
    #[serde(borrow)]
    pub(super) external_identifier: Refs<'a>,
    #[serde(borrow)]
    pub(super) external_ref: Refs<'a>,
    #[serde(rename = "software_packageVersion", borrow)]
    pub(super) package_version: Text<'a>,
    #[serde(rename = "software_downloadLocation", borrow)]
    pub(super) download_location: Text<'a>,
    #[serde(rename = "software_homePage", borrow)]
    pub(super) home_page: Text<'a>,
    #[serde(rename = "software_packageUrl", borrow)]
    pub(super) package_url: Text<'a>,
    #[serde(rename = "software_primaryPurpose", borrow)]
    pub(super) primary_purpose: Text<'a>,
    #[serde(rename = "software_contentIdentifier", borrow)]
    pub(super) content_identifier: Refs<'a>,
    #[serde(rename = "software_snippetFromFile", borrow)]
    pub(super) snippet_from_file: Option<&'a RawValue>,

    #[serde(rename = "simplelicensing_licenseExpression", borrow)]
    pub(super) license_expression: Text<'a>,
    #[serde(rename = "simplelicensing_licenseText", borrow)]
    pub(super) license_text: Text<'a>,
    #[serde(rename = "expandedlicensing_member", borrow)]
    pub(super) member: Refs<'a>,
    #[serde(rename = "expandedlicensing_subjectLicense", borrow)]
    pub(super) subject_license: Option<&'a RawValue>,
    #[serde(rename = "expandedlicensing_subjectExtendableLicense", borrow)]
    pub(super) subject_extendable: Option<&'a RawValue>,
    #[serde(rename = "expandedlicensing_subjectAddition", borrow)]
    pub(super) subject_addition: Option<&'a RawValue>,

    #[serde(borrow)]
    pub(super) algorithm: Text<'a>,
    #[serde(borrow)]
    pub(super) hash_value: Text<'a>,
    #[serde(borrow)]
    pub(super) external_identifier_type: Text<'a>,
    #[serde(borrow)]
    pub(super) identifier: Text<'a>,
}

/// The name of an element, and nothing else of it.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Id<'a> {
    #[serde(rename = "spdxId", borrow)]
    pub(super) spdx: Text<'a>,
    #[serde(rename = "@id", borrow)]
    pub(super) blank: Text<'a>,
}

/// A hash, an identifier, a reference or an import, written inside of an element.
#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Detail<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) class: Text<'a>,
    #[serde(borrow)]
    pub(super) algorithm: Text<'a>,
    #[serde(borrow)]
    pub(super) hash_value: Text<'a>,
    #[serde(borrow)]
    pub(super) external_identifier_type: Text<'a>,
    #[serde(borrow)]
    pub(super) identifier: Text<'a>,
    #[serde(borrow)]
    pub(super) external_ref_type: Text<'a>,
    #[serde(borrow)]
    pub(super) locator: List<Text<'a>, MAX_DETAILS>,
    #[serde(borrow)]
    pub(super) external_spdx_id: Text<'a>,
    #[serde(rename = "software_contentIdentifierType", borrow)]
    pub(super) content_type: Text<'a>,
    #[serde(rename = "software_contentIdentifierValue", borrow)]
    pub(super) content_value: Text<'a>,
}

/// Classes whose instances have no `spdxId` of their own.
const PARTS: [&str; 14] = [
    "CreationInfo",
    "DictionaryEntry",
    "ExternalIdentifier",
    "ExternalMap",
    "ExternalRef",
    "Hash",
    "NamespaceMap",
    "PackageVerificationCode",
    "PositiveIntegerRange",
    "software_ContentIdentifier",
    "ai_EnergyConsumption",
    "ai_EnergyConsumptionDescription",
    "extension_CdxPropertyEntry",
    "extension_CdxPropertiesExtension",
];

/// Classes of elements (SPDX 3.0.1) of which nothing is read that is not read from all.
const UNREAD: [&str; 6] = [
    "Annotation",
    "IndividualElement",
    "build_Build",
    "expandedlicensing_IndividualLicensingInfo",
    "expandedlicensing_License",
    "extension_Extension",
];

/// Whether instances of the class are parts of elements, and no elements.
pub(super) fn is_part(class: &str) -> bool {
    PARTS.contains(&class)
}

/// Whether the class is known, and has nothing for an SBOM.
pub(super) fn is_unread(class: &str) -> bool {
    UNREAD.contains(&class) || is_part(class)
}

/// The class in the words of the context: an IRI of SPDX is cut to them.
pub(super) fn short(class: &str) -> Cow<'_, str> {
    let Some(rest) = class.strip_prefix("https://spdx.org/rdf/3.0") else {
        return Cow::Borrowed(class);
    };
    let Some((_, path)) = rest.split_once("/terms/") else {
        return Cow::Borrowed(class);
    };
    match path.split_once('/') {
        Some(("Core", name)) => Cow::Borrowed(name),
        Some((profile, name)) => Cow::Owned(format!("{}_{name}", profile.to_lowercase())),
        None => Cow::Borrowed(class),
    }
}

/// Individuals of the specification, by the last part of their IRI or by their short name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Individual {
    /// There is nothing.
    Nothing,
    /// Nothing is said.
    Unsaid,
    /// An organisation: SPDX itself.
    Organization,
}

/// The individual of this name (SPDX 3.0.1, individuals).
pub(super) fn individual(id: &str) -> Option<Individual> {
    let name = match id.strip_prefix("https://spdx.org/rdf/3.0") {
        Some(rest) => rest.rsplit_once('/').map_or(rest, |(_, name)| name),
        None => id.strip_prefix("expandedlicensing_").unwrap_or(id),
    };
    Some(match name {
        "NoneElement" | "NoneLicense" => Individual::Nothing,
        "NoAssertionElement" | "NoAssertionLicense" => Individual::Unsaid,
        "SpdxOrganization" => Individual::Organization,
        _ => return None,
    })
}

/// What kind of JSON a text is, in words.
pub(super) fn kind_of(text: &RawValue) -> &'static str {
    match text.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
