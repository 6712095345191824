//! Where an image is: a registry, an OCI layout, an OCI archive, or a `skopeo dir:` directory.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sovverify::digest::DigestError;
use sovverify::image::ReferenceError;
use sovverify::{Code, Digest, ImageReference};

/// The place of one image, as a user writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A reference into a registry: `REF`.
    Registry(ImageReference),
    /// An OCI image layout in a directory: `oci:DIR[@DIGEST|:TAG]`.
    OciLayout {
        /// The directory.
        dir: PathBuf,
        /// Which image of the layout.
        selector: Selector,
    },
    /// An OCI image layout in a tar archive: `oci-archive:FILE[@DIGEST|:TAG]`.
    OciArchive {
        /// The archive.
        file: PathBuf,
        /// Which image of the layout.
        selector: Selector,
    },
    /// A directory as `skopeo copy … dir:DIR` writes it: `dir:DIR`.
    Directory {
        /// The directory.
        dir: PathBuf,
    },
}

/// Which image of a layout is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selector {
    /// The only runnable image there is; where none can run, the only artifact that is attached to
    /// nothing.
    Only,
    /// The image with this digest.
    Digest(Digest),
    /// The image whose `org.opencontainers.image.ref.name` is, or ends in, this tag.
    Tag(String),
}

/// Why a text is not a location.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// A transport was named without a path.
    #[error("expected a path after `{transport}:`, found nothing")]
    EmptyPath {
        /// The transport.
        transport: &'static str,
    },
    /// The digest after `@` is malformed.
    #[error("malformed digest after `@`: {0}")]
    Digest(#[from] DigestError),
    /// The text is neither a known transport nor an image reference.
    #[error(
        "expected an image reference, `oci:DIR`, `oci-archive:FILE` or `dir:DIR`, found `{found}`: {error}"
    )]
    Reference {
        /// The text, shortened to 128 characters.
        found: String,
        /// Why it is no image reference.
        error: ReferenceError,
    },
}

impl LocationError {
    /// The stable code.
    pub const fn code(&self) -> Code {
        Code::ImageReferenceMalformed
    }
}

impl FromStr for Location {
    type Err = LocationError;

    /// Reads a location. A transport's prefix wins over an image of that name; the last `:` of a
    /// layout's path begins a tag unless a `/` follows it, so `oci:odd:name/` is a directory.
    fn from_str(text: &str) -> Result<Self, LocationError> {
        if let Some(rest) = text.strip_prefix("oci:") {
            let (dir, selector) = split_selector("oci", rest)?;
            return Ok(Self::OciLayout { dir, selector });
        }
        if let Some(rest) = text.strip_prefix("oci-archive:") {
            let (file, selector) = split_selector("oci-archive", rest)?;
            return Ok(Self::OciArchive { file, selector });
        }
        if let Some(rest) = text.strip_prefix("dir:") {
            let dir = non_empty("dir", rest)?;
            return Ok(Self::Directory { dir });
        }
        text.parse()
            .map(Self::Registry)
            .map_err(|error| LocationError::Reference {
                found: text.chars().take(128).collect(),
                error,
            })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(reference) => reference.fmt(f),
            Self::OciLayout { dir, selector } => write!(f, "oci:{}{selector}", dir.display()),
            Self::OciArchive { file, selector } => {
                write!(f, "oci-archive:{}{selector}", file.display())
            }
            Self::Directory { dir } => write!(f, "dir:{}", dir.display()),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => Ok(()),
            Self::Digest(digest) => write!(f, "@{digest}"),
            Self::Tag(tag) => write!(f, ":{tag}"),
        }
    }
}

fn non_empty(transport: &'static str, path: &str) -> Result<PathBuf, LocationError> {
    if path.is_empty() {
        return Err(LocationError::EmptyPath { transport });
    }
    Ok(PathBuf::from(path))
}

fn split_selector(
    transport: &'static str,
    text: &str,
) -> Result<(PathBuf, Selector), LocationError> {
    if let Some((path, digest)) = text.rsplit_once('@')
        && digest.contains(':')
        && !digest.contains('/')
    {
        return Ok((
            non_empty(transport, path)?,
            Selector::Digest(digest.parse()?),
        ));
    }
    match text.rsplit_once(':') {
        Some((path, tag)) if is_tag(tag) => {
            Ok((non_empty(transport, path)?, Selector::Tag(tag.to_owned())))
        }
        _ => Ok((non_empty(transport, text)?, Selector::Only)),
    }
}

/// A tag by the distribution specification: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_location_prints_as_it_was_written() {
        let digest = Digest::sha256(b"x");
        for text in [
            "oci:/images/app".to_owned(),
            "oci:/images/app:v1".to_owned(),
            format!("oci:/images/app@{digest}"),
            "oci:odd:name/".to_owned(),
            "oci-archive:app.tar".to_owned(),
            "oci-archive:app.tar:v1.2".to_owned(),
            "dir:/tmp/x:y".to_owned(),
            "registry.example/app:v1".to_owned(),
        ] {
            assert_eq!(
                text.parse::<Location>().unwrap().to_string(),
                text,
                "{text}"
            );
        }
    }

    #[test]
    fn selectors_are_told_from_paths() {
        let selector = |text: &str| match text.parse::<Location>().unwrap() {
            Location::OciLayout { dir, selector } => (dir, selector),
            other => panic!("{other}"),
        };
        assert_eq!(selector("oci:a"), ("a".into(), Selector::Only));
        assert_eq!(selector("oci:a:b"), ("a".into(), Selector::Tag("b".into())));
        assert_eq!(selector("oci:a:b/c"), ("a:b/c".into(), Selector::Only));
        assert_eq!(
            selector("oci:me@host/c"),
            ("me@host/c".into(), Selector::Only)
        );
    }

    #[test]
    fn what_is_no_location_is_refused_with_a_code() {
        for text in [
            "",
            "oci:",
            "oci::v1",
            "oci-archive:",
            "dir:",
            "oci:a@sha256:00",
            "./a/B",
        ] {
            let error = text.parse::<Location>().unwrap_err();
            assert_eq!(error.code(), Code::ImageReferenceMalformed, "{text}");
        }
    }
}
