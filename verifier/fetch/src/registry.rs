//! Registries by the OCI distribution specification: answered as offline until the client lands.
#![expect(
    clippy::unused_async,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::unnecessary_literal_bound,
    reason = "the client follows in the next change"
)]
use std::sync::Arc;

use sovverify::image::PinnedImage;
use sovverify::{Digest, ImageName, ImageReference};

use crate::budget::Budget;
use crate::config::FetchConfig;
use crate::error::{Failure, FetchError};
use crate::store::{Content, Listing, Store, Tagged};

#[derive(Debug)]
pub(crate) struct Registries {}
#[derive(Debug)]
pub(crate) struct Repository {}
pub(crate) struct Repositories {}

impl Registries {
    pub(crate) fn new(_: Arc<FetchConfig>) -> Result<Self, FetchError> {
        Ok(Self {})
    }
    pub(crate) fn repositories(&self, _: &ImageName) -> Result<Repositories, FetchError> {
        Err(FetchError::new("", Failure::Offline))
    }
}
impl Repositories {
    pub(crate) async fn resolve(
        self,
        _: &ImageReference,
        _: &Arc<Budget>,
    ) -> Result<(PinnedImage, Vec<Store>), FetchError> {
        Err(FetchError::new("", Failure::Offline))
    }
}
impl Repository {
    pub(crate) async fn content(
        &self,
        _: Content,
        _: &Digest,
        _: Option<u64>,
        _: (&'static str, u64),
        _: &Budget,
    ) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::new("", Failure::Offline))
    }
    pub(crate) async fn tagged(&self, _: &str, _: &Budget) -> Result<Option<Tagged>, FetchError> {
        Ok(None)
    }
    pub(crate) async fn referrers(&self, _: &Digest, _: &Budget) -> Listing {
        Listing::default()
    }
    pub(crate) fn place(&self) -> &str {
        ""
    }
}
