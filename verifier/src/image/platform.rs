//! Platforms in the form `os/architecture[/variant]`.

use std::fmt;
use std::str::FromStr;

/// A platform such as `linux/amd64` or `linux/arm/v7`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// A platform from the fields of an index descriptor.
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        // containerd and the OCI specification treat arm64 without variant as v8.
        let variant = variant.filter(|v| !(v.is_empty() || architecture == "arm64" && *v == "v8"));
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(ToOwned::to_owned),
        }
    }

    /// Whether this is `BuildKit`'s pseudo-platform `unknown/unknown`, which cannot run.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" || self.architecture == "unknown"
    }

    /// Whether an image for `self` serves a selection written as `selector`: a selector without
    /// variant takes every variant.
    pub fn serves(&self, selector: &Self) -> bool {
        self.os == selector.os
            && self.architecture == selector.architecture
            && (selector.variant.is_none() || self.variant == selector.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant
            .as_ref()
            .map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

/// The text is not a platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `os/architecture` or `os/architecture/variant`, found `{found}`")]
pub struct PlatformError {
    /// The text as given.
    pub found: String,
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let part = |part: &str| {
            !part.is_empty()
                && part.len() <= 32
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [os, arch] if part(os) && part(arch) => Ok(Self::new(os, arch, None)),
            [os, arch, variant] if part(os) && part(arch) && part(variant) => {
                Ok(Self::new(os, arch, Some(variant)))
            }
            _ => Err(PlatformError {
                found: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_without_variant_takes_every_variant() {
        let arm7: Platform = "linux/arm/v7".parse().unwrap();
        assert!(arm7.serves(&"linux/arm".parse().unwrap()));
        assert!(!arm7.serves(&"linux/arm/v6".parse().unwrap()));
        assert!(
            Platform::new("linux", "arm64", Some("v8")).serves(&"linux/arm64".parse().unwrap())
        );
        for text in ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux/amd 64"] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
    }
}
