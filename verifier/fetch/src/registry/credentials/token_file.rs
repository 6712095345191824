//! Tokens of the workload in files that the platform replaces: a projected volume of Kubernetes holds a
//! new one long before the old one expires.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Credential, file, unusable};
use crate::budget::worker_lost;
use crate::config::{Secret, TokenCredential, TokenUse};
use crate::error::FetchError;
use crate::limits::FetchLimits;
use crate::registry::scope::Scope;

/// A file with a token, and what was obtained in exchange for it.
#[derive(Debug)]
pub(in crate::registry) struct TokenSource {
    pub(super) scope: Scope,
    pub(in crate::registry) usage: TokenUse,
    path: PathBuf,
    name: String,
    pub(in crate::registry) exchanged: Mutex<Option<Exchanged>>,
}

/// What was obtained in exchange for a token.
#[derive(Debug)]
pub(in crate::registry) struct Exchanged {
    pub(in crate::registry) stamp: Stamp,
    pub(in crate::registry) until: Instant,
    pub(in crate::registry) credential: Credential,
}

/// Which content a file had: another one has another time, length or place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::registry) struct Stamp {
    path: PathBuf,
    /// Where links lead: the kubelet replaces the directory behind a link.
    real: Option<PathBuf>,
    changed: Option<SystemTime>,
    length: Option<u64>,
}

impl Stamp {
    fn of(path: PathBuf) -> Self {
        let metadata = std::fs::metadata(&path).ok();
        Self {
            real: std::fs::canonicalize(&path).ok(),
            changed: metadata.as_ref().and_then(|data| data.modified().ok()),
            length: metadata.map(|data| data.len()),
            path,
        }
    }

    /// Whether the file still is what it was. Two look-ups in a file system that is memory, so it is not
    /// worth another thread.
    pub(in crate::registry) fn is_current(&self) -> bool {
        Self::of(self.path.clone()) == *self
    }
}

impl TokenSource {
    pub(super) fn new(written: &TokenCredential, scope: Scope) -> Arc<Self> {
        Arc::new(Self {
            scope,
            usage: written.usage.clone(),
            name: format!("`{}`", written.file.display()),
            path: written.file.clone(),
            exchanged: Mutex::new(None),
        })
    }

    pub(in crate::registry) fn name(&self) -> &str {
        &self.name
    }

    /// The token as it is now, and which content that was.
    pub(in crate::registry) async fn token(
        self: &Arc<Self>,
        limits: &FetchLimits,
    ) -> Result<(Secret, Stamp), FetchError> {
        let (source, limits) = (Arc::clone(self), *limits);
        tokio::task::spawn_blocking(move || source.read(&limits))
            .await
            .unwrap_or_else(|error| Err(worker_lost(&error, &self.name)))
    }

    fn read(&self, limits: &FetchLimits) -> Result<(Secret, Stamp), FetchError> {
        // Before reading: a file that changes in between is read again the next time.
        let stamp = Stamp::of(self.path.clone());
        let bytes = file::read(&self.path, &self.name, file::Absent::IsAnError, limits)?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.as_deref().map(str::trim).unwrap_or_default();
        let plain = |b: u8| b.is_ascii_graphic();
        if text.is_empty() || !text.bytes().all(plain) {
            return Err(unusable(&self.name, "it does not hold a token"));
        }
        Ok((Secret::new(text), stamp))
    }
}

impl Exchanged {
    /// Something that is good for `lifetime`, of which only the first half is used: nobody should be
    /// refused because the clocks of two services differ.
    pub(in crate::registry) fn new(
        stamp: Stamp,
        lifetime: Duration,
        credential: Credential,
    ) -> Self {
        let now = Instant::now();
        Self {
            stamp,
            until: now.checked_add(lifetime / 2).unwrap_or(now),
            credential,
        }
    }
}
