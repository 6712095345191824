//! One face for every kind of place: content by digest, manifests by tag, referrers by subject.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sovverify::Digest;
use sovverify::evidence::{Evidence, Gap, OriginKind};
use sovverify::image::Descriptor;
use tokio::sync::OnceCell;

use crate::budget::{Budget, checked, worker_lost};
use crate::error::FetchError;
use crate::layout::Layout;
use crate::registry::Repository;
use crate::skopeo::SkopeoDirectory;

/// Where content lies.
#[derive(Debug)]
pub(crate) enum Backend {
    /// An OCI layout, directory or archive.
    Layout(Arc<Layout>),
    /// A `skopeo dir:` directory.
    Skopeo(Arc<SkopeoDirectory>),
    /// A repository of a registry.
    Registry(Repository),
}

/// What is asked for by digest: registries keep the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Content {
    /// A manifest or index.
    Manifest,
    /// A blob of evidence.
    Blob,
}

/// A manifest found under a tag, already read and digested by us.
#[derive(Clone, Debug)]
pub(crate) struct Tagged {
    pub(crate) digest: Digest,
    pub(crate) bytes: Arc<Vec<u8>>,
}

/// The referrers of one manifest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// Each with the way it was found.
    pub(crate) entries: Vec<(OriginKind, Descriptor)>,
    /// What could not be read.
    pub(crate) gaps: Vec<Gap>,
}

/// The outcome of one way of looking for evidence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) gaps: Vec<Gap>,
}

/// The size is part of the key: a descriptor that lies about it must not spoil an honest one.
type Key = (Content, Digest, Option<u64>);
type Slot = Arc<OnceCell<Result<Arc<Vec<u8>>, FetchError>>>;

/// A place with evidence, and what was already read from it.
#[derive(Debug)]
pub(crate) struct Store {
    backend: Backend,
    budget: Arc<Budget>,
    slots: Mutex<BTreeMap<Key, Slot>>,
}

impl Store {
    pub(crate) fn new(backend: Backend, budget: Arc<Budget>) -> Self {
        Self {
            backend,
            budget,
            slots: Mutex::new(BTreeMap::new()),
        }
    }

    pub(crate) const fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Content by digest, read once and checked against digest and size.
    pub(crate) async fn content(
        &self,
        kind: Content,
        digest: &Digest,
        size: Option<u64>,
    ) -> Result<Arc<Vec<u8>>, FetchError> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry((kind, digest.clone(), size)).or_default())
        };
        let place = self.place_of(digest);
        if let Some(bytes) = slot.get() {
            let bytes = bytes.clone()?;
            // The same content under a second name still costs memory where it is kept.
            self.budget.charge(bytes.len(), &place)?;
            return Ok(bytes);
        }
        slot.get_or_init(|| async {
            let bytes = self.read(kind, digest, size).await?;
            checked(bytes, digest, size, &place).await.map(Arc::new)
        })
        .await
        .clone()
    }

    async fn read(
        &self,
        kind: Content,
        digest: &Digest,
        size: Option<u64>,
    ) -> Result<Vec<u8>, FetchError> {
        let limits = self.budget.limits();
        let bound = match kind {
            Content::Manifest => ("manifest_bytes", limits.manifest_bytes),
            Content::Blob => ("evidence_bytes", limits.evidence_bytes),
        };
        match &self.backend {
            Backend::Layout(layout) => {
                let (layout, digest) = (Arc::clone(layout), digest.clone());
                self.blocking(move || layout.content(&digest, bound)).await
            }
            Backend::Skopeo(directory) => {
                let (directory, digest) = (Arc::clone(directory), digest.clone());
                self.blocking(move || directory.content(kind, &digest, bound))
                    .await
            }
            Backend::Registry(repository) => {
                repository
                    .content(kind, digest, size, bound, &self.budget)
                    .await
            }
        }
    }

    async fn blocking<F>(&self, read: F) -> Result<Vec<u8>, FetchError>
    where
        F: FnOnce() -> Result<Vec<u8>, FetchError> + Send + 'static,
    {
        let place = self.place();
        let bytes = tokio::task::spawn_blocking(read)
            .await
            .map_err(|error| worker_lost(&error, &place))??;
        self.budget.charge(bytes.len(), &place)?;
        Ok(bytes)
    }

    /// The manifests under `tag`: none or one in a registry; a layout may hold several.
    pub(crate) async fn tagged(&self, tag: &str) -> Vec<Result<Tagged, FetchError>> {
        match &self.backend {
            Backend::Layout(layout) => {
                let mut found = Vec::new();
                for entry in layout.tagged(tag) {
                    found.push(self.listed(&entry).await);
                }
                found
            }
            Backend::Skopeo(_) => Vec::new(),
            Backend::Registry(repository) => repository
                .tagged(tag, &self.budget)
                .await
                .transpose()
                .into_iter()
                .collect(),
        }
    }

    /// The manifest behind a descriptor.
    pub(crate) async fn listed(&self, entry: &Descriptor) -> Result<Tagged, FetchError> {
        let bytes = self
            .content(Content::Manifest, &entry.digest, Some(entry.size))
            .await?;
        Ok(Tagged {
            digest: entry.digest.clone(),
            bytes,
        })
    }

    /// The manifests that name `subject` as theirs.
    pub(crate) async fn referrers(&self, subject: &Digest) -> Listing {
        match &self.backend {
            Backend::Layout(layout) => {
                let (layout, subject) = (Arc::clone(layout), subject.clone());
                tokio::task::spawn_blocking(move || layout.referrers(&subject))
                    .await
                    .unwrap_or_else(|error| Listing {
                        entries: Vec::new(),
                        gaps: vec![worker_lost(&error, &self.place()).into_gap()],
                    })
            }
            Backend::Skopeo(_) => Listing::default(),
            Backend::Registry(repository) => repository.referrers(subject, &self.budget).await,
        }
    }

    /// The place as a whole, for people.
    pub(crate) fn place(&self) -> String {
        match &self.backend {
            Backend::Layout(layout) => layout.place().to_owned(),
            Backend::Skopeo(directory) => directory.place().to_owned(),
            Backend::Registry(repository) => repository.place().to_owned(),
        }
    }

    /// The place of the content with `digest`, for people.
    pub(crate) fn place_of(&self, digest: &Digest) -> String {
        format!("{}@{digest}", self.place())
    }

    /// The place of `tag`, for people.
    pub(crate) fn place_of_tag(&self, tag: &str) -> String {
        format!("{}:{tag}", self.place())
    }
}
