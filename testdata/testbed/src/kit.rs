//! The tools that `cargo xtask e2e` names, and a folder for one test.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// Everything that one test needs from outside.
pub struct Kit {
    /// Real cosign 3.
    pub cosign3: PathBuf,
    /// Real cosign 2.
    pub cosign2: PathBuf,
    /// A registry with the referrers API.
    pub referrers: PathBuf,
    /// A registry without it.
    pub plain: PathBuf,
    /// Makes private keys.
    pub openssl: PathBuf,
    folder: Folder,
    made: AtomicU32,
}

impl Kit {
    /// The tools, or `None` with the reason printed; with `CI=true` a missing tool is a failure.
    pub fn find() -> Option<Self> {
        or_skip(Self::locate(Folder::of_a_test))
    }

    /// The same, for a static: its folder is removed when the test process ends.
    pub fn for_all_tests() -> Option<Self> {
        or_skip(Self::locate(Folder::of_all_tests))
    }

    /// The tools, or the variable that does not name one.
    fn locate(folder: fn() -> Folder) -> Result<Self, Missing> {
        Ok(Self {
            cosign3: tool("SOVVERIFY_COSIGN3")?,
            cosign2: tool("SOVVERIFY_COSIGN2")?,
            referrers: tool("SOVVERIFY_REGISTRY_REFERRERS")?,
            plain: tool("SOVVERIFY_REGISTRY_PLAIN")?,
            openssl: tool("SOVVERIFY_OPENSSL")?,
            folder: folder(),
            made: AtomicU32::new(0),
        })
    }

    /// A folder that ends with this value, or with the test process.
    pub fn folder(&self) -> &Path {
        match &self.folder {
            Folder::Test(folder) => folder.path(),
            Folder::AllTests { path, .. } => path,
        }
    }

    /// Makes a folder in it, of another name each time.
    pub fn fresh(&self, name: &str) -> PathBuf {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let path = self.folder().join(format!("{name}-{number}"));
        std::fs::create_dir(&path).expect("a temporary folder");
        path
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, text).expect("a temporary file");
        path
    }
}

/// A temporary folder.
enum Folder {
    /// Removed with this value.
    Test(TempDir),
    /// Removed by a shell that waits for the end of the test process: statics are never dropped.
    AllTests {
        path: PathBuf,
        #[expect(dead_code, reason = "its pipe ends with the test process")]
        sweeper: Child,
    },
}

/// Programs that were killed just before may still be writing: it is tried again.
const SWEEPER: &str = r#"cat; for _ in 1 2 3 4 5 6 7 8; do rm -rf -- "$1" && exit; done"#;

impl Folder {
    fn of_a_test() -> Self {
        Self::Test(tempfile::tempdir().expect("a temporary folder"))
    }

    fn of_all_tests() -> Self {
        let path = tempfile::tempdir().expect("a temporary folder").keep();
        let mut sweeper = Command::new("sh");
        sweeper.args(["-c", SWEEPER, "sh"]).arg(&path);
        sweeper.stdin(Stdio::piped()).process_group(0);
        sweeper.stdout(Stdio::null()).stderr(Stdio::null());
        let sweeper = sweeper.spawn().expect("a shell");
        Self::AllTests { path, sweeper }
    }
}

/// A variable that does not name a program.
#[derive(Clone, Copy, Debug)]
pub struct Missing(&'static str);

/// The program that a variable names.
///
/// # Errors
///
/// [`Missing`], where it names none.
pub fn tool(variable: &'static str) -> Result<PathBuf, Missing> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_file())
        .ok_or(Missing(variable))
}

/// What was found, or `None` with the reason printed; with `CI=true` a missing part is a failure.
pub fn or_skip<T>(found: Result<T, Missing>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(Missing(variable)) => {
            let ci = env::var("CI").is_ok_and(|value| value == "true");
            assert!(!ci, "{variable} does not name a program, and CI=true");
            println!("skipped: {variable} does not name a program; run `cargo xtask e2e`");
            None
        }
    }
}
