//! Whether mounted files changed.
//!
//! By looking at them every few seconds, and not by inotify: it says nothing on network and some virtual
//! file systems, follows no links, and loses its watch when Kubernetes replaces a volume.
//!
//! Documents are small and are read whole, so that nothing has to be believed about times of change. A
//! directory of vulnerability records may have gigabytes: there, what the system knows of each file counts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sovverify::Digest;

/// Bytes that are read of one file; the largest that is taken is as large.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Entries of all directories together that are looked at.
const MAX_ENTRIES: usize = 200_000;
/// Nesting of directories that are looked at; more are not read either.
const MAX_DEPTH: usize = 6;

/// What was looked at, in one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Print(Digest);

/// Everything that the documents consist of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Watched {
    /// Files, and directories of files, by content.
    pub(super) contents: BTreeSet<PathBuf>,
    /// Directories in directories, by what the system knows of each file.
    pub(super) trees: BTreeSet<PathBuf>,
}

impl Watched {
    /// Looks at everything. Blocks.
    pub(super) fn print(&self) -> Print {
        let mut seen = Seen::default();
        for path in &self.contents {
            seen.content(path, Descend::Once);
        }
        for path in &self.trees {
            seen.tree(path, 0);
        }
        Print(Digest::sha256(seen.text.as_bytes()))
    }
}

/// Whether the entries of a directory are looked at.
#[derive(Clone, Copy)]
enum Descend {
    Once,
    Never,
}

/// What was seen, one line each.
#[derive(Default)]
struct Seen {
    text: String,
    entries: usize,
}

impl Seen {
    /// Notes something about `path`. Names are in quotes, so that none can look like two lines.
    fn note(&mut self, path: &Path, what: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{} {what}", quoted(path));
    }

    fn content(&mut self, path: &Path, descend: Descend) {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return self.note(path, &error.kind().to_string()),
        };
        match descend {
            Descend::Once if metadata.is_dir() => {
                for entry in self.entries(path) {
                    self.content(&entry, Descend::Never);
                }
            }
            // A pipe would be waited for.
            _ if metadata.is_file() => match start(path) {
                Ok(bytes) => {
                    let digest = Digest::sha256(&bytes);
                    self.note(path, &format!("{} {digest}", metadata.len()));
                }
                Err(error) => self.note(path, &error.kind().to_string()),
            },
            _ => self.note(path, "no file"),
        }
    }

    fn tree(&mut self, path: &Path, depth: usize) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() && depth < MAX_DEPTH => {
                for entry in self.entries(path) {
                    self.tree(&entry, depth + 1);
                }
            }
            Ok(metadata) => self.note(path, &known(&metadata)),
            Err(error) => self.note(path, &error.kind().to_string()),
        }
    }

    /// The entries of a directory in order of name.
    fn entries(&mut self, directory: &Path) -> Vec<PathBuf> {
        let listed = fs::read_dir(directory).and_then(|entries| {
            let rest = MAX_ENTRIES.saturating_sub(self.entries);
            entries
                .take(rest)
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<PathBuf>, _>>()
        });
        match listed {
            Ok(mut entries) => {
                entries.sort();
                self.entries += entries.len();
                self.note(directory, &format!("{} entries", entries.len()));
                entries
            }
            Err(error) => {
                self.note(directory, &error.kind().to_string());
                Vec::new()
            }
        }
    }
}

fn start(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A path in quotes, with everything escaped that could end them.
fn quoted(path: &Path) -> impl std::fmt::Display {
    let bytes = path.as_os_str().as_encoded_bytes();
    format!("\"{}\"", bytes.escape_ascii())
}

/// What changes when a file does.
fn known(metadata: &Metadata) -> String {
    format!(
        "{}:{} {} {}.{} {}.{}",
        metadata.dev(),
        metadata.ino(),
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec()
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn watched(contents: &Path, trees: &Path) -> Watched {
        Watched {
            contents: BTreeSet::from([contents.to_owned()]),
            trees: BTreeSet::from([trees.to_owned()]),
        }
    }

    #[test]
    fn every_change_of_content_shows_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let (documents, database) = (folder.path().join("documents"), folder.path().join("db"));
        let watched = watched(&documents, &database);
        let mut prints = vec![watched.print()];
        let mut step = |what: &str, change: &dyn Fn()| {
            change();
            let print = watched.print();
            assert!(!prints.contains(&print), "{what}");
            assert_eq!(print, watched.print(), "{what}");
            prints.push(print);
        };
        step("made", &|| fs::create_dir_all(&documents).unwrap());
        let file = |name: &str| documents.join(name);
        step("a file", &|| fs::write(file("a.yaml"), "one").unwrap());
        step("as long", &|| fs::write(file("a.yaml"), "two").unwrap());
        step("another name", &|| {
            fs::rename(file("a.yaml"), file("b.yaml")).unwrap();
        });
        let records = database.join("npm");
        step("a tree", &|| fs::create_dir_all(&records).unwrap());
        let record = records.join("x.json");
        step("a record", &|| fs::write(&record, "{}").unwrap());
        step("gone", &|| fs::remove_dir_all(&documents).unwrap());
    }

    #[test]
    fn a_volume_that_is_replaced_as_a_whole_shows() {
        let volume = tempfile::tempdir().unwrap();
        let path = volume.path();
        for (version, text) in [("..1", "one"), ("..2", "two")] {
            fs::create_dir(path.join(version)).unwrap();
            fs::write(path.join(version).join("a.yaml"), text).unwrap();
        }
        symlink("..1", path.join("..data")).unwrap();
        symlink("..data/a.yaml", path.join("a.yaml")).unwrap();
        let watched = watched(path, &path.join("none"));
        let before = watched.print();
        symlink("..2", path.join("..tmp")).unwrap();
        fs::rename(path.join("..tmp"), path.join("..data")).unwrap();
        assert_ne!(watched.print(), before);
    }

    #[test]
    fn files_and_directories_are_compared_up_to_their_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.yaml");
        let content = watched(&file, &folder.path().join("none"));
        let most = usize::try_from(MAX_BYTES).unwrap();
        let with = |place: usize| {
            let mut bytes = vec![b' '; most + 1];
            bytes[place] = b'x';
            fs::write(&file, bytes).unwrap();
            content.print()
        };
        assert_ne!(with(0), with(most - 1));
        // One byte behind it is compared by the size of the file alone.
        fs::write(&file, vec![b' '; most + 1]).unwrap();
        let blank = content.print();
        assert_eq!(with(most), blank);
        let mut deep = folder.path().join("db");
        for _ in 0..MAX_DEPTH - 1 {
            deep.push("d");
        }
        let tree = watched(&file, &folder.path().join("db"));
        fs::create_dir_all(&deep).unwrap();
        let before = tree.print();
        fs::write(deep.join("one.json"), "{}").unwrap();
        let seen = tree.print();
        assert_ne!(before, seen);
        let below = deep.join("d");
        fs::create_dir(&below).unwrap();
        fs::create_dir(below.join("d")).unwrap();
        let before = tree.print();
        fs::write(below.join("d").join("two.json"), "{}").unwrap();
        assert_eq!(before, tree.print());
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("a.yaml");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let _ = watched(folder.path(), &pipe).print();
    }
}
