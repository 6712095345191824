//! Versions and their order, ecosystem by ecosystem.
//!
//! `None` means that one of the two versions cannot be ordered under its scheme. Whoever asks must
//! take that for *unknown*, never for *unaffected*.

mod alpm;
mod apk;
mod composer;
mod deb;
mod gem;
mod generic;
mod go;
mod maven;
mod nuget;
mod pypi;
mod rpm;
mod semver;
mod text;

#[cfg(test)]
pub(super) mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;

/// Bytes of a version: the longest in public registries have a few hundred, and comparing two is linear
/// in their length.
pub const MAX_VERSION_BYTES: usize = 1024;

/// The rules by which versions are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scheme {
    /// Semantic Versioning 2.0.0; build metadata has no order. A leading `v` is ignored.
    Semver,
    /// npm: Semantic Versioning.
    Npm,
    /// Cargo: Semantic Versioning, without a leading `v`.
    Cargo,
    /// Go modules: Semantic Versioning with or without `v`, short forms, pseudo-versions; `go1.21rc2`.
    Go,
    /// Debian and its derivatives: deb-version(7).
    Deb,
    /// RPM: epoch, version, release; `rpmvercmp`.
    Rpm,
    /// Alpine, Chainguard, Wolfi: apk-tools.
    Apk,
    /// Python: PEP 440.
    PyPi,
    /// Maven: `ComparableVersion`.
    Maven,
    /// `RubyGems` and `CocoaPods`: `Gem::Version`.
    Gem,
    /// `NuGet`: up to four numbers, labels without case.
    NuGet,
    /// Composer: as normalised by `composer/semver`.
    Packagist,
    /// Hex: Semantic Versioning.
    Hex,
    /// Pub: Semantic Versioning in which build metadata counts.
    Pub,
    /// Arch Linux: vercmp(8).
    Alpm,
    /// Anything else: equal texts are equal, dotted numbers have an order, the rest has none.
    Generic,
}

impl Scheme {
    /// The scheme of a type of package URL.
    pub fn of_purl_type(kind: &str) -> Self {
        match kind {
            "alpm" => Self::Alpm,
            "apk" => Self::Apk,
            "bitnami" | "julia" | "swift" | "vscode-extension" => Self::Semver,
            "cargo" => Self::Cargo,
            "composer" => Self::Packagist,
            "deb" => Self::Deb,
            "cocoapods" | "gem" => Self::Gem,
            "golang" => Self::Go,
            "hex" => Self::Hex,
            "maven" => Self::Maven,
            "npm" => Self::Npm,
            "nuget" => Self::NuGet,
            "pub" => Self::Pub,
            "pypi" => Self::PyPi,
            "rpm" => Self::Rpm,
            _ => Self::Generic,
        }
    }

    /// The scheme of an ecosystem of the OSV schema, with or without a release: `Debian:12`,
    /// `Alpine:v3.19`, `Ubuntu:22.04:LTS`. `None` for one that is not known.
    pub fn of_ecosystem(ecosystem: &str) -> Option<Self> {
        let (name, _release) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
        Some(match name {
            // Rust's is called by the host name of its registry.
            _ if name.strip_suffix(".io") == Some("crates") => Self::Cargo,
            "Bitnami" | "GitHub Actions" | "Julia" | "SwiftURL" | "VSCode" => Self::Semver,
            "Go" => Self::Go,
            "Hex" => Self::Hex,
            "Maven" => Self::Maven,
            "npm" => Self::Npm,
            "NuGet" => Self::NuGet,
            "Packagist" => Self::Packagist,
            "Pub" => Self::Pub,
            "PyPI" => Self::PyPi,
            "RubyGems" => Self::Gem,
            "Debian" | "Echo" | "Ubuntu" => Self::Deb,
            "Alpaquita"
            | "Alpine"
            | "BellSoft Hardened Containers"
            | "Chainguard"
            | "CleanStart"
            | "MinimOS"
            | "Wolfi" => Self::Apk,
            "AlmaLinux" | "Amazon Linux" | "Azure Linux" | "Fedora" | "Mageia" | "openEuler"
            | "openSUSE" | "Oracle Linux" | "Photon OS" | "Red Hat" | "Rocky Linux" | "SUSE" => {
                Self::Rpm
            }
            _ => return None,
        })
    }

    /// The scheme of a type of VERS, which by convention is the type of package URL.
    pub fn of_vers_type(kind: &str) -> Self {
        match kind {
            "semver" => Self::Semver,
            "alpine" => Self::Apk,
            _ => Self::of_purl_type(kind),
        }
    }

    /// Compares two versions; `None` when one of them cannot be ordered.
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        if a.len() > MAX_VERSION_BYTES || b.len() > MAX_VERSION_BYTES {
            return None;
        }
        match self {
            Self::Semver | Self::Npm | Self::Hex => semver::compare(without_v(a), without_v(b)),
            Self::Cargo => semver::compare(a, b),
            Self::Go => go::compare(a, b),
            Self::Deb => deb::compare(a, b),
            Self::Rpm => rpm::compare(a, b),
            Self::Apk => apk::compare(a, b),
            Self::PyPi => pypi::compare(a, b),
            Self::Maven => maven::compare(a, b),
            Self::Gem => gem::compare(a, b),
            Self::NuGet => nuget::compare(a, b),
            Self::Packagist => composer::compare(a, b),
            Self::Pub => semver::compare_pub(a, b),
            Self::Alpm => alpm::compare(a, b),
            Self::Generic => generic::compare(a, b),
        }
    }

    /// Compares a version with the bound of a range.
    ///
    /// As [`Scheme::compare`], but a bound may be written as people write them: `2` and `2.1` for
    /// `2.0.0` and `2.1.0` under Semantic Versioning; and for RPM and Arch Linux, whose dependencies
    /// work so (rpm `rpmVersionCompare`), a bound without a release speaks about every release.
    pub fn compare_to_bound(self, version: &str, bound: &str) -> Option<Ordering> {
        match self {
            Self::Semver | Self::Npm | Self::Cargo | Self::Hex | Self::Pub => {
                self.compare(version, &semver::completed(bound))
            }
            Self::Rpm | Self::Alpm if !bound.contains('-') => {
                let version = version.rsplit_once('-').map_or(version, |(left, _)| left);
                self.compare(version, bound)
            }
            _ => self.compare(version, bound),
        }
    }

    /// A bound in the form in which two bounds are compared with each other.
    pub(super) fn completed(self, bound: &str) -> Cow<'_, str> {
        match self {
            Self::Semver | Self::Npm | Self::Cargo | Self::Hex | Self::Pub => {
                semver::completed(bound)
            }
            _ => Cow::Borrowed(bound),
        }
    }
}

fn without_v(text: &str) -> &str {
    text.strip_prefix('v').unwrap_or(text)
}
