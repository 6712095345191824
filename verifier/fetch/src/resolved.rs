//! An image that is pinned, before anybody looked for its evidence.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sovverify::image::{PinError, PinnedImage};
use sovverify::{EvidenceSet, Platform};

use crate::Request;
use crate::budget::{Budget, worker_lost};
use crate::collect;
use crate::error::{Failure, FetchError};
use crate::layout::{Layout, Selected};
use crate::location::{Location, Selector};
use crate::skopeo::SkopeoDirectory;
use crate::store::{Backend, Store};

/// An image that is pinned to one manifest, and where its evidence would be looked for.
///
/// Resolving and collecting have one budget of bytes, pieces and time. The clock stands still in
/// between: an image may wait here for its turn without losing any of its time.
#[derive(Debug)]
pub struct Resolved {
    image: PinnedImage,
    stores: Vec<Store>,
    platforms: Vec<Platform>,
    budget: Arc<Budget>,
    left: Duration,
}

impl Resolved {
    pub(crate) fn new(
        image: PinnedImage,
        stores: Vec<Store>,
        request: &Request,
        budget: Arc<Budget>,
    ) -> Self {
        Self {
            image,
            stores,
            platforms: request.platforms.clone(),
            left: budget.time_left(),
            budget,
        }
    }

    /// The image.
    pub const fn image(&self) -> &PinnedImage {
        &self.image
    }

    /// Collects everything attached to the image. What cannot be read is a gap in the result.
    pub async fn evidence(self) -> EvidenceSet {
        self.held_evidence().await.0
    }

    /// The same, and what counts its bytes among those that are held for all images: keep it as long
    /// as the evidence.
    pub async fn held_evidence(self) -> (EvidenceSet, Hold) {
        self.budget.resume(self.left);
        let (image, budget) = (self.image, self.budget);
        let evidence = collect::collect(image, &self.stores, &self.platforms, &budget).await;
        (evidence, Hold(budget))
    }
}

/// Counts the bytes of one image's evidence until it is dropped.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "it works by being dropped")] Arc<Budget>);

/// How a layout is opened.
type Open = fn(&Path, &str, Arc<Budget>) -> Result<Layout, FetchError>;

pub(crate) async fn in_layout(
    open: Open,
    path: &Path,
    place: String,
    selector: &Selector,
    (location, request): (&Location, &Request),
    budget: Arc<Budget>,
) -> Result<Resolved, FetchError> {
    let (path, selector) = (path.to_owned(), selector.clone());
    let (layout, selected) = blocking(&place, {
        let (place, budget) = (place.clone(), Arc::clone(&budget));
        move || {
            let layout = open(&path, &place, budget)?;
            let selected = layout.select(&selector)?;
            Ok((layout, selected))
        }
    })
    .await?;
    let Selected {
        digest,
        bytes,
        media_type,
        name,
    } = selected;
    let name = request.name.clone().or(name);
    let announced = media_type.as_deref();
    let image = PinnedImage::pin(location.to_string(), name, digest, &bytes, announced)
        .map_err(|error| unpinned(location, error))?;
    let store = Store::new(Backend::Layout(Arc::new(layout)), Arc::clone(&budget));
    Ok(Resolved::new(image, vec![store], request, budget))
}

pub(crate) async fn in_directory(
    dir: &Path,
    location: &Location,
    request: &Request,
    budget: Arc<Budget>,
) -> Result<Resolved, FetchError> {
    let place = location.to_string();
    let (directory, bytes) = blocking(&place, {
        let (dir, place, budget) = (PathBuf::from(dir), place.clone(), Arc::clone(&budget));
        move || SkopeoDirectory::open(&dir, &place, &budget)
    })
    .await?;
    let (name, digest) = (request.name.clone(), directory.digest().clone());
    let image = PinnedImage::pin(location.to_string(), name, digest, &bytes, None)
        .map_err(|error| unpinned(location, error))?;
    let store = Store::new(Backend::Skopeo(Arc::new(directory)), Arc::clone(&budget));
    Ok(Resolved::new(image, vec![store], request, budget))
}

/// Runs work that reads the disk away from the reactor.
async fn blocking<T, F>(place: &str, work: F) -> Result<T, FetchError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, FetchError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| worker_lost(&error, place))?
}

fn unpinned(location: &Location, error: PinError) -> FetchError {
    FetchError::new(location.to_string(), Failure::from(error))
}
