//! Settings of the process, as plain values for whoever fetches and judges.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::file::FileKey;
use crate::digest::Digest;
use crate::image::ImageName;
use crate::json::canonical;
use crate::workload::WorkloadFields;

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
    /// The only registries that are asked: `host`, `host:port`, or `*.` before one; every one where
    /// nothing was written.
    pub allowed_registries: Option<BTreeSet<String>>,
    /// The only registries that may be on this machine, as `host` or `host:port`; whoever runs the
    /// process decides where nothing was written.
    pub local_registries: Option<BTreeSet<String>>,
    /// PEM certificates of authorities that vouch for registries.
    pub authorities: Vec<String>,
    /// Whether the system's own authorities vouch for registries too.
    pub system_authorities: SystemAuthorities,
    /// Token services on another host than the registry they belong to.
    pub token_services: BTreeMap<String, BTreeSet<String>>,
    /// Tokens of the workload in files, which registries accept directly or in exchange.
    pub token_credentials: Vec<TokenCredential>,
    /// Credential files in docker's format, named relative to the document; they must exist.
    pub credential_files: Vec<FileKey>,
    /// Directories in which credential helpers are looked up; none are run where it is empty.
    pub helper_directories: Vec<String>,
    /// Bounds that differ from the built-in ones.
    pub limits: LimitOverrides,
    /// Which fields of which Kubernetes objects hold images.
    pub workloads: WorkloadFields,
}

impl Configuration {
    /// SHA-256 over everything that can change which evidence is found, or how it is judged. Times and
    /// numbers of attempts decide how long somebody waits, not what comes out.
    pub(super) fn digest(&self) -> Digest {
        let mirrors: Vec<Value> = self
            .mirrors
            .iter()
            .map(|mirror| json!([mirror.prefix, mirror.location]))
            .collect();
        let repositories: Vec<Value> = self
            .signature_repositories
            .iter()
            .map(|kept| json!([kept.images, kept.repository.to_string()]))
            .collect();
        let limits = &self.limits;
        canonical::digest(&json!({
            "unmatched": matches!(self.unmatched, Unmatched::DangerAdmit),
            "mirrors": mirrors,
            "signatureRepositories": repositories,
            "insecure": self.insecure_registries,
            "authorities": self.authorities,
            "systemAuthorities": matches!(self.system_authorities, SystemAuthorities::Trusted),
            "tokenServices": self.token_services,
            "limits": [
                limits.manifest_bytes,
                limits.evidence_bytes,
                limits.total_bytes,
                limits.referrers.map(u64::from),
                limits.evidence.map(u64::from),
                limits.platforms.map(u64::from),
                limits.redirects.map(u64::from),
            ],
        }))
    }
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

/// A token of the workload in a file that the platform replaces from time to time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCredential {
    /// A registry, or a registry with the beginning of a repository path, in canonical spelling.
    pub registry: String,
    /// The file.
    pub file: FileKey,
    /// What the registry takes it for.
    pub usage: TokenUse,
}

/// What a registry takes a token for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenUse {
    /// The password of a user.
    Password {
        /// The user.
        username: String,
    },
    /// A refresh token, for the registry's token service.
    IdentityToken,
    /// An access token, for the registry itself.
    RegistryToken,
    /// Exchanged at Microsoft Entra and at an Azure container registry.
    Azure {
        /// The directory of the identity.
        tenant: String,
        /// Its client id.
        client: String,
        /// The origin of Entra.
        authority: String,
        /// For whom Entra's token is.
        audience: String,
    },
    /// Exchanged at AWS STS and at Amazon ECR.
    Aws {
        /// The ARN of the role that is assumed.
        role: String,
        /// The region of the registry.
        region: String,
        /// The origin of STS.
        sts: String,
        /// The origin of the API of ECR.
        ecr: String,
    },
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
