//! Directories of vulnerability records (OSV exports), read within bounds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sovverify::Code;
use sovverify::vulnerability::limits::{MAX_DATABASE_ENTRIES, MAX_ENTRY_BYTES};
use sovverify::vulnerability::osv::{Database, DatabaseBuilder};

use super::files;
use crate::problem::Stopped;

/// Nesting of directories: an export has one for each ecosystem.
const MAX_DEPTH: usize = 4;

/// Reads every `*.json` below `directory`, in order of name.
pub(crate) fn load(directory: &Path) -> Result<Arc<Database>, Stopped> {
    let mut found = Vec::new();
    list(directory, 0, &mut found)?;
    found.sort();
    let mut builder = DatabaseBuilder::new();
    for file in found {
        let limit = u64::try_from(MAX_ENTRY_BYTES).unwrap_or(u64::MAX);
        let bytes = files::read(&file, limit)?;
        let name = file.strip_prefix(directory).unwrap_or(&file);
        builder
            .add(&name.to_string_lossy(), &bytes)
            .map_err(|error| {
                Stopped::new(error.code, format!("`{}` is no OSV record", file.display()))
                    .expected(format!("{} at {}", error.expected, error.place))
                    .found(error.found)
                    .hint("a directory of records holds nothing else; remove it or export anew")
            })?;
    }
    Ok(Arc::new(builder.build()))
}

fn list(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Stopped> {
    let unreadable = |error: std::io::Error| files::unreadable(directory, &error);
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        // A link could lead anywhere; an export has none.
        if kind.is_dir() && depth < MAX_DEPTH {
            list(&path, depth + 1, found)?;
        } else if kind.is_dir() {
            return Err(too_large(
                directory,
                format!("at most {MAX_DEPTH} levels of directories"),
            ));
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
        if found.len() > MAX_DATABASE_ENTRIES {
            return Err(too_large(
                directory,
                format!("at most {MAX_DATABASE_ENTRIES} records"),
            ));
        }
    }
    Ok(())
}

fn too_large(directory: &Path, expected: String) -> Stopped {
    let message = format!("the database `{}` is too large", directory.display());
    Stopped::new(Code::FileTooLarge, message)
        .expected(expected)
        .found("more")
}
