//! How a tool is built by the package manager that it comes from.

use std::fs;
use std::path::{Path, PathBuf};

use super::referees::Parts;
use crate::context::{Context, Place};
use crate::run::{Run, on_path};
use crate::steps::Stop;

/// Where a tool comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// `go install <module>@v<version>`.
    Go(&'static str),
    /// `go install tool` in a module of ours that lies in this folder of the repository, names the tools
    /// and pins all that they are built of.
    GoTools(&'static GoTools),
    /// `cargo install <crate> --version <version> --locked`.
    Cargo(&'static str),
    /// A folder of ours with a lock file of another package manager.
    Locked(&'static Parts),
}

/// A module of ours that builds tools which `go install <module>@<version>` cannot build.
#[derive(Debug)]
pub(super) struct GoTools {
    /// Where its `go.mod` and `go.sum` lie in the repository.
    pub(super) folder: &'static str,
    /// The release of Go that they must be built with, as `1.26`.
    pub(super) go: &'static str,
    /// The toolchain to ask for where Go is of another release.
    pub(super) toolchain: &'static str,
    /// Why no other release will do.
    pub(super) reason: &'static str,
    /// The Go package whose variables say which version was built.
    pub(super) version_package: &'static str,
}

impl Source {
    /// Whether the package manager is here.
    pub(super) fn available(self) -> Result<(), Stop> {
        match self {
            Self::Go(module) if on_path("go").is_none() => Err(Stop::missing(format!(
                "Go is not installed, so `{module}` cannot be built (go.dev/doc/install)"
            ))),
            Self::GoTools(tools) if on_path("go").is_none() => Err(Stop::missing(format!(
                "Go is not installed, so `{}` cannot be built (go.dev/doc/install)",
                tools.folder
            ))),
            Self::Locked(parts) => parts.available(),
            Self::Go(_) | Self::GoTools(_) | Self::Cargo(_) => Ok(()),
        }
    }

    /// What tells one build from another of the same version: the files of ours that it is made of.
    pub(super) fn mark(self, context: &Context) -> Result<Option<String>, Stop> {
        match self {
            Self::Locked(parts) => parts.mark(context).map(Some),
            Self::Go(_) | Self::GoTools(_) | Self::Cargo(_) => Ok(None),
        }
    }

    /// Builds into `<folder>/bin`.
    pub(super) fn build(self, context: &Context, version: &str, folder: &Path) -> Result<(), Stop> {
        match self {
            Self::Go(module) => go(context, context.tools())
                .args(&[
                    "install",
                    "-trimpath",
                    "-buildvcs=false",
                    "-ldflags",
                    "-s -w",
                ])
                .args(&[format!("{module}@v{version}")])
                .env("GOBIN", folder.join("bin"))
                .stream(),
            Self::GoTools(tools) => tools.build(context, version, folder),
            Self::Locked(parts) => parts.build(context, folder),
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

impl GoTools {
    /// Builds every tool that the module names into `<folder>/bin`, from a copy of the module: nothing is
    /// written into the repository, and what the module does not pin is an error.
    fn build(&self, context: &Context, version: &str, folder: &Path) -> Result<(), Stop> {
        let source = folder.join("source");
        let told = |error| Stop::failed(format!("cannot fill {}: {error}", source.display()));
        fs::create_dir_all(&source).map_err(told)?;
        for name in ["go.mod", "go.sum"] {
            let from = context.root().join(self.folder).join(name);
            fs::copy(from, source.join(name)).map_err(told)?;
        }
        let flags = format!("-s -w {}", self.version_flags(version));
        let mut run = go(context, &source)
            .args(&["install", "-mod=readonly", "-trimpath", "-buildvcs=false"])
            .args(&["-ldflags", flags.as_str(), "tool"])
            .env("GOBIN", folder.join("bin"))
            .env("GOWORK", "off");
        let found = Run::new("go", &source)
            .args(&["env", "GOVERSION"])
            .env("GOTOOLCHAIN", "local")
            .output()?;
        let found = found.trim();
        if !is_release(found, self.go) {
            let (release, reason, toolchain) = (self.go, self.reason, self.toolchain);
            println!("expected Go {release} ({reason}), found {found}; asking for {toolchain}");
            run = run.env("GOTOOLCHAIN", toolchain);
        }
        run.stream()
    }

    /// What makes the programs say which version they are.
    fn version_flags(&self, version: &str) -> String {
        let mut parts = version.split('.');
        let mut part = || parts.next().unwrap_or_default();
        let values = [
            ("gitVersion", format!("v{version}")),
            ("gitMajor", part().to_owned()),
            ("gitMinor", part().to_owned()),
        ];
        let flags =
            values.map(|(name, value)| format!("-X {}.{name}={value}", self.version_package));
        flags.join(" ")
    }
}

/// A run of Go. In CI, what it downloads and compiles on the way lies in a folder that [`forget`] removes: ten
/// times as much as the tools themselves, and never read again. A developer's Go keeps it where it always does.
pub(super) fn go(context: &Context, folder: &Path) -> Run {
    let run = Run::new("go", folder);
    match context.place() {
        Place::Laptop => run.without_env("GOFLAGS"),
        Place::Ci => run
            .env("GOCACHE", scratch(context).join("build"))
            .env("GOMODCACHE", scratch(context).join("modules"))
            // Modules are read-only by default, and could not be removed.
            .env("GOFLAGS", "-modcacherw"),
    }
}

/// Removes what [`go`] left behind in CI.
pub(super) fn forget(context: &Context) -> Result<(), Stop> {
    super::remove(&scratch(context))
}

fn scratch(context: &Context) -> PathBuf {
    context.tools().join("go.scratch")
}

/// Whether `found`, as `go env GOVERSION` says it, is of this release.
fn is_release(found: &str, release: &str) -> bool {
    found
        .strip_prefix("go")
        .and_then(|rest| rest.strip_prefix(release))
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::KUBERNETES;
    use super::*;

    #[test]
    fn a_module_of_tools_pins_the_version_and_the_go_that_it_is_known_by() {
        let module = include_str!("../../../../testdata/kubernetes/go.mod");
        let Source::GoTools(tools) = KUBERNETES.source else {
            panic!("expected a module of ours");
        };
        let pinned = format!("k8s.io/kubernetes v{}", KUBERNETES.version);
        assert!(module.contains(&pinned), "{pinned}");
        assert!(module.contains(&format!("\ngo {}.", tools.go)));
        assert!(is_release(tools.toolchain, tools.go));
        for made in KUBERNETES.executables {
            assert!(module.contains(&format!("/cmd/{made}\n")), "{made}");
        }
    }

    #[test]
    fn a_release_of_go_is_not_another_one_that_begins_alike() {
        for good in ["go1.26", "go1.26.8", "go1.26rc1"] {
            assert!(is_release(good, "1.26"), "{good}");
        }
        for bad in ["go1.2", "go1.260", "go1.27.1", "devel", ""] {
            assert!(!is_release(bad, "1.26"), "{bad}");
        }
    }

    #[test]
    fn a_control_plane_says_its_version() {
        let Source::GoTools(tools) = KUBERNETES.source else {
            panic!("expected a module of ours");
        };
        let package = tools.version_package;
        assert_eq!(
            tools.version_flags("1.36.3"),
            format!(
                "-X {package}.gitVersion=v1.36.3 -X {package}.gitMajor=1 -X {package}.gitMinor=36"
            )
        );
    }
}
