//! A directory from which files are read by name, and nothing outside it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::budget::{count, exceeded};
use crate::error::{Failure, FetchError};

/// A directory, with every link in its own path followed once.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Opens `dir`.
    pub(crate) fn open(dir: &Path, place: &str) -> Result<Self, FetchError> {
        let root = fs::canonicalize(dir).map_err(|error| failed(&error, place))?;
        if !root.is_dir() {
            let found = "a file".to_owned();
            let expected = "a directory";
            return Err(FetchError::new(place, Failure::Layout { expected, found }));
        }
        Ok(Self { root })
    }

    /// The bytes of the file `name` within `bound`, or nothing when there is no such file. `name`
    /// is ours, made of fixed words and checked digests; links that lead outside are refused.
    pub(crate) fn read(
        &self,
        name: &str,
        bound: (&'static str, u64),
        place: &str,
    ) -> Result<Option<Vec<u8>>, FetchError> {
        let path = match fs::canonicalize(self.root.join(name)) {
            Ok(path) => path,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error, place)),
        };
        if !path.starts_with(&self.root) {
            let found = format!("`{name}` leads outside");
            let expected = "files inside the directory";
            return Err(FetchError::new(
                place,
                Failure::UnsafeEntry { expected, found },
            ));
        }
        // Before opening: a pipe would make us wait for whoever writes to it.
        let metadata = fs::metadata(&path).map_err(|error| failed(&error, place))?;
        if !metadata.is_file() {
            let found = format!("`{name}` is none");
            let expected = "regular files";
            return Err(FetchError::new(
                place,
                Failure::UnsafeEntry { expected, found },
            ));
        }
        let file = File::open(&path).map_err(|error| failed(&error, place))?;
        read_bounded(file, bound, place).map(Some)
    }
}

/// Everything that `reader` gives, or an error as soon as it is more than `bound`.
pub(super) fn read_bounded(
    reader: impl Read,
    bound: (&'static str, u64),
    place: &str,
) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    reader
        .take(bound.1.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error, place))?;
    if count(bytes.len()) > bound.1 {
        return Err(exceeded(bound.0, bound.1, place));
    }
    Ok(bytes)
}

pub(super) fn failed(error: &io::Error, place: &str) -> FetchError {
    let failure = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Failure::NoSuchPath,
        _ => Failure::Unreadable {
            detail: error.to_string(),
        },
    };
    FetchError::new(place, failure)
}
