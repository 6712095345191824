//! The referees: verifiers of others in other languages, each from a lock file of its own package manager.
//!
//! Their folders in the cache carry a mark of the files that they are made of, so that a changed lock file is
//! another build.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::Tool;
use super::source::{Source, go};
use crate::context::Context;
use crate::run::{Run, on_path};
use crate::steps::Stop;

/// All of them, beside cosign itself.
pub(crate) const REFEREES: [&Tool; 3] = [
    &Tool {
        name: "referee-cosign",
        version: "3.1.3",
        variable: "SOVVERIFY_REFEREE_COSIGN",
        executables: &["referee"],
        source: Source::Locked(&Parts {
            language: Language::Go,
            folder: "testdata/referees/go",
            files: &["go.mod", "go.sum", "main.go"],
        }),
    },
    &Tool {
        name: "referee-python",
        version: "4.5.1",
        variable: "SOVVERIFY_REFEREE_PYTHON",
        executables: &["python"],
        source: Source::Locked(&Parts {
            language: Language::Python,
            folder: "testdata/referees/python",
            files: &["requirements.txt"],
        }),
    },
    &Tool {
        name: "referee-js",
        version: "4.1.3",
        variable: "SOVVERIFY_REFEREE_JS",
        executables: &["node"],
        source: Source::Locked(&Parts {
            language: Language::JavaScript,
            folder: "testdata/referees/js",
            files: &["package.json", "package-lock.json"],
        }),
    },
];

/// A folder of ours that pins what somebody else's package manager installs.
#[derive(Debug)]
pub(super) struct Parts {
    language: Language,
    folder: &'static str,
    files: &'static [&'static str],
}

/// Whose package manager.
#[derive(Clone, Copy, Debug)]
enum Language {
    Go,
    Python,
    JavaScript,
}

impl Language {
    /// The programs that must be there.
    const fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Go => &["go"],
            Self::Python => &["python3"],
            Self::JavaScript => &["node", "npm"],
        }
    }
}

impl Parts {
    /// Whether the package manager is here.
    pub(super) fn available(&self) -> Result<(), Stop> {
        let programs = self.language.programs().iter();
        match programs.copied().find(|program| on_path(program).is_none()) {
            None => Ok(()),
            Some(missing) => Err(Stop::missing(format!(
                "`{missing}` is not installed, so the referee in `{}` cannot be built",
                self.folder
            ))),
        }
    }

    /// A mark of the files: not against attackers, who could change the repository as well (FNV-1a).
    pub(super) fn mark(&self, context: &Context) -> Result<String, Stop> {
        let mut mark: u64 = 0xcbf2_9ce4_8422_2325;
        for name in self.files {
            let path = context.root().join(self.folder).join(name);
            let bytes = fs::read(&path).map_err(|error| {
                Stop::failed(format!("cannot read {}: {error}", path.display()))
            })?;
            for byte in bytes {
                mark = (mark ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Ok(format!("{mark:016x}"))
    }

    /// Installs into `folder`, from copies: nothing is written into the repository, and what the lock file
    /// does not pin is an error.
    pub(super) fn build(&self, context: &Context, folder: &Path) -> Result<(), Stop> {
        let told = |error| Stop::failed(format!("cannot fill {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(told)?;
        for name in self.files {
            let from = context.root().join(self.folder).join(name);
            fs::copy(from, folder.join(name)).map_err(told)?;
        }
        match self.language {
            Language::Go => go(context, folder)
                .args(&["build", "-mod=readonly", "-trimpath", "-buildvcs=false"])
                .args(&["-ldflags", "-s -w", "-o", "bin/referee", "."])
                .env("GOWORK", "off")
                .stream(),
            Language::Python => {
                Run::new("python3", folder)
                    .args(&["-m", "venv", "."])
                    .stream()?;
                Run::new(folder.join("bin/python"), folder)
                    .args(&[
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                    ])
                    .args(&["--require-hashes", "--no-deps", "--only-binary", ":all:"])
                    .args(&["--requirement", "requirements.txt"])
                    .stream()
            }
            Language::JavaScript => {
                Run::new("npm", folder)
                    .args(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                    .stream()?;
                fs::create_dir_all(folder.join("bin")).map_err(told)?;
                let node = on_path("node").unwrap_or_default();
                symlink(node, folder.join("bin/node")).map_err(told)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pinned_is_the_version_that_the_tool_says() {
        let [cosign, python, js] = REFEREES;
        let module = include_str!("../../../../testdata/referees/go/go.mod");
        let pinned = format!("github.com/sigstore/cosign/v3 v{}", cosign.version);
        assert!(module.contains(&pinned), "{pinned}");
        let requirements = include_str!("../../../../testdata/referees/python/requirements.txt");
        assert!(requirements.contains(&format!("\nsigstore=={} ", python.version)));
        let package = include_str!("../../../../testdata/referees/js/package.json");
        assert!(package.contains(&format!("\"@sigstore/verify\": \"{}\"", js.version)));
    }

    #[test]
    fn every_requirement_has_a_hash() {
        let requirements = include_str!("../../../../testdata/referees/python/requirements.txt");
        let names = requirements.lines().filter(|line| line.contains("=="));
        let mut found = 0;
        for name in names {
            assert!(name.ends_with('\\'), "{name}");
            found += 1;
        }
        assert!(found > 10);
    }
}
