//! Directories of vulnerability records (OSV exports), read within bounds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sovverify::Code;
use sovverify::vulnerability::limits::{MAX_DATABASE_ENTRIES, MAX_ENTRY_BYTES};
use sovverify::vulnerability::osv::{Database, DatabaseBuilder};

use super::{LoadError, files, mounts};

/// Nesting of directories: an export has one for each ecosystem.
const MAX_DEPTH: usize = 4;

/// Reads every `*.json` below `directory`, in order of name, whatever the case of its extension.
pub(super) fn load(directory: &Path) -> Result<Arc<Database>, LoadError> {
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
                LoadError::new(error.code, format!("`{}` is no OSV record", file.display()))
                    .expected(format!("{} at {}", error.expected, error.place))
                    .found(error.found)
                    .hint("a directory of records holds nothing else; remove it or export anew")
            })?;
    }
    Ok(Arc::new(builder.build()))
}

fn list(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let unreadable = |error: std::io::Error| files::unreadable(directory, &error);
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if mounts::is_internal(&entry.file_name()) {
            continue;
        }
        let path = entry.path();
        let is_link = entry.file_type().map_err(unreadable)?.is_symlink();
        // A record behind a link counts: what is passed over in silence would be a clean image.
        let kind = fs::metadata(&path).map_err(|error| files::unreadable(&path, &error))?;
        if kind.is_dir() && is_link && !mounts::is_current(&path) {
            let message = format!("`{}` is a link to a directory", path.display());
            return Err(LoadError::new(Code::FileMalformed, message)
                .expected("records, links to records, and directories of them")
                .found("a link that could lead in a circle"));
        } else if kind.is_dir() && depth < MAX_DEPTH {
            list(&path, depth + 1, found)?;
        } else if kind.is_dir() {
            return Err(too_large(
                directory,
                format!("at most {MAX_DEPTH} levels of directories"),
            ));
        } else if kind.is_file() && is_record(&path) {
            found.push(path);
        } else if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            let message = format!("`{}` is no OSV record", path.display());
            return Err(LoadError::new(Code::FileMalformed, message)
                .expected("files *.json, and directories of them")
                .found("something that would be passed over")
                .hint("unpack an archive of records, and remove what is not one"));
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

fn is_record(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

fn too_large(directory: &Path, expected: String) -> LoadError {
    let message = format!("the database `{}` is too large", directory.display());
    LoadError::new(Code::FileTooLarge, message)
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

    #[cfg(unix)]
    #[test]
    fn the_directories_of_a_mounted_volume_are_read_once_and_through_its_links() {
        let volume = tempfile::tempdir().unwrap();
        let content = volume.path().join("..2026_03_01");
        fs::create_dir_all(content.join("npm")).unwrap();
        fs::write(content.join("npm/one.json"), RECORD).unwrap();
        std::os::unix::fs::symlink("..2026_03_01", volume.path().join("..data")).unwrap();
        std::os::unix::fs::symlink("..data/npm", volume.path().join("npm")).unwrap();
        assert_eq!(load(volume.path()).unwrap().len(), 1);
    }

    #[test]
    fn directories_in_directories_are_read_up_to_a_bound() {
        let database = tempfile::tempdir().unwrap();
        let mut deep = database.path().to_owned();
        for _ in 0..MAX_DEPTH {
            deep.push("d");
        }
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("one.json"), RECORD).unwrap();
        assert_eq!(load(database.path()).unwrap().len(), 1);
        fs::create_dir(deep.join("d")).unwrap();
        let refused = load(database.path()).unwrap_err();
        assert!(refused.is(Code::FileTooLarge), "{refused}");
    }

    #[test]
    fn what_would_be_passed_over_is_refused() {
        let database = tempfile::tempdir().unwrap();
        fs::write(database.path().join("one.json"), RECORD).unwrap();
        fs::write(database.path().join(".keep"), "").unwrap();
        assert_eq!(load(database.path()).unwrap().len(), 1);
        for name in ["all.zip", "README", "two.json.gz"] {
            let stray = database.path().join(name);
            fs::write(&stray, "").unwrap();
            let error = load(database.path()).unwrap_err();
            assert!(error.is(Code::FileMalformed), "{error}");
            assert!(error.to_string().contains(name), "{error}");
            fs::remove_file(stray).unwrap();
        }
    }
}
