//! (Re)writes the committed evidence: `testdata/images`, `testdata/trust` and `testdata/cases`.
//!
//! Keys are new in every run and die with it; run this only when the formats change, and commit
//! all of what it wrote. The one argument is another place than `testdata`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a forge that cannot write its evidence must stop"
)]

mod cases;
mod images;

use std::path::{Path, PathBuf};

fn main() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = std::env::args_os().nth(1).map_or(beside, PathBuf::from);
    images::write(&root);
    cases::write(&root);
}

/// Replaces a folder by nothing.
fn clear(folder: &Path) {
    if folder.exists() {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

/// Writes a file and the folders above it.
fn save(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
