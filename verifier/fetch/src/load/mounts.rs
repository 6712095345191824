//! Volumes that Kubernetes mounts: a directory `..data` is a link to the content of now, and is replaced
//! as a whole; everything else in the volume is a link through it (Kubernetes
//! `pkg/volume/util/atomic_writer.go`).

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use sovverify::Code;

use super::LoadError;

/// The link to the content of now.
const CURRENT: &str = "..data";

/// Times that inputs are read before we say that they do not hold still. The kubelet replaces a volume
/// about once a minute.
const ATTEMPTS: usize = 4;

/// Whether a name is one that Kubernetes keeps beside the links of a mounted volume.
pub(super) fn is_internal(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"..")
}

/// Whether `entry` is a link into the content of now of its own volume.
pub(super) fn is_current(entry: &Path) -> bool {
    fs::read_link(entry).is_ok_and(|target| target.starts_with(CURRENT))
}

/// What the volumes around some paths led to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Snapshot(BTreeMap<PathBuf, Option<PathBuf>>);

impl Snapshot {
    fn of(paths: &[PathBuf]) -> Self {
        let current = |directory: &Path| {
            let link = directory.join(CURRENT);
            let target = fs::read_link(&link).ok();
            (link, target)
        };
        let around = paths
            .iter()
            .flat_map(|path| std::iter::once(path.as_path()).chain(path.parent()));
        Self(around.map(current).collect())
    }
}

/// Does `read` on `paths`, again where a volume around them was replaced in the meantime.
pub(super) fn steady<T>(
    paths: &[PathBuf],
    mut read: impl FnMut() -> Result<T, LoadError>,
) -> Result<T, LoadError> {
    for _ in 0..ATTEMPTS {
        let before = Snapshot::of(paths);
        let result = read();
        if Snapshot::of(paths) == before {
            return result;
        }
    }
    let message = "a mounted volume is replaced again and again while it is read";
    Err(LoadError::new(Code::FileUnreadable, message)
        .expected("a volume that stays the same while it is read")
        .found(format!("another content in each of {ATTEMPTS} attempts")))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::load::{documents, files};

    /// Puts `text` into the volume in one step, as the kubelet does.
    fn replace(volume: &Path, version: &str, text: &str) {
        let content = volume.join(format!("..2026_03_{version}"));
        fs::create_dir_all(&content).unwrap();
        fs::write(content.join("policy.yaml"), text).unwrap();
        fs::write(content.join("other.yaml"), text).unwrap();
        symlink(content.file_name().unwrap(), volume.join("..data_tmp")).unwrap();
        fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    }

    fn volume() -> tempfile::TempDir {
        let volume = tempfile::tempdir().unwrap();
        replace(volume.path(), "01", "old");
        for name in ["policy.yaml", "other.yaml"] {
            symlink(format!("..data/{name}"), volume.path().join(name)).unwrap();
        }
        volume
    }

    #[test]
    fn a_mounted_volume_holds_each_document_once() {
        let volume = volume();
        fs::write(volume.path().join("..stale.yaml"), "never").unwrap();
        let found = files::documents(volume.path()).unwrap();
        let names = ["other.yaml", "policy.yaml"].map(|name| volume.path().join(name));
        assert_eq!(found, names);
    }

    #[test]
    fn old_and_new_content_are_never_mixed() {
        let volume = volume();
        let paths = [volume.path().to_owned()];
        let mut versions = 1;
        let read = || {
            let first = fs::read_to_string(volume.path().join("other.yaml")).unwrap();
            if versions < 3 {
                versions += 1;
                replace(
                    volume.path(),
                    &format!("0{versions}"),
                    &format!("new {versions}"),
                );
            }
            let second = fs::read_to_string(volume.path().join("policy.yaml")).unwrap();
            Ok((first, second))
        };
        let (first, second) = steady(&paths, read).unwrap();
        assert_eq!((first.as_str(), second.as_str()), ("new 3", "new 3"));
    }

    #[test]
    fn a_volume_that_never_holds_still_is_an_error() {
        let volume = volume();
        let paths = [volume.path().join("policy.yaml")];
        let mut version = 1;
        let result = steady(&paths, || {
            version += 1;
            replace(volume.path(), &version.to_string(), "new");
            Ok(())
        });
        assert!(result.unwrap_err().is(Code::FileUnreadable));
        assert_eq!(version, 1 + ATTEMPTS);
    }

    #[test]
    fn documents_of_a_mounted_volume_name_files_beside_them() {
        let volume = tempfile::tempdir().unwrap();
        let content = volume.path().join("..2026_03_01");
        fs::create_dir_all(content.join("keys")).unwrap();
        let text = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: a }\n\
                    spec: { registries: { ca: [{ file: keys/ca.pem }] } }\n";
        fs::write(content.join("config.yaml"), text).unwrap();
        fs::write(content.join("keys/ca.pem"), "pem").unwrap();
        symlink("..2026_03_01", volume.path().join("..data")).unwrap();
        symlink("..data/config.yaml", volume.path().join("config.yaml")).unwrap();
        symlink("..data/keys", volume.path().join("keys")).unwrap();
        let loaded = documents(&[volume.path().to_owned()]).unwrap();
        assert_eq!(loaded.files.values().next().unwrap(), b"pem");
    }
}
