//! Discovery: finds an image and everything attached to it, in a registry or on the disk.
//!
//! ```text
//! Location ─resolve once─► PinnedImage ─discover─► EvidenceSet (untrusted bytes + origin)
//!          └──────── Resolved ───────┘
//! ```
//!
//! Read [`Discovery`] first, then [`location`], [`config`], [`limits`] and [`error`]; [`load`] is what
//! both binaries read before they ask for any image.
//!
//! **Invariant**: no trust decision is made here. A tag is resolved exactly once, everything else is
//! asked for by digest, and no byte leaves this crate before it was checked against its digest and
//! size. What could not be read is an error or a [gap](sovverify::evidence::Gap), never silence.

use std::sync::Arc;

use sovverify::{EvidenceSet, ImageName, ImageReference, Platform};

mod bounded;
mod budget;
mod classify;
mod collect;
pub mod config;
pub mod error;
mod layout;
pub mod limits;
pub mod load;
pub mod location;
pub mod observe;
mod registry;
mod resolved;
mod skopeo;
mod store;
mod tenant;

pub use config::FetchConfig;
pub use error::{Failure, Fault, FetchError};
pub use limits::FetchLimits;
pub use location::{Location, LocationError, Selector};
pub use resolved::{Hold, Resolved};
pub use tenant::{ScopeId, ScopeKey};

use budget::{Budget, Held};
use config::Network;
use layout::Layout;
use registry::Registries;
use resolved::{in_directory, in_layout};

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
/// access tokens among them; so do its clones.
#[derive(Clone, Debug)]
pub struct Discovery {
    config: Arc<FetchConfig>,
    registries: Registries,
    held: Arc<Held>,
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
        Ok(Self {
            config,
            registries,
            held: Arc::default(),
        })
    }

    /// Reads the process's own documents of credentials once, for whoever wants to know before the first
    /// image that they can be used. Blocks.
    ///
    /// # Errors
    ///
    /// `registry/credentials-unusable` for the first that cannot.
    pub fn check_credentials(&self) -> Result<(), FetchError> {
        Registries::check_credentials(&self.config)
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
        Ok(self.resolve(location, request).await?.evidence().await)
    }

    /// Resolves `location` once: from here on the image is one manifest, and its evidence can be
    /// collected now, later or never.
    ///
    /// # Errors
    ///
    /// [`FetchError`] when the image cannot be had.
    pub async fn resolve(
        &self,
        location: &Location,
        request: &Request,
    ) -> Result<Resolved, FetchError> {
        let budget = Arc::new(Budget::start(&self.config.limits, &self.held));
        match location {
            Location::Registry(reference) => self.in_registry(reference, request, budget).await,
            Location::OciLayout { dir, selector } => {
                let place = format!("oci:{}", dir.display());
                let open = Layout::open_directory;
                in_layout(open, dir, place, selector, (location, request), budget).await
            }
            Location::OciArchive { file, selector } => {
                let place = format!("oci-archive:{}", file.display());
                let open = Layout::open_archive;
                in_layout(open, file, place, selector, (location, request), budget).await
            }
            Location::Directory { dir } => in_directory(dir, location, request, budget).await,
        }
    }

    async fn in_registry(
        &self,
        reference: &ImageReference,
        request: &Request,
        budget: Arc<Budget>,
    ) -> Result<Resolved, FetchError> {
        if self.config.network == Network::Offline {
            return Err(FetchError::new(reference.to_string(), Failure::Offline));
        }
        let repositories = self.registries.repositories(reference.name())?;
        let (image, stores) = repositories.resolve(reference, &budget).await?;
        Ok(Resolved::new(image, stores, request, budget))
    }
}
