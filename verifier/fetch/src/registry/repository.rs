//! A repository of a registry: content by digest, one manifest by tag, referrers.

use std::sync::Arc;

use sovverify::Digest;
use sovverify::evidence::OriginKind;
use sovverify::image::{Descriptor, Document};
use url::Url;

use super::ask::{Ask, Fetched, Wanted};
use super::body::Cap;
use super::client::Core;
use super::{Endpoint, links};
use crate::budget::{Budget, count, exceeded};
use crate::error::{Failure, FetchError};
use crate::layout::referrers_tag;
use crate::store::{Content, Listing, Tagged};

/// What a registry may send as a manifest.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const ANYTHING: &str = "*/*";

/// A repository.
#[derive(Debug)]
pub(crate) struct Repository {
    core: Arc<Core>,
    endpoint: Endpoint,
}

/// The manifest of an image, with what the registry said it is.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) digest: Digest,
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: Option<String>,
}

impl Repository {
    pub(super) const fn new(core: Arc<Core>, endpoint: Endpoint) -> Self {
        Self { core, endpoint }
    }

    pub(crate) fn place(&self) -> &str {
        &self.endpoint.place
    }

    /// The bytes behind a digest, not yet checked, bounded by `bound` and by `size`.
    pub(crate) async fn content(
        &self,
        kind: Content,
        digest: &Digest,
        size: Option<u64>,
        bound: (&'static str, u64),
        budget: &Budget,
    ) -> Result<Vec<u8>, FetchError> {
        let place = format!("{}@{digest}", self.place());
        let (path, accept) = match kind {
            Content::Manifest => (format!("manifests/{digest}"), MANIFESTS),
            Content::Blob => (format!("blobs/{digest}"), ANYTHING),
        };
        let cap = Cap {
            bound,
            size,
            place: &place,
        };
        if let Some(fetched) = self.get(&path, accept, cap, budget).await? {
            return Ok(fetched.bytes);
        }
        let digest = digest.clone();
        Err(FetchError::new(place, Failure::BlobMissing { digest }))
    }

    /// The image's own manifest: by digest where one was written, else by its tag, this once.
    pub(super) async fn root(
        &self,
        tag: Option<&str>,
        digest: Option<&Digest>,
        budget: &Budget,
    ) -> Result<Root, FetchError> {
        let (separator, name) = match digest {
            Some(digest) => ('@', digest.to_string()),
            None => (':', tag.unwrap_or("latest").to_owned()),
        };
        let place = format!("{}{separator}{name}", self.place());
        let path = format!("manifests/{name}");
        let bound = ("manifest_bytes", self.core.config.limits.manifest_bytes);
        let cap = Cap {
            bound,
            size: None,
            place: &place,
        };
        let ask = Ask {
            endpoint: &self.endpoint,
            url: self.url(&path)?,
            accept: MANIFESTS,
            cap,
            wanted: Wanted::Image,
        };
        let Some(fetched) = self.core.fetch(&ask, budget).await? else {
            return Err(FetchError::new(place, Failure::NotFound { what: "image" }));
        };
        let digest = match digest {
            Some(digest) => digest.clone(),
            None => resolved(&fetched, &place)?,
        };
        Ok(Root {
            digest,
            bytes: fetched.bytes,
            media_type: fetched.content_type,
        })
    }

    /// The manifest under a tag of evidence, digested by us.
    pub(crate) async fn tagged(
        &self,
        tag: &str,
        budget: &Budget,
    ) -> Result<Option<Tagged>, FetchError> {
        let place = format!("{}:{tag}", self.place());
        let bound = ("manifest_bytes", self.core.config.limits.manifest_bytes);
        let cap = Cap {
            bound,
            size: None,
            place: &place,
        };
        let path = format!("manifests/{tag}");
        let found = self.get(&path, MANIFESTS, cap, budget).await?;
        Ok(found.map(|fetched| Tagged {
            digest: Digest::sha256(&fetched.bytes),
            bytes: Arc::new(fetched.bytes),
        }))
    }

    /// The referrers of `subject`: by the API, and by the fallback tag where the API gives no list.
    pub(crate) async fn referrers(&self, subject: &Digest, budget: &Budget) -> Listing {
        let mut listing = Listing::default();
        match self.pages(subject, &mut listing, budget).await {
            Ok(true) => return listing,
            Ok(false) => {}
            Err(error) => listing.gaps.push(error.into_gap()),
        }
        // Even a registry that answers with an error may hold the tag that a client maintains.
        if listing.entries.is_empty()
            && let Err(error) = self.fallback(subject, &mut listing, budget).await
        {
            listing.gaps.push(error.into_gap());
        }
        listing
    }

    /// Reads the pages of the referrers API; false when the registry does not have it.
    async fn pages(
        &self,
        subject: &Digest,
        listing: &mut Listing,
        budget: &Budget,
    ) -> Result<bool, FetchError> {
        let limits = &self.core.config.limits;
        let place = format!("{} (referrers of {subject})", self.place());
        let first = self.url(&format!("referrers/{subject}"))?;
        let mut pages = links::Pages::new(&first);
        let mut url = first;
        loop {
            let cap = Cap {
                bound: ("manifest_bytes", limits.manifest_bytes),
                size: None,
                place: &place,
            };
            let fetched = match self.ask(url, INDEX, cap, budget).await {
                Ok(Some(fetched)) => fetched,
                Ok(None) => return Ok(false),
                Err(error) if is_unsupported(&error) => return Ok(false),
                Err(error) => return Err(error),
            };
            for entry in list(&fetched.bytes, &place)? {
                listing.entries.push((OriginKind::Referrers, entry));
            }
            // One more than the bound is enough to know that there are too many.
            if listing.entries.len() > limits.referrers {
                return Ok(true);
            }
            match pages.next(&fetched.links, &place)? {
                None => return Ok(true),
                Some(_) if pages.count() > limits.referrer_pages => {
                    let limit = count(limits.referrer_pages);
                    return Err(exceeded("referrer_pages", limit, &place));
                }
                Some(next) => url = next,
            }
        }
    }

    async fn fallback(
        &self,
        subject: &Digest,
        listing: &mut Listing,
        budget: &Budget,
    ) -> Result<(), FetchError> {
        let tag = referrers_tag(subject);
        let place = format!("{}:{tag}", self.place());
        if let Some(tagged) = self.tagged(&tag, budget).await? {
            for entry in list(&tagged.bytes, &place)? {
                listing.entries.push((OriginKind::ReferrersTag, entry));
            }
        }
        Ok(())
    }

    async fn get(
        &self,
        path: &str,
        accept: &'static str,
        cap: Cap<'_>,
        budget: &Budget,
    ) -> Result<Option<Fetched>, FetchError> {
        self.ask(self.url(path)?, accept, cap, budget).await
    }

    async fn ask(
        &self,
        url: Url,
        accept: &'static str,
        cap: Cap<'_>,
        budget: &Budget,
    ) -> Result<Option<Fetched>, FetchError> {
        let endpoint = &self.endpoint;
        let ask = Ask {
            endpoint,
            url,
            accept,
            cap,
            wanted: Wanted::Evidence,
        };
        self.core.fetch(&ask, budget).await
    }

    /// `/v2/<name>/<path>`; name, digest and tag were parsed, so nothing in them leads elsewhere.
    fn url(&self, path: &str) -> Result<Url, FetchError> {
        let path = format!("/v2/{}/{path}", self.endpoint.repository);
        self.endpoint.origin.join(&path).map_err(|error| {
            let (expected, found) = ("a URL", error.to_string());
            FetchError::new(self.place(), Failure::UnexpectedAnswer { expected, found })
        })
    }
}

/// The digest that a tag leads to: that of the bytes. The digest that the registry announces is not
/// believed, but it must be the same: there are runtimes that pull what was announced, and they
/// would run another image than the one that was judged.
fn resolved(fetched: &Fetched, place: &str) -> Result<Digest, FetchError> {
    let announced = fetched.announced.as_deref();
    let announced: Option<Digest> = announced.and_then(|text| text.trim().parse().ok());
    if let Some(expected) = announced
        && !expected.matches(&fetched.bytes)
    {
        let found = expected.algorithm().digest(&fetched.bytes);
        return Err(FetchError::new(
            place,
            Failure::DigestMismatch { expected, found },
        ));
    }
    Ok(Digest::sha256(&fetched.bytes))
}

/// Registries without the referrers API answer 404; some that know the path but not the method or
/// the parameters answer 400 or 405.
fn is_unsupported(error: &FetchError) -> bool {
    match error.failure() {
        Failure::UnexpectedAnswer { found, .. } => {
            matches!(found.as_str(), "status 400" | "status 405")
        }
        _ => false,
    }
}

/// A list of referrers. Its digest is nobody's claim, so there is nothing to check it against: each
/// entry is read and judged by itself.
fn list(bytes: &[u8], place: &str) -> Result<Vec<Descriptor>, FetchError> {
    let expected = "an index that lists referrers";
    let found = match Document::parse(bytes, None) {
        Ok(Document::Index(index)) => return Ok(index.manifests),
        Ok(document) => format!("media type `{}`", document.media_type()),
        Err(error) => error.to_string(),
    };
    Err(FetchError::new(
        place,
        Failure::UnexpectedAnswer { expected, found },
    ))
}
