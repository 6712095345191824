//! The tools that `cargo xtask e2e` names, and a folder for one test.

use std::env;
use std::path::{Path, PathBuf};

/// Everything that one test needs from outside.
pub(crate) struct Kit {
    /// Real cosign 3.
    pub(crate) cosign3: PathBuf,
    /// Real cosign 2.
    pub(crate) cosign2: PathBuf,
    /// A registry with the referrers API.
    pub(crate) referrers: PathBuf,
    /// A registry without it.
    pub(crate) plain: PathBuf,
    /// Makes private keys.
    pub(crate) openssl: PathBuf,
    folder: tempfile::TempDir,
}

impl Kit {
    /// The tools, or `None` with the reason printed; with `CI=true` a missing tool is a failure.
    pub(crate) fn find() -> Option<Self> {
        match Self::locate() {
            Ok(kit) => Some(kit),
            Err(missing) => {
                let ci = env::var("CI").is_ok_and(|value| value == "true");
                assert!(!ci, "{missing} does not name a program, and CI=true");
                println!("skipped: {missing} does not name a program; run `cargo xtask e2e`");
                None
            }
        }
    }

    /// The tools, or the variable that does not name one.
    fn locate() -> Result<Self, &'static str> {
        let tool = |variable: &'static str| {
            env::var_os(variable)
                .map(PathBuf::from)
                .filter(|path| path.is_file())
                .ok_or(variable)
        };
        Ok(Self {
            cosign3: tool("SOVVERIFY_COSIGN3")?,
            cosign2: tool("SOVVERIFY_COSIGN2")?,
            referrers: tool("SOVVERIFY_REGISTRY_REFERRERS")?,
            plain: tool("SOVVERIFY_REGISTRY_PLAIN")?,
            openssl: tool("SOVVERIFY_OPENSSL")?,
            folder: tempfile::tempdir().expect("a temporary folder"),
        })
    }

    /// A folder that ends with the test.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, text).expect("a temporary file");
        path
    }
}
