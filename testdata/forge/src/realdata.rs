//! The folder with data by others, which is read in place and never copied.

use std::path::{Path, PathBuf};

/// What the folder must hold to be the right one.
const MANIFEST: &str = "MANIFEST.tsv";

/// The folder with data by others: the one that `SOVVERIFY_REALDATA` names, else `shared/realdata` beside
/// the repository or above it.
///
/// Without it there is nothing to test: a test that gets `None` ends, and this has said why.
///
/// # Panics
///
/// With `CI=true`, where a missing folder must not pass for a test.
pub fn realdata() -> Option<PathBuf> {
    let named = std::env::var_os("SOVVERIFY_REALDATA").map(PathBuf::from);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = || {
        let folders = here
            .ancestors()
            .map(|folder| folder.join("shared/realdata"));
        folders
            .into_iter()
            .find(|folder| folder.join(MANIFEST).is_file())
    };
    let found = named.or_else(beside);
    if let Some(folder) = found.filter(|folder| folder.join(MANIFEST).is_file()) {
        return Some(folder);
    }
    let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    let missing =
        "expected real data, found none: set SOVVERIFY_REALDATA to the folder with MANIFEST.tsv";
    assert!(!is_ci, "{missing}");
    say(missing);
    None
}

#[expect(
    clippy::print_stdout,
    reason = "a test that is skipped says so, in its own output"
)]
fn say(missing: &str) {
    println!("skipped: {missing}");
}
