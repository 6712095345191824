//! Policy, trust root and configuration documents, with the files that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sovverify::Code;
use sovverify::policy::{
    Diagnostic, Diagnostics, Documents, FileKey, MAX_FILE_BYTES, MAX_SOURCE_BYTES, Source,
};
use sovverify::report::v1::{ExitClass, Problem};
use sovverify::vulnerability::osv::Database;

use super::{databases, files};
use crate::problem::Stopped;

/// Documents and the content of every file that they name.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The documents, parsed.
    pub(crate) documents: Documents,
    /// The files by name.
    pub(crate) files: BTreeMap<FileKey, Vec<u8>>,
    /// The directories of vulnerability records by name.
    pub(crate) databases: BTreeMap<FileKey, Arc<Database>>,
}

/// Reads the documents in `paths`, in order; a directory's in order of name.
pub(crate) fn load<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<Loaded, Stopped> {
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
            Err(stopped) if stopped.is(Code::FileMissing) => {}
            Err(stopped) => return Err(stopped.at(&request.position)),
        }
    }
    let mut known: BTreeMap<PathBuf, Arc<Database>> = BTreeMap::new();
    let mut databases = BTreeMap::new();
    for request in documents.database_requests() {
        let path = beside(&request.key);
        let database = match known.get(&path) {
            Some(database) => Arc::clone(database),
            None => databases::load(&path).map_err(|stopped| stopped.at(&request.position))?,
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
pub(crate) fn beside(key: &FileKey) -> PathBuf {
    Path::new(&key.document)
        .parent()
        .unwrap_or(Path::new(""))
        .join(&key.path)
}

/// A complaint as reports show it.
pub(crate) fn problem(diagnostic: &Diagnostic) -> Problem {
    Problem {
        expected: diagnostic.expected.clone(),
        found: diagnostic.found.clone(),
        position: Some((&diagnostic.position).into()),
        hint: diagnostic.hint.clone(),
        ..Problem::new(diagnostic.code, diagnostic.message.clone())
    }
}

/// A warning in one sentence.
pub(crate) fn notice(diagnostic: &Diagnostic) -> String {
    let position = &diagnostic.position;
    let hint = diagnostic.hint.as_deref().unwrap_or("look at it again");
    format!(
        "{} at {}:{}:{}: {} ({hint})",
        diagnostic.code, position.file, position.line, position.column, diagnostic.message
    )
}

impl From<Diagnostics> for Stopped {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            class: ExitClass::Input,
            problems: diagnostics.iter().map(problem).collect(),
        }
    }
}

fn bytes(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}
