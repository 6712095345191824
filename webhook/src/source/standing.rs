//! Whether there is something to decide by, and what is wrong although there is.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How documents stand, for `/readyz` and whoever asks why.
#[derive(Debug, Default)]
pub struct Standing(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    loaded: bool,
    files: Option<String>,
    objects: Option<String>,
    refused: usize,
}

impl Standing {
    /// Whether policies and trust are loaded.
    ///
    /// # Errors
    ///
    /// What is missing, in one line.
    pub fn ready(&self) -> Result<(), String> {
        let inner = self.lock();
        if inner.loaded {
            return Ok(());
        }
        let missing = inner.files.as_ref().or(inner.objects.as_ref());
        let missing = missing.map_or("they are being read", String::as_str);
        Err(format!(
            "policies and trust roots are not loaded: {missing}"
        ))
    }

    /// What should be looked at although there is something to decide by, one line each.
    pub fn concerns(&self) -> Vec<String> {
        let inner = self.lock();
        let files = inner.files.as_ref();
        let files = files.map(|why| format!("the last good mounted documents count: {why}"));
        let objects = inner.objects.as_ref();
        let objects = objects.map(|why| format!("objects may be out of date: {why}"));
        let refused = (inner.refused > 0).then(|| {
            let count = inner.refused;
            format!("objects that are broken, see their status: {count}")
        });
        files.into_iter().chain(objects).chain(refused).collect()
    }

    pub(super) fn loaded(&self, refused: usize) {
        let mut inner = self.lock();
        inner.loaded = true;
        inner.refused = refused;
    }

    /// Says what is wrong with the mounted files; whether that is news.
    pub(super) fn files(&self, problem: Option<String>) -> bool {
        let mut inner = self.lock();
        let news = inner.files != problem;
        inner.files = problem;
        news
    }

    /// Whether something is wrong with the mounted files.
    pub(super) fn has_bad_files(&self) -> bool {
        self.lock().files.is_some()
    }

    pub(super) fn objects(&self, problem: Option<String>) {
        self.lock().objects = problem;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing that holds the lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
