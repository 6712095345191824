//! OCI image layouts, in a directory or in an archive: read only, never unpacked, every byte
//! checked (OCI image specification, `image-layout.md`).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use sovverify::evidence::{Gap, OriginKind};
use sovverify::image::{Descriptor, Document};
use sovverify::{Digest, ImageName, ImageReference};
use tokio::time::Instant;

use crate::budget::{Budget, checked_here, count, exceeded};
use crate::classify::Role;
use crate::error::{Failure, FetchError};
use crate::location::Selector;
use crate::store::Listing;

mod archive;
mod directory;
mod select;

pub(crate) use directory::Folder;

/// The annotation that names an entry (OCI image specification, `annotations.md`).
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The annotation by which `cosign save` marks the role of an entry (cosign `pkg/oci/layout`).
const KIND: &str = "kind";
const KIND_IMAGE: [&str; 2] = [
    "dev.cosignproject.cosign/image",
    "dev.cosignproject.cosign/imageIndex",
];
const KIND_EVIDENCE: [(&str, Role); 2] = [
    ("dev.cosignproject.cosign/sigs", Role::Signatures),
    ("dev.cosignproject.cosign/atts", Role::Attestations),
];
/// Bytes of the `oci-layout` file, which holds one short field.
const MARKER_BYTES: (&str, u64) = ("oci-layout", 4096);

/// Where the files of a layout are.
#[derive(Debug)]
enum Files {
    Directory(Folder),
    Archive(archive::Archive),
}

/// An opened layout.
#[derive(Debug)]
pub(crate) struct Layout {
    files: Files,
    place: String,
    entries: Vec<Descriptor>,
    subjects: OnceLock<Subjects>,
    budget: Arc<Budget>,
}

/// Who refers to whom, known after reading every manifest of the layout once.
#[derive(Debug, Default)]
struct Subjects {
    referrers: BTreeMap<Digest, Vec<Descriptor>>,
    gaps: Vec<Gap>,
}

/// The image that a selector means.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) digest: Digest,
    pub(crate) bytes: Vec<u8>,
    pub(crate) media_type: Option<String>,
    /// The name that the layout gives the image, where it is a full one.
    pub(crate) name: Option<ImageName>,
}

impl Layout {
    /// Opens the layout in the directory `dir`. Blocks.
    pub(crate) fn open_directory(
        dir: &Path,
        place: &str,
        budget: Arc<Budget>,
    ) -> Result<Self, FetchError> {
        let files = Files::Directory(Folder::open(dir, place)?);
        Self::open(files, place, budget)
    }

    /// Opens the layout in the archive `file`. Blocks.
    pub(crate) fn open_archive(
        file: &Path,
        place: &str,
        budget: Arc<Budget>,
    ) -> Result<Self, FetchError> {
        let files = Files::Archive(archive::Archive::open(file, place, budget.limits())?);
        Self::open(files, place, budget)
    }

    fn open(files: Files, place: &str, budget: Arc<Budget>) -> Result<Self, FetchError> {
        let limits = *budget.limits();
        if let Some(marker) = files.read(MARKER_BYTES.0, MARKER_BYTES, place)? {
            check_marker(&marker, place)?;
        }
        let bound = ("layout_index_bytes", limits.layout_index_bytes);
        let Some(bytes) = files.read("index.json", bound, place)? else {
            return Err(malformed(place, "an `index.json`", "none"));
        };
        budget.charge(bytes.len(), place)?;
        let index = match Document::parse(&bytes, None) {
            Ok(Document::Index(index)) => index,
            Ok(_) => return Err(malformed(place, "an index in `index.json`", "a manifest")),
            Err(error) => {
                return Err(malformed(
                    place,
                    "an index in `index.json`",
                    &error.to_string(),
                ));
            }
        };
        if index.manifests.len() > limits.layout_entries {
            let limit = count(limits.layout_entries);
            return Err(exceeded("layout_entries", limit, place));
        }
        Ok(Self {
            files,
            place: place.to_owned(),
            entries: index.manifests,
            subjects: OnceLock::new(),
            budget,
        })
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// The bytes of a blob, within `bound`, not yet checked. Blocks.
    pub(crate) fn content(
        &self,
        digest: &Digest,
        bound: (&'static str, u64),
    ) -> Result<Vec<u8>, FetchError> {
        let place = format!("{}@{digest}", self.place);
        let name = format!("blobs/{}/{}", digest.algorithm().name(), digest.hex());
        self.files.read(&name, bound, &place)?.ok_or_else(|| {
            let digest = digest.clone();
            FetchError::new(place, Failure::BlobMissing { digest })
        })
    }

    /// A manifest of the layout, checked. Blocks.
    fn manifest(&self, digest: &Digest, size: Option<u64>) -> Result<Vec<u8>, FetchError> {
        let bound = ("manifest_bytes", self.budget.limits().manifest_bytes);
        let bytes = self.content(digest, bound)?;
        checked_here(bytes, digest, size, &format!("{}@{digest}", self.place))
    }

    /// The image that `selector` means. Blocks.
    pub(crate) fn select(&self, selector: &Selector) -> Result<Selected, FetchError> {
        select::select(self, selector)
    }

    /// Entries whose name is `tag`, or a full reference with that tag.
    pub(crate) fn tagged(&self, tag: &str) -> Vec<Descriptor> {
        let mut found: Vec<Descriptor> = Vec::new();
        for entry in &self.entries {
            if entry.tag().as_deref() == Some(tag)
                && !found.iter().any(|known| known.digest == entry.digest)
            {
                found.push(entry.clone());
            }
        }
        found
    }

    /// Manifests that `cosign save` put beside the image `subject`.
    pub(crate) fn saved_with(&self, subject: &Digest) -> Vec<(Role, Descriptor)> {
        let kind = |entry: &Descriptor| entry.annotations.get(KIND).cloned().unwrap_or_default();
        let images: Vec<&Descriptor> = self
            .entries
            .iter()
            .filter(|entry| entry.digest == *subject && KIND_IMAGE.contains(&kind(entry).as_str()))
            .collect();
        let mut found = Vec::new();
        for entry in &self.entries {
            let kind = kind(entry);
            let role = KIND_EVIDENCE.iter().find(|(name, _)| *name == kind);
            // Where several images share a layout, cosign repeats the image's name on its evidence.
            let about = |image: &&&Descriptor| match (image.ref_name(), entry.ref_name()) {
                (Some(image), Some(evidence)) => image == evidence,
                _ => true,
            };
            if let Some((_, role)) = role
                && images.iter().any(|image| about(&image))
            {
                found.push((*role, entry.clone()));
            }
        }
        found
    }

    /// Manifests of the layout whose `subject` is `subject`, and those that the fallback tag of the
    /// distribution specification lists. Blocks on the first call.
    pub(crate) fn referrers(&self, subject: &Digest) -> Listing {
        let subjects = self.subjects.get_or_init(|| self.scan());
        let mut listing = Listing {
            entries: Vec::new(),
            gaps: subjects.gaps.clone(),
        };
        for entry in subjects.referrers.get(subject).into_iter().flatten() {
            listing.entries.push((OriginKind::Referrers, entry.clone()));
        }
        for entry in self.tagged(&referrers_tag(subject)) {
            let read = self.manifest(&entry.digest, Some(entry.size));
            let place = format!("{}@{}", self.place, entry.digest);
            match read.map(|bytes| Document::parse(&bytes, None)) {
                Ok(Ok(Document::Index(index))) => {
                    for entry in index.manifests {
                        listing.entries.push((OriginKind::ReferrersTag, entry));
                    }
                }
                // A manifest that somebody gave such a name is no list of referrers.
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    let error = FetchError::new(place, Failure::Manifest(error));
                    listing.gaps.push(error.into_gap());
                }
                Err(error) => listing.gaps.push(error.into_gap()),
            }
        }
        listing
    }

    /// Reads every manifest of the layout once to learn its subject.
    fn scan(&self) -> Subjects {
        let limits = self.budget.limits();
        let mut subjects = Subjects::default();
        let mut bytes_left = limits.layout_scan_bytes;
        for entry in &self.entries {
            if entry.is_tag_of_evidence() || !entry.is_manifest() {
                continue;
            }
            if Instant::now() >= self.budget.deadline() {
                let error = FetchError::new(&self.place, self.budget.out_of_time());
                subjects.gaps.push(error.into_gap());
                break;
            }
            let Some(left) = bytes_left.checked_sub(entry.size) else {
                let bound = ("layout_scan_bytes", limits.layout_scan_bytes);
                subjects
                    .gaps
                    .push(exceeded(bound.0, bound.1, &self.place).into_gap());
                break;
            };
            bytes_left = left;
            match self.manifest(&entry.digest, Some(entry.size)) {
                Ok(bytes) => subjects.note(entry, &bytes),
                Err(error) => subjects.gaps.push(error.into_gap()),
            }
        }
        subjects
    }
}

impl Subjects {
    fn note(&mut self, entry: &Descriptor, bytes: &[u8]) {
        let subject = match Document::parse(bytes, None) {
            Ok(Document::Manifest(manifest)) => manifest.subject,
            Ok(Document::Index(index)) => index.subject,
            // What is no manifest refers to nothing; it is reported when it is selected.
            _ => None,
        };
        if let Some(subject) = subject {
            let known = self.referrers.entry(subject.digest).or_default();
            if !known.iter().any(|other| other.digest == entry.digest) {
                known.push(entry.clone());
            }
        }
    }
}

impl Files {
    /// The bytes of a file within `bound`, or nothing when there is no such file.
    fn read(
        &self,
        name: &str,
        bound: (&'static str, u64),
        place: &str,
    ) -> Result<Option<Vec<u8>>, FetchError> {
        match self {
            Self::Directory(folder) => folder.read(name, bound, place),
            Self::Archive(archive) => archive.read(name, bound, place),
        }
    }
}

/// What the entries of a layout's `index.json` say about themselves.
trait Entry {
    /// The name as written.
    fn ref_name(&self) -> Option<&str>;
    /// The tag: the name itself, or that of a full reference.
    fn tag(&self) -> Option<String>;
    /// Whether the name is that of a cosign tag, or of a list of referrers.
    fn is_tag_of_evidence(&self) -> bool;
    /// Whether the media type is that of a manifest or index.
    fn is_manifest(&self) -> bool;
}

impl Entry for Descriptor {
    fn ref_name(&self) -> Option<&str> {
        self.annotations.get(REF_NAME).map(String::as_str)
    }

    fn tag(&self) -> Option<String> {
        let name = self.ref_name()?;
        match full_reference(name) {
            Some(reference) => reference.tag().map(ToOwned::to_owned),
            None => Some(name.to_owned()),
        }
    }

    fn is_tag_of_evidence(&self) -> bool {
        self.tag().is_some_and(|tag| is_evidence_tag(&tag))
    }

    fn is_manifest(&self) -> bool {
        // Not a claim about what it is: only whether it is worth looking.
        self.media_type.contains("manifest") || self.media_type.contains("index")
    }
}

/// A full reference, with its registry: a bare `v1` is a tag and no image of Docker Hub.
fn full_reference(text: &str) -> Option<ImageReference> {
    let (host, _) = text.split_once('/')?;
    (host == "localhost" || host.contains(['.', ':']))
        .then(|| text.parse().ok())
        .flatten()
}

/// `sha256-<hex>`, alone or with a suffix such as `.sig`.
fn is_evidence_tag(tag: &str) -> bool {
    let stem = tag.split('.').next().unwrap_or_default();
    stem.split_once('-').is_some_and(|(algorithm, hex)| {
        matches!(algorithm, "sha256" | "sha384" | "sha512")
            && hex.len() >= 64
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// The fallback tag of a digest (OCI distribution specification, "Referrers Tag Schema"): the
/// algorithm cut to 32 characters and the value cut to 64.
pub(crate) fn referrers_tag(digest: &Digest) -> String {
    let value: String = digest.hex().chars().take(64).collect();
    format!("{}-{value}", digest.algorithm().name())
}

fn check_marker(bytes: &[u8], place: &str) -> Result<(), FetchError> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Marker {
        image_layout_version: String,
    }
    let expected = "`imageLayoutVersion` 1.x in `oci-layout`";
    let marker: Marker = serde_json::from_slice(bytes)
        .map_err(|error| malformed(place, expected, &error.to_string()))?;
    if !marker.image_layout_version.starts_with("1.") {
        let found = format!("`{}`", marker.image_layout_version);
        return Err(malformed(place, expected, &found));
    }
    Ok(())
}

fn malformed(place: &str, expected: &'static str, found: &str) -> FetchError {
    let found = found.to_owned();
    FetchError::new(place, Failure::Layout { expected, found })
}
