//! Files that the caller names, read within bounds.
//!
//! **Invariant**: nothing is read that the caller did not name, and no more of it than its bound.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sovverify::Code;

use super::LoadError;
use super::mounts;

/// Bytes of one PEM key or certificate file: a system's whole bundle of authorities has 250 KB.
pub const MAX_PEM_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of one password file.
pub const MAX_PASSWORD_BYTES: u64 = 64 * 1024;
/// Entries of one directory of documents.
const MAX_DIRECTORY_ENTRIES: usize = 10_000;

/// The extensions of documents in a directory.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// The bytes of `path`, at most `limit` of them.
///
/// # Errors
///
/// `file/missing`, `file/unreadable` and `file/too-large`.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        return Ok(bytes);
    }
    let message = format!("the file `{}` is too large", path.display());
    Err(LoadError::new(Code::FileTooLarge, message)
        .expected(format!("at most {limit} bytes"))
        .found("more"))
}

/// The text of `path`, at most `limit` bytes of it.
///
/// # Errors
///
/// Those of [`read`], and `file/malformed` for bytes that are no UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, LoadError> {
    String::from_utf8(read(path, limit)?).map_err(|error| {
        let message = format!("the file `{}` is not text", path.display());
        LoadError::new(Code::FileMalformed, message)
            .expected("UTF-8 text")
            .found(format!(
                "other bytes, from byte {}",
                error.utf8_error().valid_up_to()
            ))
    })
}

/// The documents that `path` names: itself, or those of a directory in order of name.
pub(super) fn documents(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let kind = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !kind.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    for (number, entry) in entries.enumerate() {
        if number >= MAX_DIRECTORY_ENTRIES {
            let message = format!("the directory `{}` is too large", path.display());
            return Err(LoadError::new(Code::FileTooLarge, message)
                .expected(format!("at most {MAX_DIRECTORY_ENTRIES} entries"))
                .found("more"));
        }
        let entry = entry.map_err(|error| unreadable(path, &error))?;
        if mounts::is_internal(&entry.file_name()) {
            continue;
        }
        let entry = entry.path();
        let extension = entry.extension().and_then(|extension| extension.to_str());
        // A mounted ConfigMap is a directory of links, so what an entry leads to decides.
        if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) && !entry.is_dir() {
            regular(&entry)?;
            found.push(entry);
        }
    }
    found.sort();
    if found.is_empty() {
        let message = format!("the directory `{}` holds no document", path.display());
        return Err(LoadError::new(Code::FileMalformed, message)
            .expected("at least one file *.yaml, *.yml or *.json")
            .found("none"));
    }
    Ok(found)
}

/// Nobody named an entry of a directory, so a pipe among them must not be waited for.
fn regular(entry: &Path) -> Result<(), LoadError> {
    let kind = fs::metadata(entry).map_err(|error| unreadable(entry, &error))?;
    if kind.is_file() {
        return Ok(());
    }
    let message = format!("`{}` is no regular file", entry.display());
    Err(LoadError::new(Code::FileMalformed, message)
        .expected("only regular files with the extension of a document in a directory of documents")
        .found("a pipe, socket or device"))
}

/// What the system said about `path`.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> LoadError {
    let path = path.display();
    if matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    ) {
        return LoadError::new(Code::FileMissing, format!("no such file `{path}`"))
            .expected("a file or directory that exists")
            .found("none")
            .hint("relative paths start at the working directory");
    }
    LoadError::new(Code::FileUnreadable, format!("cannot read `{path}`"))
        .expected("a file that can be read")
        .found(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pem");
        for limit in [MAX_PEM_BYTES, MAX_PASSWORD_BYTES] {
            let with = |bytes: u64| {
                let file = File::create(&path).unwrap();
                file.set_len(bytes).unwrap();
                read(&path, limit)
            };
            assert_eq!(u64::try_from(with(limit).unwrap().len()), Ok(limit));
            assert!(with(limit + 1).unwrap_err().is(Code::FileTooLarge));
        }
    }

    #[test]
    fn a_directory_is_listed_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yaml"), "").unwrap();
        let link = |number: usize| folder.path().join(number.to_string());
        // Names of one file are made faster than files.
        for number in 1..MAX_DIRECTORY_ENTRIES {
            fs::hard_link(folder.path().join("a.yaml"), link(number)).unwrap();
        }
        assert_eq!(documents(folder.path()).unwrap().len(), 1);
        fs::write(link(0), "").unwrap();
        let refused = documents(folder.path()).unwrap_err();
        assert!(refused.is(Code::FileTooLarge), "{refused}");
    }

    #[test]
    fn what_is_no_regular_file_is_not_waited_for_in_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yaml"), "").unwrap();
        assert_eq!(documents(folder.path()).unwrap().len(), 1);
        let pipe = folder.path().join("b.yaml");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap();
        assert!(made.success());
        assert!(documents(folder.path()).is_err());
    }
}
