//! Where we are: the repository, its members, the tool cache, and how strict to be.
//!
//! **Invariant**: read once at the door; verbs take it as an argument.

use std::env;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::Run;
use crate::steps::Stop;

/// How strict a missing part is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A developer's machine: a missing part is said aloud and skipped.
    Laptop,
    /// `CI=true`: a missing part fails.
    Ci,
}

/// One package of the workspace.
#[derive(Debug)]
pub(crate) struct Member {
    /// The package's name.
    pub(crate) name: String,
    /// The folder that holds its `Cargo.toml`.
    pub(crate) folder: PathBuf,
}

/// Where we are.
#[derive(Debug)]
pub(crate) struct Context {
    root: PathBuf,
    cargo: PathBuf,
    tools: PathBuf,
    place: Place,
}

impl Context {
    /// Reads the environment, once.
    pub(crate) fn discover() -> Result<Self, Stop> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .and_then(Path::parent)
            .ok_or_else(|| Stop::failed("xtask does not lie two folders below the repository"))?
            .to_path_buf();
        let place = match env::var("CI") {
            Ok(value) if value == "true" => Place::Ci,
            _ => Place::Laptop,
        };
        Ok(Self {
            root,
            cargo: env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from),
            tools: tool_cache()?,
            place,
        })
    }

    /// The repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The tool cache.
    pub(crate) fn tools(&self) -> &Path {
        &self.tools
    }

    /// How strict a missing part is taken.
    pub(crate) const fn place(&self) -> Place {
        self.place
    }

    /// A run of our own cargo in the repository.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Run {
        Run::new(&self.cargo, self.root()).args(arguments)
    }

    /// Every package of the workspace.
    pub(crate) fn members(&self) -> Result<Vec<Member>, Stop> {
        let metadata = self.metadata()?;
        let packages = metadata.get("packages").and_then(Value::as_array);
        let members: Vec<Member> = packages
            .into_iter()
            .flatten()
            .filter_map(|package| {
                let manifest = Path::new(package.get("manifest_path")?.as_str()?);
                Some(Member {
                    name: package.get("name")?.as_str()?.to_owned(),
                    folder: manifest.parent()?.to_path_buf(),
                })
            })
            .collect();
        if members.is_empty() {
            return Err(Stop::failed("`cargo metadata` names no package"));
        }
        Ok(members)
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> Result<PathBuf, Stop> {
        let metadata = self.metadata()?;
        let target = metadata.get("target_directory").and_then(Value::as_str);
        target
            .map(PathBuf::from)
            .ok_or_else(|| Stop::failed("`cargo metadata` names no target directory"))
    }

    /// What cargo says about the workspace.
    fn metadata(&self) -> Result<Value, Stop> {
        let text = self
            .cargo(&["metadata", "--no-deps", "--format-version=1", "--locked"])
            .output()?;
        serde_json::from_str(&text)
            .map_err(|error| Stop::failed(format!("`cargo metadata` is not JSON: {error}")))
    }

    /// Every file that git knows or would add, relative to the repository.
    pub(crate) fn files(&self) -> Result<Vec<String>, Stop> {
        let listed = Run::new("git", self.root())
            .args(&[
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard",
                "-z",
            ])
            .output()?;
        let files: Vec<String> = listed
            .split('\0')
            .filter(|name| !name.is_empty() && self.root.join(name).is_file())
            .map(str::to_owned)
            .collect();
        if files.is_empty() {
            return Err(Stop::failed("`git ls-files` names no file"));
        }
        Ok(files)
    }
}

/// `SOVVERIFY_TOOLS`, or a folder in the user's cache.
fn tool_cache() -> Result<PathBuf, Stop> {
    let cache = env::var_os("SOVVERIFY_TOOLS")
        .map(PathBuf::from)
        .or_else(|| {
            let cache = env::var_os("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))?;
            Some(cache.join("sovverify/tools"))
        });
    cache
        .filter(|path| path.is_absolute())
        .ok_or_else(|| Stop::failed("set SOVVERIFY_TOOLS to an absolute path: there is no HOME"))
}
