//! What can fail, one variant each.

use std::time::Duration;

use sovverify::image::{ManifestError, PinError};
use sovverify::{Code, Digest};

use super::{Fault, HostKind};

/// What failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A registry was named, but no socket may be opened.
    #[error("a registry cannot be asked offline")]
    Offline,
    /// The host is one that no registry lives on, and behind which secrets of the machine may lie.
    #[error("the host `{host}` is {kind}")]
    HostRefused {
        /// The host or address.
        host: String,
        /// What kind of address it is.
        kind: HostKind,
    },
    /// The configuration names the registries that may be asked, and this is none of them.
    #[error("the registry `{host}` is not one that may be asked")]
    NotAllowed {
        /// The registry.
        host: String,
        /// The registries that may be asked.
        allowed: Vec<String>,
    },
    /// The host has no address.
    #[error("the host `{host}` cannot be resolved")]
    Unresolvable {
        /// The host.
        host: String,
    },
    /// No connection could be made, or it broke.
    #[error("no connection to `{host}`: {detail}")]
    Unreachable {
        /// The host.
        host: String,
        /// What the system said.
        detail: String,
    },
    /// The registry took longer than a named bound allows.
    #[error("no answer within {bound} ({} ms)", after.as_millis())]
    Timeout {
        /// The name of the bound.
        bound: &'static str,
        /// Its value.
        after: Duration,
    },
    /// The registry asks to come back later, and did so until the attempts or the time ran out.
    #[error("the registry is rate limiting, after {attempts} attempts")]
    RateLimited {
        /// How often the request was sent.
        attempts: u32,
        /// How long the registry asked to wait at last.
        retry_after: Option<Duration>,
    },
    /// The registry answered with a server error.
    #[error("the registry failed with status {status}")]
    ServerError {
        /// The HTTP status.
        status: u16,
    },
    /// The registry wants other credentials than were sent.
    #[error("`{host}` does not accept {sent}")]
    Unauthorized {
        /// The host.
        host: String,
        /// What was sent, without any secret.
        sent: &'static str,
    },
    /// The registry knows who asks and refuses.
    #[error("`{host}` forbids access")]
    Forbidden {
        /// The host.
        host: String,
    },
    /// There is no such thing in the registry or layout.
    #[error("no such {what}")]
    NotFound {
        /// What was asked for.
        what: &'static str,
    },
    /// The registry's certificate is not one that we trust, or TLS failed otherwise.
    #[error("TLS to `{host}` failed: {detail}")]
    Tls {
        /// The host.
        host: String,
        /// What the TLS library said.
        detail: String,
    },
    /// The registry sends us to a token service that is not its own.
    #[error("the token service `{found}` is not one of `{expected}`")]
    RealmRefused {
        /// The token services that belong to the registry.
        expected: String,
        /// The token service that the registry named.
        found: String,
    },
    /// The registry redirects to a place where we do not go.
    #[error("redirect refused: expected {expected}, found `{found}`")]
    RedirectRefused {
        /// Where a redirect may lead.
        expected: &'static str,
        /// Where it leads.
        found: String,
    },
    /// The next page of a list is somewhere else, or was already read.
    #[error("next page refused: expected {expected}, found `{found}`")]
    PagingRefused {
        /// Where the next page may be.
        expected: &'static str,
        /// Where it is.
        found: String,
    },
    /// The answer is none that the protocol knows.
    #[error("expected {expected}, found {found}")]
    UnexpectedAnswer {
        /// What the specification wants.
        expected: &'static str,
        /// What the registry sent.
        found: String,
    },
    /// The bytes do not have the digest by which they were asked for.
    #[error("expected content with digest {expected}, found {found}")]
    DigestMismatch {
        /// The digest that was asked for.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// The content is longer or shorter than its descriptor says.
    #[error("expected {expected} bytes, found {found}")]
    SizeMismatch {
        /// Bytes that the descriptor says.
        expected: u64,
        /// Bytes found, counted only to the first that is too many.
        found: u64,
    },
    /// The bytes are no image manifest or index.
    #[error(transparent)]
    Manifest(ManifestError),
    /// A named bound was reached.
    #[error("the bound {bound} is {limit}, found {found}")]
    Limit {
        /// The name of the bound in `FetchLimits`.
        bound: &'static str,
        /// Its value, in the bound's own unit.
        limit: u64,
        /// What was found, in words: often only that it is more.
        found: String,
    },
    /// What is held for all images together has reached its bound.
    #[error("the bound held_bytes is {limit}, and other images hold the rest")]
    Crowded {
        /// The bound in bytes.
        limit: u64,
    },
    /// A credential file, a credential helper or its answer cannot be used.
    #[error("credentials from {source_name} cannot be used: {detail}")]
    Credentials {
        /// The file or helper.
        source_name: String,
        /// What is wrong, without any secret.
        detail: String,
    },
    /// The configuration of discovery cannot be used.
    #[error("{field}: expected {expected}, found {found}")]
    Config {
        /// The field of the configuration.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// There is no such file or directory.
    #[error("no such file or directory")]
    NoSuchPath,
    /// The file exists and cannot be read.
    #[error("cannot be read: {detail}")]
    Unreadable {
        /// What the system said.
        detail: String,
    },
    /// The directory or archive is not what its name promises.
    #[error("expected {expected}, found {found}")]
    Layout {
        /// What the format wants.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A member of a directory or archive leads somewhere else.
    #[error("expected {expected}, found {found}")]
    UnsafeEntry {
        /// What is allowed.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Several images fit, and nothing says which is meant.
    #[error("expected one image, found {}", choices.len())]
    Ambiguous {
        /// The images that fit, as they can be written after the place.
        choices: Vec<String>,
    },
    /// No image fits.
    #[error("no image `{selector}`")]
    NoSuchImage {
        /// What was selected.
        selector: String,
        /// The images that are there, as they can be written after the place.
        choices: Vec<String>,
    },
    /// Evidence is listed, but its content is not there.
    #[error("listed, but its content {digest} is not there")]
    BlobMissing {
        /// The digest of the content.
        digest: Digest,
    },
    /// A referrer is about another manifest than the one it is listed under.
    #[error("expected a referrer of {expected}, found {found}")]
    SubjectMismatch {
        /// The manifest whose referrers were asked for.
        expected: Digest,
        /// What the referrer says.
        found: String,
    },
    /// The envelope of evidence cannot be read.
    #[error("expected {expected}, found {found}")]
    EvidenceMalformed {
        /// What the format wants.
        expected: &'static str,
        /// What is there.
        found: String,
    },
}

impl From<PinError> for Failure {
    fn from(error: PinError) -> Self {
        match error {
            PinError::DigestMismatch { expected, found } => {
                Self::DigestMismatch { expected, found }
            }
            PinError::Manifest(error) => Self::Manifest(error),
            other => Self::Manifest(ManifestError::Malformed {
                detail: other.to_string(),
            }),
        }
    }
}

impl Failure {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::Offline => Code::RegistryOffline,
            Self::HostRefused { .. } | Self::NotAllowed { .. } => Code::RegistryHostRefused,
            Self::Unresolvable { .. } => Code::RegistryUnresolvable,
            Self::Unreachable { .. } => Code::RegistryUnreachable,
            Self::Timeout { .. } => Code::RegistryTimeout,
            Self::RateLimited { .. } => Code::RegistryRateLimited,
            Self::ServerError { .. } => Code::RegistryServerError,
            Self::Unauthorized { .. } => Code::RegistryUnauthorized,
            Self::Forbidden { .. } => Code::RegistryForbidden,
            Self::NotFound { .. } | Self::NoSuchImage { .. } => Code::ImageNotFound,
            Self::Tls { .. } => Code::RegistryTls,
            Self::RealmRefused { .. } => Code::RegistryRealmRefused,
            Self::RedirectRefused { .. } => Code::RegistryRedirectRefused,
            Self::PagingRefused { .. } => Code::RegistryPagingRefused,
            Self::UnexpectedAnswer { .. } => Code::RegistryUnexpectedAnswer,
            Self::DigestMismatch { .. } => Code::ImageDigestMismatch,
            Self::SizeMismatch { .. } => Code::ImageSizeMismatch,
            Self::Manifest(ManifestError::UnsupportedMediaType { .. }) => {
                Code::ImageMediaTypeUnsupported
            }
            Self::Manifest(_) => Code::ImageNotAnImage,
            Self::Limit { .. } => Code::LimitExceeded,
            Self::Crowded { .. } => Code::SystemCrowded,
            Self::Credentials { .. } => Code::RegistryCredentialsUnusable,
            Self::Config { .. } => Code::RegistryConfigInvalid,
            Self::NoSuchPath => Code::LayoutNotFound,
            Self::Unreadable { .. } => Code::LayoutUnreadable,
            Self::Layout { .. } => Code::LayoutMalformed,
            Self::UnsafeEntry { .. } => Code::LayoutUnsafeEntry,
            Self::Ambiguous { .. } => Code::LayoutAmbiguous,
            Self::BlobMissing { .. } => Code::EvidenceBlobMissing,
            Self::SubjectMismatch { .. } => Code::SubjectMismatch,
            Self::EvidenceMalformed { .. } => Code::EvidenceMalformed,
        }
    }

    pub(super) const fn fault(&self) -> Fault {
        match self {
            Self::Offline
            | Self::HostRefused { .. }
            | Self::NotAllowed { .. }
            | Self::Credentials { .. }
            | Self::Config { .. }
            | Self::NoSuchPath
            | Self::Ambiguous { .. }
            | Self::NoSuchImage { .. } => Fault::Input,
            Self::Unresolvable { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::RateLimited { .. }
            | Self::Crowded { .. }
            | Self::ServerError { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Tls { .. }
            | Self::RealmRefused { .. }
            | Self::RedirectRefused { .. }
            | Self::PagingRefused { .. }
            | Self::UnexpectedAnswer { .. }
            | Self::Unreadable { .. } => Fault::Surroundings,
            Self::DigestMismatch { .. }
            | Self::SizeMismatch { .. }
            | Self::Manifest(_)
            | Self::Limit { .. }
            | Self::Layout { .. }
            | Self::UnsafeEntry { .. }
            | Self::BlobMissing { .. }
            | Self::SubjectMismatch { .. }
            | Self::EvidenceMalformed { .. } => Fault::Content,
        }
    }
}

mod words;
