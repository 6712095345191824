//! Which image of a layout is meant.

use sovverify::Digest;
use sovverify::image::{Descriptor, Document, Manifest};

use super::{Entry, KIND, KIND_EVIDENCE, Layout, Selected, full_reference};
use crate::classify::{Reading, Role, reading};
use crate::error::{Failure, FetchError};
use crate::location::Selector;

/// Configurations of images that can run (OCI image specification, `media-types.md`; Docker
/// `manifest-v2-2.md`).
const RUNNABLE: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

pub(super) fn select(layout: &Layout, selector: &Selector) -> Result<Selected, FetchError> {
    let matching: Vec<&Descriptor> = match selector {
        Selector::Digest(digest) => return by_digest(layout, digest),
        Selector::Tag(tag) => layout
            .entries
            .iter()
            .filter(|entry| entry.tag().as_deref() == Some(tag) && !is_saved_evidence(entry))
            .collect(),
        Selector::Only => only(layout),
    };
    let mut digests: Vec<&Digest> = matching.iter().map(|entry| &entry.digest).collect();
    digests.sort();
    digests.dedup();
    let Some(first) = matching.first() else {
        return Err(FetchError::new(
            layout.place(),
            Failure::NoSuchImage {
                selector: selector.to_string(),
                choices: choices(&layout.entries.iter().collect::<Vec<_>>()),
            },
        ));
    };
    if digests.len() > 1 {
        let choices = choices(&matching);
        return Err(FetchError::new(
            layout.place(),
            Failure::Ambiguous { choices },
        ));
    }
    read(layout, &first.digest, Some(first), &matching)
}

/// A digest is an identity of its own: the manifest need not be listed, only be there.
fn by_digest(layout: &Layout, digest: &Digest) -> Result<Selected, FetchError> {
    let listed: Vec<&Descriptor> = layout
        .entries
        .iter()
        .filter(|entry| entry.digest == *digest)
        .collect();
    read(layout, digest, listed.first().copied(), &listed).map_err(|error| {
        if listed.is_empty() && matches!(error.failure(), Failure::BlobMissing { .. }) {
            let choices = choices(&layout.entries.iter().collect::<Vec<_>>());
            let selector = digest.to_string();
            return FetchError::new(layout.place(), Failure::NoSuchImage { selector, choices });
        }
        error
    })
}

fn read(
    layout: &Layout,
    digest: &Digest,
    entry: Option<&Descriptor>,
    names: &[&Descriptor],
) -> Result<Selected, FetchError> {
    let bytes = layout.manifest(digest, entry.map(|entry| entry.size))?;
    layout.budget.charge(bytes.len(), layout.place())?;
    // Several names for one image say nothing about which one is meant.
    let mut full = names
        .iter()
        .filter_map(|entry| full_reference(entry.ref_name()?))
        .map(|reference| reference.name().clone());
    let name = full
        .next()
        .filter(|first| full.all(|other| other == *first));
    Ok(Selected {
        digest: digest.clone(),
        bytes,
        media_type: entry.map(|entry| entry.media_type.clone()),
        name,
    })
}

/// What an entry of a layout is to somebody who asks for "the image".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// Attached to something else, or no manifest at all.
    Attached,
    /// An artifact of its own: a chart, a file.
    Artifact,
    /// An image that can run.
    Runnable,
}

/// The images that can run; where there are none, the artifacts that stand for themselves.
fn only(layout: &Layout) -> Vec<&Descriptor> {
    let standing: Vec<(Standing, &Descriptor)> = layout
        .entries
        .iter()
        .map(|entry| (standing(layout, entry), entry))
        .collect();
    let best = standing.iter().map(|(standing, _)| *standing).max();
    standing
        .into_iter()
        .filter(|(standing, _)| *standing != Standing::Attached && Some(*standing) == best)
        .map(|(_, entry)| entry)
        .collect()
}

/// An entry that cannot be read counts as an image: leaving it out could make another one look
/// like the only image.
fn standing(layout: &Layout, entry: &Descriptor) -> Standing {
    if is_saved_evidence(entry) || entry.is_tag_of_evidence() || !entry.is_manifest() {
        return Standing::Attached;
    }
    let Ok(bytes) = layout.manifest(&entry.digest, Some(entry.size)) else {
        return Standing::Runnable;
    };
    match Document::parse(&bytes, None) {
        Ok(Document::Manifest(manifest)) => manifest_standing(&manifest),
        Ok(Document::Index(index)) if index.subject.is_some() => Standing::Attached,
        _ => Standing::Runnable,
    }
}

fn manifest_standing(manifest: &Manifest) -> Standing {
    let holds_evidence = !manifest.layers.is_empty()
        && manifest
            .layers
            .iter()
            // cosign gives its `.sig` manifests the configuration of an image.
            .all(|layer| reading(layer, "", Role::InIndex) != Reading::Unread);
    if manifest.subject.is_some() || holds_evidence {
        return Standing::Attached;
    }
    let runnable = RUNNABLE.contains(&manifest.config.media_type.as_str())
        && RUNNABLE.contains(&manifest.artifact_type.as_str());
    if runnable {
        Standing::Runnable
    } else {
        Standing::Artifact
    }
}

/// Whether `cosign save` marked the entry as evidence; it repeats the image's name there.
fn is_saved_evidence(entry: &Descriptor) -> bool {
    let kind = entry.annotations.get(KIND).map(String::as_str);
    KIND_EVIDENCE.iter().any(|(name, _)| kind == Some(name))
}

/// Images as they can be written after the place.
fn choices(entries: &[&Descriptor]) -> Vec<String> {
    entries
        .iter()
        .filter(|entry| entry.is_manifest() && !entry.is_tag_of_evidence())
        .map(|entry| match entry.ref_name() {
            Some(name) => format!("@{} ({name})", entry.digest),
            None => format!("@{}", entry.digest),
        })
        .collect()
}
