//! Policy, trust root and configuration documents, with the files that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sovverify::Code;
use sovverify::policy::{Documents, FileKey, MAX_FILE_BYTES, MAX_SOURCE_BYTES, PolicySet, Source};
use sovverify::vulnerability::osv::Database;

use super::{LoadError, databases, files, mounts};

/// Documents and the content of every file that they name.
#[derive(Debug)]
pub struct Loaded {
    /// The documents, parsed.
    pub documents: Documents,
    /// The files by name.
    pub files: BTreeMap<FileKey, Vec<u8>>,
    /// The directories of vulnerability records by name.
    pub databases: BTreeMap<FileKey, Arc<Database>>,
}

impl Loaded {
    /// Compiles the policies with their trust roots and settings.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in the documents, each problem with its place.
    pub fn compile(&self) -> Result<PolicySet, LoadError> {
        Ok(self.documents.compile_with(&self.files, &self.databases)?)
    }
}

/// Reads the documents in `paths`, in order; a directory's in order of name. Blocks.
///
/// # Errors
///
/// `file/missing`, `file/unreadable`, `file/too-large` and `file/malformed` for files; the problems of
/// `policy/` and `trust/` for documents that are none.
pub fn documents<P: AsRef<Path>>(paths: &[P]) -> Result<Loaded, LoadError> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.as_ref().to_owned()).collect();
    mounts::steady(&paths, || read(&paths))
}

fn read(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    let mut sources = Vec::new();
    for path in paths {
        for file in files::documents(path)? {
            sources.push(Source {
                text: files::read_text(&file, bytes(MAX_SOURCE_BYTES))?,
                file: file.display().to_string(),
            });
        }
    }
    let documents = Documents::parse(&sources)?;
    let mut files = BTreeMap::new();
    for request in documents.file_requests() {
        match files::read(&beside(&request.key), bytes(MAX_FILE_BYTES)) {
            Ok(content) => {
                files.insert(request.key, content);
            }
            // What is absent is for the compiler to complain about: it knows the line.
            Err(error) if error.is(Code::FileMissing) => {}
            Err(error) => return Err(error.at(&request.position)),
        }
    }
    let mut known: BTreeMap<PathBuf, Arc<Database>> = BTreeMap::new();
    let mut databases = BTreeMap::new();
    for request in documents.database_requests() {
        let path = beside(&request.key);
        let database = match known.get(&path) {
            Some(database) => Arc::clone(database),
            None => databases::load(&path).map_err(|error| error.at(&request.position))?,
        };
        known.insert(path, Arc::clone(&database));
        databases.insert(request.key, database);
    }
    Ok(Loaded {
        documents,
        files,
        databases,
    })
}

/// A path that a document names, relative to the document's directory.
pub(super) fn beside(key: &FileKey) -> PathBuf {
    Path::new(&key.document)
        .parent()
        .unwrap_or(Path::new(""))
        .join(&key.path)
}

fn bytes(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}
