//! Package URLs (ECMA-427).
//!
//! Reading is as lenient as ECMA-427 clause 5 and its "how to parse" allow (case of the type and of
//! qualifier names, slashes after the scheme, `@` before a scope); writing is always canonical. Two
//! deliberate differences, both in favor of one meaning: a second `?` or `#` that is not encoded is
//! refused, because readers disagree about where to split; and `pkg:golang/stdlib` is taken although
//! the type asks for a namespace, because the standard library of Go has none.

mod encoding;
mod error;
mod kind;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use error::PurlError;
pub(super) use kind::{check_path, fold_path, fold_version, ignores_case, is_kind};

/// Bytes of a package URL: qualifiers carry whole addresses, and the longest that generators write
/// stay far below.
pub const MAX_PURL_BYTES: usize = 8 * 1024;

/// A package URL in canonical form.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageUrl {
    kind: Box<str>,
    namespace: Option<Box<str>>,
    name: Box<str>,
    version: Option<Box<str>>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<Box<str>>,
}

/// The components of a package URL, decoded, before any rule of its type is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurlParts<'a> {
    /// The type, as `npm`.
    pub kind: &'a str,
    /// The namespace: segments with `/` between them.
    pub namespace: Option<&'a str>,
    /// The name.
    pub name: &'a str,
    /// The version.
    pub version: Option<&'a str>,
    /// The qualifiers: names with values.
    pub qualifiers: Vec<(&'a str, &'a str)>,
    /// The path inside the package.
    pub subpath: Option<&'a str>,
}

impl PackageUrl {
    /// Builds a package URL from its components.
    ///
    /// # Errors
    ///
    /// When a component breaks the rules of ECMA-427 or of its type.
    pub fn new(parts: &PurlParts<'_>) -> Result<Self, PurlError> {
        let mut qualifiers = BTreeMap::new();
        for (key, value) in &parts.qualifiers {
            insert(&mut qualifiers, key, (*value).to_owned())?;
        }
        let namespace = parts.namespace.unwrap_or_default();
        let subpath = parts.subpath.unwrap_or_default();
        Self {
            kind: checked_kind(parts.kind)?,
            namespace: joined(namespace.split('/').filter(|segment| !segment.is_empty())),
            name: parts.name.trim_matches('/').into(),
            version: parts.version.map(Into::into),
            qualifiers,
            subpath: joined(subpath.split('/').filter(|segment| is_path(segment))),
        }
        .finished()
    }

    /// The type, in lower case: `npm`, `deb`, `golang`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The namespace: a scope, a group, a distribution.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The qualifiers, by name.
    pub fn qualifiers(&self) -> &BTreeMap<String, String> {
        &self.qualifiers
    }

    /// The path inside the package.
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// The version as its scheme orders it: with the epoch, which the type `rpm` keeps in a qualifier.
    pub fn ordered_version(&self) -> Option<Cow<'_, str>> {
        let version = self.version()?;
        Some(with_epoch(&self.kind, version, &self.qualifiers))
    }

    /// Applies the rules of the type and checks what every package URL must have.
    fn finished(mut self) -> Result<Self, PurlError> {
        if self.name.is_empty() {
            return Err(PurlError::NoName {
                kind: self.kind.clone(),
            });
        }
        self.version = self.version.filter(|version| !version.is_empty());
        kind::apply(&mut self)?;
        Ok(self)
    }
}

impl FromStr for PackageUrl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        if text.len() > MAX_PURL_BYTES {
            return Err(PurlError::TooLong { found: text.len() });
        }
        let (rest, subpath) = split_once_only(text, '#')?;
        let (rest, qualifiers) = split_once_only(rest, '?')?;
        let rest = without_scheme(rest)?;
        let (kind, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let kind = checked_kind(kind)?;
        let (path, version) = split_version(&kind, rest)?;
        let (namespace, name) = kind::split_path(&kind, path);
        Self {
            namespace: joined_decoded("namespace", namespace, |segment| !segment.is_empty())?,
            name: encoding::decode("name", name)?.trim_matches('/').into(),
            version: match version {
                Some(version) => Some(encoding::decode("version", version)?.into()),
                None => None,
            },
            qualifiers: parse_qualifiers(qualifiers)?,
            subpath: joined_decoded("subpath", subpath, is_path)?,
            kind,
        }
        .finished()
    }
}

impl fmt::Display for PackageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}", self.kind)?;
        for segment in self.namespace().into_iter().flat_map(|n| n.split('/')) {
            f.write_str("/")?;
            encoding::encode(f, segment)?;
        }
        f.write_str("/")?;
        if kind::has_path_as_name(&self.kind) {
            encoding::encode_path(f, &self.name)?;
        } else {
            encoding::encode(f, &self.name)?;
        }
        if let Some(version) = self.version() {
            f.write_str("@")?;
            encoding::encode(f, version)?;
        }
        let mut separator = "?";
        for (key, value) in &self.qualifiers {
            write!(f, "{separator}{key}=")?;
            encoding::encode(f, value)?;
            separator = "&";
        }
        if let Some(subpath) = self.subpath() {
            f.write_str("#")?;
            encoding::encode_path(f, subpath)?;
        }
        Ok(())
    }
}

/// The version with the epoch that the type `rpm` keeps in a qualifier.
pub(super) fn with_epoch<'a>(
    kind: &str,
    version: &'a str,
    qualifiers: &BTreeMap<String, String>,
) -> Cow<'a, str> {
    match qualifiers.get("epoch") {
        Some(epoch) if kind == "rpm" && !version.contains(':') => {
            Cow::Owned(format!("{epoch}:{version}"))
        }
        _ => Cow::Borrowed(version),
    }
}

/// Reads `key=value&key=value` (ECMA-427 clause 5.6.6).
pub(super) fn parse_qualifiers(text: &str) -> Result<BTreeMap<String, String>, PurlError> {
    let mut qualifiers = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| PurlError::Qualifier { found: pair.into() })?;
        let value = encoding::decode("qualifiers", value)?;
        insert(&mut qualifiers, key, value)?;
    }
    Ok(qualifiers)
}

/// Percent-decodes a component of a pattern.
pub(super) fn decode(component: &'static str, text: &str) -> Result<String, PurlError> {
    encoding::decode(component, text)
}

fn insert(
    qualifiers: &mut BTreeMap<String, String>,
    key: &str,
    value: String,
) -> Result<(), PurlError> {
    let key = key.to_ascii_lowercase();
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !key.chars().all(known) {
        return Err(PurlError::Qualifier { found: key.into() });
    }
    if qualifiers.contains_key(&key) {
        return Err(PurlError::DuplicateQualifier { found: key.into() });
    }
    // Clause 5.6.6: an empty value is the same as no pair.
    if !value.is_empty() {
        qualifiers.insert(key, value);
    }
    Ok(())
}

fn without_scheme(text: &str) -> Result<&str, PurlError> {
    match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("pkg") => {
            Ok(rest.trim_start_matches('/'))
        }
        _ => Err(PurlError::Scheme {
            found: crate::content::shortened(text).into(),
        }),
    }
}

fn checked_kind(kind: &str) -> Result<Box<str>, PurlError> {
    if is_kind(kind) {
        return Ok(kind.to_ascii_lowercase().into());
    }
    Err(PurlError::Kind { found: kind.into() })
}

/// Splits at a separator that may occur once: readers disagree about the rest.
fn split_once_only(text: &str, separator: char) -> Result<(&str, &str), PurlError> {
    let (left, right) = text.split_once(separator).unwrap_or((text, ""));
    if right.contains(separator) {
        return Err(PurlError::Separator { separator });
    }
    Ok((left, right))
}

/// Splits the version off. An `@` that opens a segment belongs to a scope (`@babel/core`), unless it
/// opens the last one: then the name is missing.
fn split_version<'a>(kind: &str, rest: &'a str) -> Result<(&'a str, Option<&'a str>), PurlError> {
    let Some((path, version)) = rest.rsplit_once('@') else {
        return Ok((rest, None));
    };
    if !path.is_empty() && !path.ends_with('/') {
        return Ok((path, Some(version)));
    }
    if version.contains('/') {
        return Ok((rest, None));
    }
    Err(PurlError::NoName { kind: kind.into() })
}

/// Clause 5.6.7: empty segments and those that walk are not part of a subpath.
fn is_path(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
}

fn joined_decoded(
    component: &'static str,
    text: &str,
    keep: fn(&str) -> bool,
) -> Result<Option<Box<str>>, PurlError> {
    let mut segments = Vec::new();
    for segment in text.split('/') {
        let segment = encoding::decode(component, segment)?;
        if segment.contains('/') {
            return Err(PurlError::Slash {
                component,
                found: segment.into(),
            });
        }
        if keep(&segment) {
            segments.push(segment);
        }
    }
    Ok(joined(segments.iter().map(String::as_str)))
}

fn joined<'a>(segments: impl Iterator<Item = &'a str>) -> Option<Box<str>> {
    let text = segments.collect::<Vec<_>>().join("/");
    (!text.is_empty()).then(|| text.into())
}
