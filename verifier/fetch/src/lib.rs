//! Discovery: finds an image and everything attached to it, in a registry or on the disk.
//!
//! ```text
//! Location ─resolve once─► PinnedImage ─discover─► EvidenceSet (untrusted bytes + origin)
//! ```
//!
//! Read [`Discovery`] first, then [`location`], [`config`], [`limits`] and [`error`].
//!
//! **Invariant**: no trust decision is made here. A tag is resolved exactly once, everything else is
//! asked for by digest, and no byte leaves this crate before it was checked against its digest and
//! size. What could not be read is an error or a [gap](sovverify::evidence::Gap), never silence.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sovverify::image::{PinError, PinnedImage};
use sovverify::{EvidenceSet, ImageName, ImageReference, Platform};

mod budget;
mod classify;
mod collect;
pub mod config;
pub mod error;
mod layout;
pub mod limits;
pub mod location;
mod registry;
mod skopeo;
mod store;

pub use config::FetchConfig;
pub use error::{Failure, Fault, FetchError};
pub use limits::FetchLimits;
pub use location::{Location, LocationError, Selector};

use budget::{Budget, worker_lost};
use config::Network;
use layout::{Layout, Selected};
use registry::Registries;
use skopeo::SkopeoDirectory;
use store::{Backend, Store};

/// What is asked about one image, beside its location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The name to which the image of a layout or directory belongs, for policies that match names.
    /// Without it a layout's own full reference counts, where it has one. Ignored for registries:
    /// there the name is the one that was asked for.
    pub name: Option<ImageName>,
    /// Platforms for whose manifests evidence is looked up; every one that can run when empty.
    pub platforms: Vec<Platform>,
}

/// Finds images and their evidence. One value serves many images, and shares connections and
/// access tokens among them.
#[derive(Debug)]
pub struct Discovery {
    config: Arc<FetchConfig>,
    registries: Registries,
}

impl Discovery {
    /// Checks the configuration. Opens no socket and reads no certificate store yet, so that work
    /// on layouts alone stays cheap.
    ///
    /// # Errors
    ///
    /// `registry/config-invalid` for a configuration that cannot be used.
    pub fn new(config: FetchConfig) -> Result<Self, FetchError> {
        let config = Arc::new(config);
        let registries = Registries::new(Arc::clone(&config))?;
        Ok(Self { config, registries })
    }

    /// Resolves `location` once and collects everything attached to the image.
    ///
    /// # Errors
    ///
    /// [`FetchError`] when the image itself cannot be had. Evidence that cannot be read is a gap in
    /// the result.
    pub async fn discover(
        &self,
        location: &Location,
        request: &Request,
    ) -> Result<EvidenceSet, FetchError> {
        let budget = Arc::new(Budget::start(&self.config.limits));
        match location {
            Location::Registry(reference) => self.in_registry(reference, request, &budget).await,
            Location::OciLayout { dir, selector } => {
                let place = format!("oci:{}", dir.display());
                let open = Layout::open_directory;
                in_layout(open, dir, place, selector, (location, request), &budget).await
            }
            Location::OciArchive { file, selector } => {
                let place = format!("oci-archive:{}", file.display());
                let open = Layout::open_archive;
                in_layout(open, file, place, selector, (location, request), &budget).await
            }
            Location::Directory { dir } => in_directory(dir, location, request, &budget).await,
        }
    }

    async fn in_registry(
        &self,
        reference: &ImageReference,
        request: &Request,
        budget: &Arc<Budget>,
    ) -> Result<EvidenceSet, FetchError> {
        if self.config.network == Network::Offline {
            return Err(FetchError::new(reference.to_string(), Failure::Offline));
        }
        let repositories = self.registries.repositories(reference.name())?;
        let (image, stores) = repositories.resolve(reference, budget).await?;
        Ok(collect::collect(image, &stores, &request.platforms, budget).await)
    }
}

type Open = fn(&Path, &str, Arc<Budget>) -> Result<Layout, FetchError>;

async fn in_layout(
    open: Open,
    path: &Path,
    place: String,
    selector: &Selector,
    (location, request): (&Location, &Request),
    budget: &Arc<Budget>,
) -> Result<EvidenceSet, FetchError> {
    let (path, selector) = (path.to_owned(), selector.clone());
    let (layout, selected) = blocking(&place, {
        let (place, budget) = (place.clone(), Arc::clone(budget));
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
    let store = Store::new(Backend::Layout(Arc::new(layout)), Arc::clone(budget));
    Ok(collect::collect(image, &[store], &request.platforms, budget).await)
}

async fn in_directory(
    dir: &Path,
    location: &Location,
    request: &Request,
    budget: &Arc<Budget>,
) -> Result<EvidenceSet, FetchError> {
    let place = location.to_string();
    let (directory, bytes) = blocking(&place, {
        let (dir, place, budget) = (PathBuf::from(dir), place.clone(), Arc::clone(budget));
        move || SkopeoDirectory::open(&dir, &place, &budget)
    })
    .await?;
    let (name, digest) = (request.name.clone(), directory.digest().clone());
    let image = PinnedImage::pin(location.to_string(), name, digest, &bytes, None)
        .map_err(|error| unpinned(location, error))?;
    let store = Store::new(Backend::Skopeo(Arc::new(directory)), Arc::clone(budget));
    Ok(collect::collect(image, &[store], &request.platforms, budget).await)
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
