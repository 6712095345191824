//! What SPDX 2.2 and 2.3 mean, whichever way they are written down.

mod fields;
mod relations;
mod sections;

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::draft::{Draft, Place};
use super::lax::{Item, List, Text};
use super::terms::Meaning;
use super::{bounds, terms};
use crate::code::Code;
use crate::content::ContentError;
use crate::sbom::limits::MAX_RELATIONSHIPS;
use crate::sbom::model::Encoding;

/// The identifier of the document in every document (SPDX 2.3 §6.3).
pub(super) const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// A list inside of one component.
pub(super) type Details<T> = List<T, { bounds::MAX_DETAILS }>;

/// Document creation information (SPDX 2.3 §6).
#[derive(Default)]
pub(super) struct Document<'a> {
    pub(super) license: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) creation: Item<Creation<'a>>,
    pub(super) externals: Details<Item<External<'a>>>,
}

/// Who made the document, and when (SPDX 2.3 §6.8, §6.9).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Creation<'a> {
    #[serde(borrow)]
    pub(super) created: Text<'a>,
    #[serde(borrow)]
    pub(super) creators: Details<Text<'a>>,
}

/// Another document (SPDX 2.3 §6.6).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct External<'a> {
    #[serde(rename = "externalDocumentId", borrow)]
    pub(super) id: Text<'a>,
    #[serde(rename = "spdxDocument", borrow)]
    pub(super) document: Text<'a>,
    #[serde(borrow)]
    pub(super) checksum: Item<Checksum<'a>>,
}

/// A hash (SPDX 2.3 §7.10, §8.4).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Checksum<'a> {
    #[serde(borrow)]
    pub(super) algorithm: Text<'a>,
    #[serde(rename = "checksumValue", borrow)]
    pub(super) value: Text<'a>,
}

/// An external reference (SPDX 2.3 §7.21).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ExternalRef<'a> {
    #[serde(rename = "referenceCategory", borrow)]
    pub(super) category: Text<'a>,
    #[serde(rename = "referenceType", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(rename = "referenceLocator", borrow)]
    pub(super) locator: Text<'a>,
}

/// A package (SPDX 2.3 §7).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Package<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(rename = "SPDXID", borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) version_info: Text<'a>,
    #[serde(rename = "packageFileName", borrow)]
    pub(super) archive: Text<'a>,
    #[serde(borrow)]
    pub(super) supplier: Text<'a>,
    #[serde(borrow)]
    pub(super) originator: Text<'a>,
    #[serde(borrow)]
    pub(super) download_location: Text<'a>,
    #[serde(borrow)]
    pub(super) homepage: Text<'a>,
    #[serde(borrow)]
    pub(super) checksums: Details<Item<Checksum<'a>>>,
    #[serde(borrow)]
    pub(super) license_declared: Text<'a>,
    #[serde(borrow)]
    pub(super) license_concluded: Text<'a>,
    #[serde(borrow)]
    pub(super) external_refs: Details<Item<ExternalRef<'a>>>,
    #[serde(borrow)]
    pub(super) has_files: List<Text<'a>, MAX_RELATIONSHIPS>,
    #[serde(borrow)]
    pub(super) built_date: Text<'a>,
    #[serde(borrow)]
    pub(super) release_date: Text<'a>,
    #[serde(borrow)]
    pub(super) primary_package_purpose: Text<'a>,
}

/// A file (SPDX 2.3 §8).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct File<'a> {
    #[serde(rename = "fileName", borrow)]
    pub(super) name: Text<'a>,
    #[serde(rename = "SPDXID", borrow)]
    pub(super) id: Text<'a>,
    #[serde(rename = "fileTypes", borrow)]
    pub(super) kinds: Details<Text<'a>>,
    #[serde(borrow)]
    pub(super) checksums: Details<Item<Checksum<'a>>>,
    #[serde(borrow)]
    pub(super) license_concluded: Text<'a>,
    #[serde(borrow)]
    pub(super) license_info_in_files: Details<Text<'a>>,
}

/// A snippet (SPDX 2.3 §9).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Snippet<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(rename = "SPDXID", borrow)]
    pub(super) id: Text<'a>,
    #[serde(rename = "snippetFromFile", borrow)]
    pub(super) whole: Text<'a>,
    pub(super) ranges: Details<serde::de::IgnoredAny>,
    #[serde(borrow)]
    pub(super) license_concluded: Text<'a>,
}

/// A license that is on no list (SPDX 2.3 §10).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Extracted<'a> {
    #[serde(borrow)]
    pub(super) license_id: Text<'a>,
    #[serde(borrow)]
    pub(super) extracted_text: Text<'a>,
}

/// A relationship (SPDX 2.3 §11).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Relation<'a> {
    #[serde(rename = "spdxElementId", borrow)]
    pub(super) from: Text<'a>,
    #[serde(rename = "relationshipType", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(rename = "relatedSpdxElement", borrow)]
    pub(super) to: Text<'a>,
}

/// A document of SPDX 2 while it is read.
pub(super) struct Reading<'a> {
    pub(super) draft: Draft,
    ids: HashMap<Cow<'a, str>, usize>,
    externals: HashSet<Cow<'a, str>>,
    licenses: HashSet<Cow<'a, str>>,
    edges: Vec<Edge<'a>>,
    packages: Vec<usize>,
}

/// A relationship whose ends are not looked up yet.
struct Edge<'a> {
    from: End<'a>,
    to: End<'a>,
    meaning: Meaning,
    spot: Spot,
}

/// One end of a relationship.
enum End<'a> {
    Named(Cow<'a, str>),
    Known(usize),
}

/// Where a relationship is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// An entry of `relationships`.
    Relationship(usize),
    /// A line of a tag-value document.
    Line(usize),
    /// An entry of `documentDescribes`.
    Described(usize),
    /// An entry of `hasFiles` of a component.
    HasFiles(usize, usize),
    /// The file of a snippet.
    Snippet(usize),
    /// The order of sections in a tag-value document.
    Order,
}

/// The version that a document states, as `2.3`.
///
/// # Errors
///
/// `sbom/unsupported` for any other than 2.2 and 2.3.
pub(super) fn version(text: &str, place: &str) -> Result<&'static str, ContentError> {
    match text {
        "SPDX-2.2" => Ok("2.2"),
        "SPDX-2.3" => Ok("2.3"),
        other => Err(ContentError::new(
            Code::SbomUnsupported,
            place,
            "`SPDX-2.2`, `SPDX-2.3`, or SPDX 3.0 in JSON-LD",
            format!("`{other}`"),
        )),
    }
}

impl<'a> Reading<'a> {
    /// Nothing read yet.
    pub(super) fn new(version: &str, encoding: Encoding) -> Self {
        Self {
            draft: Draft::new(version, encoding),
            ids: HashMap::new(),
            externals: HashSet::new(),
            licenses: HashSet::new(),
            edges: Vec::new(),
            packages: Vec::new(),
        }
    }

    /// Notes a relationship.
    fn relate(&mut self, edge: Edge<'a>) -> Result<(), ContentError> {
        super::draft::check_relationships(self.edges.len())?;
        self.edges.push(edge);
        Ok(())
    }

    /// Notes that what the document is about includes `id`.
    pub(super) fn describes(&mut self, id: Cow<'a, str>, spot: Spot) -> Result<(), ContentError> {
        self.relate(Edge {
            from: End::Named(Cow::Borrowed(DOCUMENT)),
            to: End::Named(id),
            meaning: Meaning::Describes,
            spot,
        })
    }

    /// Notes that the component at `part` is a part of the one at `whole`.
    pub(super) fn contains(&mut self, whole: usize, part: usize) -> Result<(), ContentError> {
        self.relate(Edge {
            from: End::Known(whole),
            to: End::Known(part),
            meaning: Meaning::Contains,
            spot: Spot::Order,
        })
    }

    /// The identifier of a component: its syntax is checked here, and that nothing else has it.
    fn identify(&mut self, id: Text<'a>, place: &Place, position: usize) -> Option<Box<str>> {
        let at = || place.member("SPDXID");
        let id = self.draft.required(id, at, "an `SPDXID`")?;
        if !terms::is_spdx_id(&id) {
            let wanted = "`SPDXRef-` with letters, digits, `.` and `-`";
            self.draft.breach(at, wanted, &id);
        }
        let is_taken = match self.ids.entry(id.clone()) {
            Entry::Vacant(free) if id != DOCUMENT => {
                free.insert(position);
                false
            }
            _ => true,
        };
        if is_taken {
            self.draft.breach(at, "an `SPDXID` of its own", &id);
        }
        Some(id.into())
    }
}
