//! One file of credentials, within its bound.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use super::{too_large, unusable};
use crate::budget::count;
use crate::error::FetchError;
use crate::limits::FetchLimits;

/// What it means that a file is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// Somebody named it.
    IsAnError,
    /// It is a place where such a file often is.
    IsEmpty,
}

/// Reads the file at `path`, which complaints call `source`.
pub(super) fn read(
    path: &Path,
    source: &str,
    absent: Absent,
    limits: &FetchLimits,
) -> Result<Option<Vec<u8>>, FetchError> {
    let failed = |error: std::io::Error| unusable(source, &error.to_string());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound && absent == Absent::IsEmpty => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    let bound = limits.credential_bytes;
    file.take(bound.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if count(bytes.len()) > bound {
        return Err(too_large(source));
    }
    Ok(Some(bytes))
}
