//! What the callers of the core do: read documents and the files that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sovverify::policy::{Diagnostics, Documents, FileKey, PolicySet, Source};
use sovverify::vulnerability::osv::DatabaseBuilder;

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below `folder` whose name ends with `extension`, in order.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    found(&repository().join(folder), extension)
}

fn found(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The path as messages show it: from the root of the repository.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(repository()).unwrap();
    path.to_str().unwrap().replace('\\', "/")
}

/// Parses and compiles `text` as if it lay at `path`, with the files that it names from there.
pub(crate) fn compile(path: &Path, text: String) -> Result<PolicySet, Diagnostics> {
    let source = Source {
        file: shown(path),
        text,
    };
    let documents = Documents::parse(&[source])?;
    let mut files: BTreeMap<FileKey, Vec<u8>> = BTreeMap::new();
    for request in documents.file_requests() {
        let file = path.parent().unwrap().join(&request.key.path);
        if let Ok(bytes) = std::fs::read(file) {
            files.insert(request.key, bytes);
        }
    }
    let mut databases = BTreeMap::new();
    for request in documents.database_requests() {
        let folder = path.parent().unwrap().join(&request.key.path);
        if !folder.is_dir() {
            continue;
        }
        let mut builder = DatabaseBuilder::new();
        for file in found(&folder, "json") {
            let bytes = std::fs::read(&file).unwrap();
            // What is no record is for the caller to complain about; here it is left out.
            let _ = builder.add(&file.to_string_lossy(), &bytes);
        }
        databases.insert(request.key, Arc::new(builder.build()));
    }
    let strict = documents.compile_with(&files, &databases);
    let lenient = documents.compile_lenient(&files, &databases);
    match (&strict, lenient) {
        (Ok(strict), Ok(lenient)) => {
            assert!(lenient.broken.is_empty(), "{:?}", lenient.broken);
            assert_eq!(lenient.policies.digest(), strict.digest());
            assert_eq!(lenient.policies.warnings(), strict.warnings());
        }
        // What cannot be used as a whole has a part that cannot be used, or has no policy.
        (Err(error), Ok(lenient)) => assert!(
            !lenient.broken.is_empty() || !documents.has_policies(),
            "{error}"
        ),
        (Err(_), Err(_)) => {}
        (Ok(_), Err(error)) => panic!("{error}"),
    }
    strict
}

/// Compares `actual` with the text in `path`, or writes it there when asked to.
pub(crate) fn expect_text(path: &Path, actual: &str) {
    if std::env::var_os("SOVVERIFY_BLESS").is_some() {
        std::fs::write(path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is not what it was; SOVVERIFY_BLESS=1 accepts this:\n{actual}",
        shown(path)
    );
}
