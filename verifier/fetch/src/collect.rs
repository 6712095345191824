//! Everything attached to one image, from every way in which evidence is attached.
//!
//! **Invariant**: what an index, a list or a tag says about evidence is never believed; each
//! manifest is read and its own content decides what it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use sovverify::evidence::{Evidence, EvidenceSet, Form, Gap, OriginKind};
use sovverify::image::{Descriptor, Document, PinnedImage, Platform};
use sovverify::{Code, Digest};

use crate::budget::{Budget, count, exceeded};
use crate::classify::Role;
use crate::error::FetchError;
use crate::store::{Backend, Part, Store};
use carrier::Carrier;

mod carrier;

/// cosign's tag suffixes and what stands under them.
const COSIGN_TAGS: [(&str, Role); 3] = [
    ("sig", Role::Signatures),
    ("att", Role::Attestations),
    ("sbom", Role::Sboms),
];
/// Characters in a tag, as in the distribution specification.
const MAX_TAG: usize = 128;

/// Collects the evidence about `image` from `stores`; the first holds the image itself.
pub(crate) async fn collect(
    image: PinnedImage,
    stores: &[Store],
    platforms: &[Platform],
    budget: &Budget,
) -> EvidenceSet {
    let mut gaps = Vec::new();
    let subjects = subjects(&image, platforms, budget, &mut gaps);
    let mut ways: Vec<BoxFuture<'_, Part>> = Vec::new();
    for store in stores {
        let search = Search { store, budget };
        for subject in &subjects {
            ways.push(search.referrers(subject).boxed());
            for (suffix, role) in COSIGN_TAGS {
                ways.push(search.cosign_tag(subject, suffix, role).boxed());
            }
            ways.push(search.beside(subject).boxed());
        }
    }
    if let Some(store) = stores.first() {
        let search = Search { store, budget };
        ways.push(search.in_index(&image, &subjects).boxed());
    }
    let parts = join_all(ways).await;
    assemble(image, parts, gaps, budget)
}

/// The manifests for which evidence is looked up: the root, and the selected platforms.
fn subjects(
    image: &PinnedImage,
    platforms: &[Platform],
    budget: &Budget,
    gaps: &mut Vec<Gap>,
) -> Vec<Digest> {
    let mut subjects = vec![image.digest().clone()];
    if !image.is_index() {
        return subjects;
    }
    let selected = |platform: Option<&Platform>| {
        // An entry that names no platform may be picked for any: the policy sees it so, too.
        platforms.is_empty()
            || platform.is_none_or(|platform| platforms.iter().any(|want| platform.serves(want)))
    };
    let mut seen: BTreeSet<Digest> = subjects.iter().cloned().collect();
    for manifest in image.platforms() {
        if !selected(manifest.platform.as_ref()) || !seen.insert(manifest.digest.clone()) {
            continue;
        }
        if subjects.len() > budget.limits().platforms {
            let limit = count(budget.limits().platforms);
            gaps.push(exceeded("platforms", limit, image.reference()).into_gap());
            break;
        }
        subjects.push(manifest.digest);
    }
    subjects
}

/// Puts the parts together: each piece once, in the order of the search, within the bound.
fn assemble(
    image: PinnedImage,
    parts: Vec<Part>,
    mut gaps: Vec<Gap>,
    budget: &Budget,
) -> EvidenceSet {
    let bound = budget.limits().evidence;
    let mut evidence = Vec::new();
    let mut seen = BTreeSet::new();
    for part in parts {
        for gap in part.gaps {
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
        for piece in part.evidence {
            if evidence.len() < bound && seen.insert(identity(&piece)) {
                evidence.push(piece);
            } else if evidence.len() >= bound && !seen.contains(&identity(&piece)) {
                let gap = exceeded("evidence", count(bound), image.reference()).into_gap();
                if !gaps.contains(&gap) {
                    gaps.push(gap);
                }
            }
        }
    }
    EvidenceSet {
        image,
        evidence,
        gaps,
    }
}

/// What makes two pieces one: the same manifest, the same form, the same bytes and annotations.
fn identity(piece: &Evidence) -> (Digest, &'static str, Digest, String) {
    let (form, beside) = match &piece.form {
        Form::Bundle(_) => ("bundle", String::new()),
        Form::CosignSignature { annotations, .. } => ("signature", format!("{annotations:?}")),
        Form::CosignAttestation { annotations, .. } => ("attestation", format!("{annotations:?}")),
        Form::UnsignedSbom { media_type, .. } => ("sbom", media_type.clone()),
        Form::IndexStatement { predicate_type, .. } => ("statement", predicate_type.clone()),
        Form::Other { artifact_type } => ("other", artifact_type.clone()),
        _ => ("unknown", String::new()),
    };
    (
        piece.subject.clone(),
        form,
        piece.origin.blob.clone(),
        beside,
    )
}

#[derive(Clone, Copy)]
struct Search<'a> {
    store: &'a Store,
    budget: &'a Budget,
}

impl<'a> Search<'a> {
    /// Manifests that name `subject` as theirs.
    async fn referrers(self, subject: &'a Digest) -> Part {
        let mut listing = self.store.referrers(subject).await;
        let bound = self.budget.limits().referrers;
        if listing.entries.len() > bound {
            listing.entries.truncate(bound);
            let gap = exceeded("referrers", count(bound), &self.store.place_of(subject));
            listing.gaps.push(gap.into_gap());
        }
        // The registry's order may change from one day to the next; ours must not.
        listing
            .entries
            .sort_by(|(a, x), (b, y)| (&x.digest, x.size, a).cmp(&(&y.digest, y.size, b)));
        listing
            .entries
            .dedup_by(|(_, x), (_, y)| x.digest == y.digest && x.size == y.size);
        let read = listing
            .entries
            .iter()
            .map(|(kind, entry)| self.referrer(subject, *kind, entry));
        let mut part = merge(join_all(read).await);
        part.gaps.append(&mut listing.gaps);
        part
    }

    async fn referrer(self, subject: &'a Digest, kind: OriginKind, entry: &Descriptor) -> Part {
        let place = self.store.place_of(&entry.digest);
        let tagged = match self.store.listed(entry).await {
            Ok(tagged) => tagged,
            Err(error) => return gap(error),
        };
        let carrier = Carrier {
            subject,
            kind,
            place,
            role: Role::Referrer,
        };
        self.carrier(carrier, &tagged).await
    }

    /// The manifests under a cosign tag of `subject`.
    async fn cosign_tag(self, subject: &'a Digest, suffix: &str, role: Role) -> Part {
        let name = subject.algorithm().name();
        let tag = format!("{name}-{}.{suffix}", subject.hex());
        if tag.len() > MAX_TAG {
            return Part::default();
        }
        let found = self.store.tagged(&tag).await;
        let read = found.into_iter().map(|tagged| async {
            let tagged = match tagged {
                Ok(tagged) => tagged,
                Err(error) => return gap(error),
            };
            let carrier = Carrier {
                subject,
                kind: OriginKind::CosignTag,
                place: self.store.place_of_tag(&tag),
                role,
            };
            self.carrier(carrier, &tagged).await
        });
        merge(join_all(read).await)
    }

    /// What lies beside `subject` in ways that only one kind of store knows: the manifests that
    /// `cosign save` marks by kind, and the signature files of a `skopeo dir:` directory.
    async fn beside(self, subject: &'a Digest) -> Part {
        let layout = match self.store.backend() {
            Backend::Layout(layout) => Arc::clone(layout),
            Backend::Skopeo(directory) => {
                return directory.signatures(subject, self.budget).await;
            }
            Backend::Registry(_) => return Part::default(),
        };
        let saved = layout.saved_with(subject);
        let read = saved.iter().map(|(role, entry)| async move {
            let place = self.store.place_of(&entry.digest);
            let tagged = match self.store.listed(entry).await {
                Ok(tagged) => tagged,
                Err(error) => return gap(error),
            };
            let carrier = Carrier {
                subject,
                kind: OriginKind::CosignTag,
                place,
                role: *role,
            };
            self.carrier(carrier, &tagged).await
        });
        merge(join_all(read).await)
    }

    /// Attestation manifests inside the index (BuildKit `docs/attestations/attestation-storage.md`).
    async fn in_index(self, image: &PinnedImage, subjects: &'a [Digest]) -> Part {
        let Document::Index(index) = image.document() else {
            return Part::default();
        };
        let read = index
            .manifests
            .iter()
            .filter(|entry| entry.is_attestation_manifest())
            .filter_map(|entry| {
                let about: Digest = entry
                    .annotations
                    .get("vnd.docker.reference.digest")?
                    .parse()
                    .ok()?;
                // The root is no platform: only selected platforms have attestation manifests.
                let subject = subjects.iter().skip(1).find(|subject| **subject == about)?;
                Some((subject, entry))
            })
            .take(self.budget.limits().referrers)
            .map(|(subject, entry)| async move {
                let place = self.store.place_of(&entry.digest);
                let tagged = match self.store.listed(entry).await {
                    Ok(tagged) => tagged,
                    Err(error) => return gap(error),
                };
                let carrier = Carrier {
                    subject,
                    kind: OriginKind::Index,
                    place,
                    role: Role::InIndex,
                };
                self.carrier(carrier, &tagged).await
            });
        merge(join_all(read).await)
    }
}

/// A failure while reading evidence: the image may have more than we could see.
///
/// A blob that the store says it does not have is listed all the same, so it is missing evidence
/// and not an absent image.
fn gap(error: FetchError) -> Part {
    let mut gap = error.into_gap();
    if gap.code == Code::ImageNotFound {
        gap.code = Code::EvidenceBlobMissing;
    }
    Part {
        evidence: Vec::new(),
        gaps: vec![gap],
    }
}

fn merge(parts: Vec<Part>) -> Part {
    let mut all = Part::default();
    for mut part in parts {
        all.evidence.append(&mut part.evidence);
        all.gaps.append(&mut part.gaps);
    }
    all
}
