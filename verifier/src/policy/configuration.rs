//! Settings of the process, as plain values for whoever fetches and judges.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::file::FileKey;
use crate::image::ImageName;

/// What happens to images that no policy matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unmatched {
    /// They are denied.
    #[default]
    Deny,
    /// They are admitted without any verification, and every verdict says so.
    DangerAdmit,
}

/// Settings of the process, from the `Configuration` document; the default where there is none.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// What happens to images that no policy matches.
    pub unmatched: Unmatched,
    /// Where to connect for a name, without changing the image's identity.
    pub mirrors: Vec<Mirror>,
    /// Repositories in which evidence is kept apart from the images.
    pub signature_repositories: Vec<SignatureRepository>,
    /// Registries, as `host` or `host:port`, that are asked over plain HTTP.
    pub insecure_registries: BTreeSet<String>,
    /// PEM certificates of authorities that vouch for registries.
    pub authorities: Vec<String>,
    /// Whether the system's own authorities vouch for registries too.
    pub system_authorities: SystemAuthorities,
    /// Token services on another host than the registry they belong to.
    pub token_services: BTreeMap<String, BTreeSet<String>>,
    /// Credential files in docker's format, named relative to the document; they must exist.
    pub credential_files: Vec<FileKey>,
    /// Directories in which credential helpers are looked up; none are run where it is empty.
    pub helper_directories: Vec<String>,
    /// Bounds that differ from the built-in ones.
    pub limits: LimitOverrides,
}

/// Whether the system's own certificate authorities vouch for registries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemAuthorities {
    /// They do, beside those that are listed.
    #[default]
    Trusted,
    /// Only those that are listed do.
    Ignored,
}

/// A rewrite of names: `prefix` and everything below it is fetched from `location`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// A registry, or a registry with the beginning of a repository path, in canonical spelling.
    pub prefix: String,
    /// What stands in its place.
    pub location: String,
}

/// A repository in which evidence is kept apart from images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureRepository {
    /// The images that it is about, by the beginning of their names; all where absent.
    pub images: Option<String>,
    /// The repository that holds the evidence.
    pub repository: ImageName,
}

/// Bounds that were written; every absent one keeps its built-in value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitOverrides {
    /// Bytes of one manifest or index.
    pub manifest_bytes: Option<u64>,
    /// Bytes of one piece of evidence.
    pub evidence_bytes: Option<u64>,
    /// Bytes of everything read for one image.
    pub total_bytes: Option<u64>,
    /// Referrers of one manifest.
    pub referrers: Option<u32>,
    /// Pieces of evidence of one image.
    pub evidence: Option<u32>,
    /// Platforms of one index.
    pub platforms: Option<u32>,
    /// Redirects of one request.
    pub redirects: Option<u32>,
    /// Times that one request is sent.
    pub attempts: Option<u32>,
    /// Requests in flight at once.
    pub concurrent_requests: Option<u32>,
    /// Time to open a connection.
    pub connect_time: Option<Duration>,
    /// Time without a single byte from the registry.
    pub idle_time: Option<Duration>,
    /// Time for everything about one image.
    pub total_time: Option<Duration>,
}
