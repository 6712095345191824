//! Image references by the grammar of the distribution project, with one canonical name each.

use std::fmt;
use std::str::FromStr;

use crate::digest::{Digest, DigestError};

/// Characters in one reference. The registry host, repository (255) and tag (128) fit with room.
const MAX_REFERENCE: usize = 1024;
/// Characters in one repository path, as in the distribution specification.
const MAX_REPOSITORY: usize = 255;
/// Characters in one tag, as in the distribution specification.
const MAX_TAG: usize = 128;

/// A canonical image name: registry host (with port) and repository path.
///
/// `nginx`, `docker.io/nginx` and `index.docker.io/library/nginx` are one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageName {
    registry: String,
    repository: String,
}

impl ImageName {
    /// The registry host, with its port where one was written and is not the scheme's own.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository path, without leading slash.
    pub fn repository(&self) -> &str {
        &self.repository
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)
    }
}

/// A reference as a user writes it: a name with a tag, a digest or both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageReference {
    name: ImageName,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl ImageReference {
    /// The canonical name.
    pub const fn name(&self) -> &ImageName {
        &self.name
    }

    /// The tag to resolve; `latest` where neither tag nor digest was written.
    pub fn tag(&self) -> Option<&str> {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => Some(tag),
            (None, Some(_)) => None,
            (None, None) => Some("latest"),
        }
    }

    /// The digest, where one was written. With both, the digest is what counts.
    pub const fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same name pinned to `digest`.
    pub fn pinned_to(&self, digest: Digest) -> Self {
        Self {
            name: self.name.clone(),
            tag: None,
            digest: Some(digest),
        }
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        if let Some(tag) = self.tag() {
            write!(f, ":{tag}")?;
        }
        self.digest
            .as_ref()
            .map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// Why a text is not an image reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The text is empty.
    #[error("expected an image reference, found an empty text")]
    Empty,
    /// The text is longer than any reference.
    #[error("expected at most {MAX_REFERENCE} characters, found {found}")]
    TooLong {
        /// Characters found.
        found: usize,
    },
    /// The registry host is not one.
    #[error("expected a registry host such as `registry.example:5000`, found `{found}`")]
    Registry {
        /// The host as written.
        found: String,
    },
    /// The repository path breaks the grammar.
    #[error("expected a repository of lower-case path components, found `{found}`")]
    Repository {
        /// The path as written.
        found: String,
    },
    /// The tag breaks the grammar.
    #[error("expected a tag of at most {MAX_TAG} characters `[A-Za-z0-9_.-]`, found `{found}`")]
    Tag {
        /// The tag as written.
        found: String,
    },
    /// The digest is malformed.
    #[error("malformed digest: {0}")]
    Digest(#[from] DigestError),
}

impl FromStr for ImageReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if text.len() > MAX_REFERENCE {
            return Err(ReferenceError::TooLong { found: text.len() });
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse()?)),
            None => (text, None),
        };
        let (rest, tag) = match rest.rsplit_once(':') {
            // A colon before a slash belongs to the registry's port.
            Some((rest, tag)) if !tag.contains('/') => (rest, Some(parse_tag(tag)?)),
            _ => (rest, None),
        };
        Ok(Self {
            name: rest.parse()?,
            tag,
            digest,
        })
    }
}

impl FromStr for ImageName {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (registry, repository) = match text.split_once('/') {
            Some((first, rest)) if is_host(first) => (parse_host(first)?, rest.to_owned()),
            _ => ("docker.io".to_owned(), text.to_owned()),
        };
        let repository = match registry.as_str() {
            "docker.io" if !repository.contains('/') => format!("library/{repository}"),
            _ => repository,
        };
        if repository.len() > MAX_REPOSITORY || !repository.split('/').all(is_path_component) {
            return Err(ReferenceError::Repository { found: repository });
        }
        Ok(Self {
            registry,
            repository,
        })
    }
}

/// The first component is a host when it could not be a repository component (distribution
/// grammar: it has a dot or a port, or is `localhost`, or is upper case).
fn is_host(first: &str) -> bool {
    first == "localhost"
        || first.contains('.')
        || first.contains(':')
        || first.bytes().any(|b| b.is_ascii_uppercase())
}

/// Lower-cases a host, drops the port that HTTPS implies where a host is still one, and folds Docker Hub's aliases.
fn parse_host(text: &str) -> Result<String, ReferenceError> {
    let error = || ReferenceError::Registry {
        found: text.to_owned(),
    };
    let lower = text.to_ascii_lowercase();
    let (host, written) = split_port(&lower).ok_or_else(error)?;
    let labels_ok = |host: &str| {
        host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
    };
    let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host_ok = bracketed.map_or_else(
        || host.len() <= 253 && labels_ok(host),
        |inner| inner.parse::<std::net::Ipv6Addr>().is_ok(),
    );
    if !host_ok {
        return Err(error());
    }
    let port = match written {
        None => None,
        Some(port) if port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) => {
            let number: u16 = port.parse().map_err(|_| error())?;
            (number != 443).then_some(number)
        }
        Some(_) => return Err(error()),
    };
    Ok(match (host, port) {
        ("index.docker.io" | "registry-1.docker.io", None) => "docker.io".to_owned(),
        // `acme:443/app` without its port would name an image of Docker Hub.
        (host, None) if !is_host(host) => format!("{host}:443"),
        // Most hosts are written as they are called.
        (_, None) if written.is_none() => lower,
        (_, Some(_)) if written.is_some_and(|port| !port.starts_with('0')) => lower,
        (host, None) => host.to_owned(),
        (host, Some(port)) => format!("{host}:{port}"),
    })
}

fn split_port(host: &str) -> Option<(&str, Option<&str>)> {
    if let Some(end) = host.find(']') {
        let (address, rest) = host.split_at(end + 1);
        return match rest {
            "" => Some((address, None)),
            _ => rest.strip_prefix(':').map(|port| (address, Some(port))),
        };
    }
    Some(
        host.split_once(':')
            .map_or((host, None), |(host, port)| (host, Some(port))),
    )
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, the specification's path component.
fn is_path_component(component: &str) -> bool {
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = component.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    if !ends.is_some_and(|(first, last)| alphanumeric(first) && alphanumeric(last)) {
        return false;
    }
    bytes.split(alphanumeric).all(|separator| {
        matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
    })
}

fn parse_tag(text: &str) -> Result<String, ReferenceError> {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let ok = text.len() <= MAX_TAG
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'));
    if ok {
        Ok(text.to_owned())
    } else {
        Err(ReferenceError::Tag {
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
