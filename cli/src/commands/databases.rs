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

/// Reads every `*.json` below `directory`, in order of name, whatever the case of its extension.
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
        // What Kubernetes keeps beside the links of a mounted volume.
        if entry.file_name().as_encoded_bytes().starts_with(b"..") {
            continue;
        }
        let path = entry.path();
        let is_link = entry.file_type().map_err(unreadable)?.is_symlink();
        // A record behind a link counts: what is passed over in silence would be a clean image.
        let kind = fs::metadata(&path).map_err(|error| files::unreadable(&path, &error))?;
        if kind.is_dir() && is_link {
            let message = format!("`{}` is a link to a directory", path.display());
            return Err(Stopped::new(Code::FileMalformed, message)
                .expected("records, links to records, and directories of them")
                .found("a link that could lead in a circle"));
        } else if kind.is_dir() && depth < MAX_DEPTH {
            list(&path, depth + 1, found)?;
        } else if kind.is_dir() {
            return Err(too_large(
                directory,
                format!("at most {MAX_DEPTH} levels of directories"),
            ));
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
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

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"id":"X-1","modified":"2026-03-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}]}"#;

    #[cfg(unix)]
    #[test]
    fn a_record_behind_a_link_counts_and_a_directory_behind_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (mounted, database) = (folder.path().join("..data"), folder.path().join("database"));
        fs::create_dir_all(mounted.join("npm")).unwrap();
        fs::create_dir_all(database.join("..2026_03_01")).unwrap();
        fs::write(mounted.join("one.json"), RECORD).unwrap();
        fs::write(database.join("..2026_03_01/one.json"), RECORD).unwrap();
        std::os::unix::fs::symlink(mounted.join("one.json"), database.join("one.json")).unwrap();
        assert_eq!(load(&database).unwrap().len(), 1);
        fs::write(database.join("two.JSON"), RECORD).unwrap();
        assert_eq!(load(&database).unwrap().len(), 2);
        std::os::unix::fs::symlink(mounted.join("npm"), database.join("npm")).unwrap();
        assert!(load(&database).unwrap_err().is(Code::FileMalformed));
    }
}
