//! Tools, pinned and cached: built once with their own package manager, found ever after.
//!
//! **Invariant**: a tool's folder `<cache>/<name>-<version>/` exists only when its build succeeded:
//! it is built beside its place, under a lock, and renamed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::context::{Context, Place};
use crate::run::{Run, on_path};
use crate::steps::{Steps, Stop};

pub(crate) const HELP: &str = "
usage: cargo xtask tools [NAME...]

Builds every pinned tool that is not in the cache yet, and prints where each one is; the fuzzer's
driver only where it is named. The cache is
`$SOVVERIFY_TOOLS`, or `sovverify/tools` in the user's cache folder. Programs of the system (openssl,
strace, faketime, unshare, c++) are only looked for; with CI=true, as root, on a system with apt-get, the
missing ones are installed.
";

/// A program that tests need, at one version.
#[derive(Debug)]
pub(crate) struct Tool {
    /// What it is called here and in the cache.
    pub(crate) name: &'static str,
    /// The version that the tests were written against.
    pub(crate) version: &'static str,
    /// The variable that tells tests where it is.
    pub(crate) variable: &'static str,
    executable: &'static str,
    source: Source,
}

/// Where a tool comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// `go install <module>@v<version>`.
    Go(&'static str),
    /// `cargo install <crate> --version <version> --locked`.
    Cargo(&'static str),
}

/// cosign 3: bundles as referrers.
pub(crate) const COSIGN_3: Tool = Tool {
    name: "cosign",
    version: "3.1.3",
    variable: "SOVVERIFY_COSIGN3",
    executable: "cosign",
    source: Source::Go("github.com/sigstore/cosign/v3/cmd/cosign"),
};

/// cosign 2: `.sig` and `.att` tags.
pub(crate) const COSIGN_2: Tool = Tool {
    name: "cosign",
    version: "2.6.5",
    variable: "SOVVERIFY_COSIGN2",
    executable: "cosign",
    source: Source::Go("github.com/sigstore/cosign/v2/cmd/cosign"),
};

/// A registry without the referrers API.
pub(crate) const DISTRIBUTION: Tool = Tool {
    name: "distribution",
    version: "3.1.2",
    variable: "SOVVERIFY_REGISTRY_PLAIN",
    executable: "registry",
    source: Source::Go("github.com/distribution/distribution/v3/cmd/registry"),
};

/// A registry with the referrers API.
pub(crate) const FERRO: Tool = Tool {
    name: "ferro-oci-server",
    version: "1.0.0",
    variable: "SOVVERIFY_REGISTRY_REFERRERS",
    executable: "ferro-oci-server",
    source: Source::Cargo("ferro-oci-server"),
};

/// Licences, bans and sources of dependencies.
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    variable: "SOVVERIFY_CARGO_DENY",
    executable: "cargo-deny",
    source: Source::Cargo("cargo-deny"),
};

/// Spelling.
pub(crate) const TYPOS: Tool = Tool {
    name: "typos-cli",
    version: "1.52.0",
    variable: "SOVVERIFY_TYPOS",
    executable: "typos",
    source: Source::Cargo("typos-cli"),
};

/// The fuzzer's driver.
pub(crate) const FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.2",
    variable: "SOVVERIFY_CARGO_FUZZ",
    executable: "cargo-fuzz",
    source: Source::Cargo("cargo-fuzz"),
};

/// Every pinned tool that `test` needs.
pub(crate) const ALL: &[&Tool] = &[&DENY, &TYPOS, &FERRO, &DISTRIBUTION, &COSIGN_3, &COSIGN_2];

/// Pinned tools that are built only for who asks for them.
const ON_REQUEST: &[&Tool] = &[&FUZZ];

/// The tools that the end-to-end tests drive.
pub(crate) const END_TO_END: &[&Tool] = &[&COSIGN_3, &COSIGN_2, &DISTRIBUTION, &FERRO];

/// A program of the system: its name, and the Debian package that has it.
pub(crate) const SYSTEM: &[(&str, &str)] = &[
    ("openssl", "openssl"),
    ("strace", "strace"),
    ("faketime", "faketime"),
    ("unshare", "util-linux"),
    ("c++", "g++"),
];

/// The verb.
pub(crate) fn run(context: &Context, steps: &mut Steps, names: &[String]) -> Result<(), Stop> {
    let all = || ALL.iter().chain(ON_REQUEST);
    if let Some(unknown) = names
        .iter()
        .find(|name| !all().any(|tool| tool.name == name.as_str()))
    {
        let known: Vec<_> = all().map(|tool| tool.name).collect();
        return Err(Stop::failed(format!(
            "expected names out of {known:?}, found `{unknown}`"
        )));
    }
    let wanted: Vec<&&Tool> = if names.is_empty() {
        ALL.iter().collect()
    } else {
        all()
            .filter(|tool| names.iter().any(|name| name == tool.name))
            .collect()
    };
    for tool in wanted {
        steps.step(&title(tool), || {
            println!("{}", tool.prepare(context)?.display());
            Ok(())
        });
    }
    if names.is_empty() {
        for (name, _) in SYSTEM {
            steps.step(&format!("tool {name} (system)"), || {
                println!("{}", system(context, name)?.display());
                Ok(())
            });
        }
    }
    Ok(())
}

/// The title of a tool's step.
pub(crate) fn title(tool: &Tool) -> String {
    format!("tool {} {}", tool.name, tool.version)
}

impl Tool {
    /// Where the tool is, built first if it is not there yet.
    pub(crate) fn prepare(&self, context: &Context) -> Result<PathBuf, Stop> {
        let place = format!("{}-{}", self.name, self.version);
        let folder = context.tools().join(&place);
        let executable = folder.join("bin").join(self.executable);
        if executable.is_file() {
            return Ok(executable);
        }
        self.source.available()?;
        let told = |what: &str, error: std::io::Error| {
            Stop::failed(format!(
                "{what} under {}: {error}",
                context.tools().display()
            ))
        };
        fs::create_dir_all(context.tools()).map_err(|e| told("cannot make a folder", e))?;
        let lock = fs::File::create(context.tools().join(format!("{place}.lock")))
            .map_err(|e| told("cannot make a lock file", e))?;
        lock.lock().map_err(|e| told("cannot lock", e))?;
        if executable.is_file() {
            return Ok(executable); // somebody else built it while we waited for the lock
        }
        let fresh = context.tools().join(format!("{place}.new"));
        remove(&fresh)?;
        println!("building {place}; this happens once");
        self.source.build(context, self.version, &fresh)?;
        if !fresh.join("bin").join(self.executable).is_file() {
            return Err(Stop::failed(format!(
                "the build of {place} made no `{}`",
                self.executable
            )));
        }
        remove(&folder)?;
        fs::rename(&fresh, &folder).map_err(|e| told("cannot rename", e))?;
        Ok(executable)
    }
}

impl Source {
    /// Whether the package manager is here.
    fn available(self) -> Result<(), Stop> {
        match self {
            Self::Go(module) if on_path("go").is_none() => Err(Stop::missing(format!(
                "Go is not installed, so `{module}` cannot be built (go.dev/doc/install)"
            ))),
            Self::Go(_) | Self::Cargo(_) => Ok(()),
        }
    }

    /// Builds into `<folder>/bin`.
    fn build(self, context: &Context, version: &str, folder: &Path) -> Result<(), Stop> {
        match self {
            Self::Go(module) => Run::new("go", context.tools())
                .args(&[
                    "install",
                    "-trimpath",
                    "-buildvcs=false",
                    "-ldflags",
                    "-s -w",
                ])
                .args(&[format!("{module}@v{version}")])
                .env("GOBIN", folder.join("bin"))
                .without_env("GOFLAGS")
                .stream(),
            // Run from the repository, so that its pinned toolchain builds the tool as well.
            Self::Cargo(name) => context
                .cargo(&["install", "--locked", "--quiet", name, "--version", version])
                .args(&["--root"])
                .args(&[folder])
                .without_env("CARGO_TARGET_DIR")
                .without_env("RUSTFLAGS")
                .stream(),
        }
    }
}

/// A program of the system; in CI a missing one is installed where that is possible.
pub(crate) fn system(context: &Context, name: &str) -> Result<PathBuf, Stop> {
    if let Some(found) = on_path(name) {
        return Ok(found);
    }
    let package = SYSTEM
        .iter()
        .find_map(|(known, package)| (*known == name).then_some(*package))
        .unwrap_or(name);
    if context.place() == Place::Ci && on_path("apt-get").is_some() {
        install(context, package)?;
    }
    on_path(name).ok_or_else(|| {
        Stop::missing(format!(
            "`{name}` is not installed (Debian and Ubuntu: package `{package}`)"
        ))
    })
}

/// Installs one Debian package; a stale package list is refreshed once.
fn install(context: &Context, package: &str) -> Result<(), Stop> {
    let install = || {
        Run::new("apt-get", context.root())
            .args(&["install", "--yes", "--no-install-recommends", package])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stream()
    };
    if install().is_ok() {
        return Ok(());
    }
    Run::new("apt-get", context.root())
        .args(&["update"])
        .stream()?;
    install()
}

/// Removes a folder that may not exist.
fn remove(folder: &Path) -> Result<(), Stop> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Stop::failed(format!(
            "cannot remove {}: {error}",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tool_has_its_own_place_and_its_own_variable() {
        let all = || ALL.iter().chain(ON_REQUEST);
        let places: BTreeSet<_> = all().map(|t| (t.name, t.version)).collect();
        let variables: BTreeSet<_> = all().map(|t| t.variable).collect();
        assert_eq!(places.len(), all().count());
        assert_eq!(variables.len(), all().count());
    }
}
