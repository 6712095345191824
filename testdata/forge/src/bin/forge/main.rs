//! (Re)writes the committed evidence: `forge images`, `forge cases` and `forge content`, each with its trust roots.
//!
//! Keys are new in every run and die with it; run this only when the formats change, and commit
//! all of what it wrote.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a forge that cannot write its evidence must stop"
)]

mod cases;
mod content;
mod images;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let what: Vec<String> = std::env::args().skip(1).collect();
    match what.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["images"] => images::write(&root),
        ["cases"] => cases::write(&root),
        ["content"] => content::write(&root),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
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
