//! Tools, pinned and cached: built once with their own package manager, found ever after.
//!
//! **Invariant**: a tool's folder `<cache>/<name>-<version>/` exists only when its build succeeded:
//! it is built beside its place, under a lock, and renamed.

mod control_plane;
mod referees;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use crate::context::{Context, Place};
use crate::run::{Run, on_path};
use crate::steps::{Steps, Stop};
use source::{GoTools, Source};

pub(crate) use control_plane::control_plane;
pub(crate) use referees::REFEREES;

pub(crate) const HELP: &str = "
usage: cargo xtask tools [NAME...]

Builds every pinned tool that is not in the cache yet, and prints where each one is; the fuzzer's
driver and the referees only where they are named. The cache is
`$SOVVERIFY_TOOLS`, or `sovverify/tools` in the user's cache folder. Programs of the system (openssl,
strace, faketime, unshare, c++, etcd) are only looked for; with CI=true, as root, on a system with apt-get,
the missing ones are installed. Where KUBEBUILDER_ASSETS names a folder with etcd, kube-apiserver,
kube-controller-manager and kubectl, those are used, and no control plane is built.
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
    /// What its build makes; the first one is what the variable names, the others lie beside it.
    executables: &'static [&'static str],
    source: Source,
}

/// cosign 3: bundles as referrers.
pub(crate) const COSIGN_3: Tool = Tool {
    name: "cosign",
    version: "3.1.3",
    variable: "SOVVERIFY_COSIGN3",
    executables: &["cosign"],
    source: Source::Go("github.com/sigstore/cosign/v3/cmd/cosign"),
};

/// cosign 2: `.sig` and `.att` tags.
pub(crate) const COSIGN_2: Tool = Tool {
    name: "cosign",
    version: "2.6.5",
    variable: "SOVVERIFY_COSIGN2",
    executables: &["cosign"],
    source: Source::Go("github.com/sigstore/cosign/v2/cmd/cosign"),
};

/// A registry without the referrers API.
pub(crate) const DISTRIBUTION: Tool = Tool {
    name: "distribution",
    version: "3.1.2",
    variable: "SOVVERIFY_REGISTRY_PLAIN",
    executables: &["registry"],
    source: Source::Go("github.com/distribution/distribution/v3/cmd/registry"),
};

/// A registry with the referrers API.
pub(crate) const FERRO: Tool = Tool {
    name: "ferro-oci-server",
    version: "1.0.0",
    variable: "SOVVERIFY_REGISTRY_REFERRERS",
    executables: &["ferro-oci-server"],
    source: Source::Cargo("ferro-oci-server"),
};

/// A control plane of Kubernetes.
pub(crate) const KUBERNETES: Tool = Tool {
    name: "kubernetes",
    version: "1.36.3",
    variable: "SOVVERIFY_KUBE_APISERVER",
    executables: &["kube-apiserver", "kube-controller-manager", "kubectl"],
    source: Source::GoTools(&GoTools {
        folder: "testdata/kubernetes",
        go: "1.26",
        toolchain: "go1.26.8",
        reason: "built with 1.27, the API server serves a malformed OpenAPI document",
        version_package: "k8s.io/component-base/version",
    }),
};

/// Licences, bans and sources of dependencies.
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    variable: "SOVVERIFY_CARGO_DENY",
    executables: &["cargo-deny"],
    source: Source::Cargo("cargo-deny"),
};

/// Spelling.
pub(crate) const TYPOS: Tool = Tool {
    name: "typos-cli",
    version: "1.52.0",
    variable: "SOVVERIFY_TYPOS",
    executables: &["typos"],
    source: Source::Cargo("typos-cli"),
};

/// The fuzzer's driver.
pub(crate) const FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.2",
    variable: "SOVVERIFY_CARGO_FUZZ",
    executables: &["cargo-fuzz"],
    source: Source::Cargo("cargo-fuzz"),
};

/// Every pinned tool that `test` needs, beside the control plane.
pub(crate) const ALL: &[&Tool] = &[&DENY, &TYPOS, &FERRO, &DISTRIBUTION, &COSIGN_3, &COSIGN_2];

/// Pinned tools that are built only for who asks for them.
const ON_REQUEST: &[&Tool] = &[&KUBERNETES, &FUZZ, REFEREES[0], REFEREES[1], REFEREES[2]];

/// The tools that the end-to-end tests drive.
pub(crate) const END_TO_END: &[&Tool] = &[&COSIGN_3, &COSIGN_2, &DISTRIBUTION, &FERRO];

/// A program of the system: its name, and the Debian package that has it.
pub(crate) const SYSTEM: &[(&str, &str)] = &[
    ("openssl", "openssl"),
    ("strace", "strace"),
    ("faketime", "faketime"),
    ("unshare", "util-linux"),
    ("c++", "g++"),
    ("etcd", "etcd-server"),
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
        steps.step(&title(&KUBERNETES), || {
            for (_, program) in control_plane(context)? {
                println!("{}", program.display());
            }
            Ok(())
        });
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
        let mut place = format!("{}-{}", self.name, self.version);
        if let Some(mark) = self.source.mark(context)? {
            place = format!("{place}-{mark}");
        }
        let folder = context.tools().join(&place);
        let executable = folder
            .join("bin")
            .join(self.executables.first().copied().unwrap_or(self.name));
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
        for made in self.executables {
            if !fresh.join("bin").join(made).is_file() {
                return Err(Stop::failed(format!(
                    "the build of {place} made no `{made}`"
                )));
            }
        }
        remove(&folder)?;
        fs::rename(&fresh, &folder).map_err(|e| told("cannot rename", e))?;
        Ok(executable)
    }
}

/// Removes what building left behind in CI, where nothing is built a second time.
pub(crate) fn tidy(context: &Context) -> Result<(), Stop> {
    source::forget(context)
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
