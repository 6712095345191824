//! Patterns of packages in policies.
//!
//! ```text
//! pkg:npm/event-stream                    any version
//! pkg:npm/event-stream@3.3.6              this version
//! pkg:npm/@scope/*                        every package of a scope: `*` stays inside a segment
//! pkg:golang/github.com/acme/**           everything below: `**` crosses `/`
//! pkg:maven/org.apache.logging.log4j/log4j-core@>=2.0,<2.17.1
//! pkg:deb/debian/openssl@vers:deb/<3.0.11
//! pkg:deb/debian/curl?arch=amd64          qualifiers that must be there with these values
//! ```
//!
//! A pattern covers the whole package URL and is brought into the canonical form of its type first. The
//! subpath of a package URL plays no part: a rule about a package is about all that is in it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;

use super::purl::{self, PackageUrl, PurlError};
use super::range::VersionRange;
use super::version::{MAX_VERSION_BYTES, Scheme};

/// Bytes of a pattern without its range: names are far shorter, and policies stay readable.
pub const MAX_PATTERN_BYTES: usize = 2 * 1024;

/// Wildcards of a pattern: each one makes the matcher larger.
pub const MAX_WILDCARDS: usize = 16;

/// Bytes of a compiled matcher, for the worst pattern within the two bounds above.
const MATCHER_BYTES: usize = 1024 * 1024;

/// What a name may not hold unencoded: signs of other languages of patterns, which would otherwise
/// silently match nothing.
const METACHARACTERS: &str = "[]{}()<>\\^$|\"'`;,!=#&";

/// A pattern of packages.
#[derive(Clone, Debug)]
pub struct PackagePattern {
    text: Box<str>,
    kind: Box<str>,
    path: Path,
    version: Version,
    qualifiers: BTreeMap<String, String>,
}

/// What namespace and name must be.
#[derive(Clone, Debug)]
enum Path {
    Exact(Box<str>),
    Wildcard(Regex),
}

/// What the version must be.
#[derive(Clone, Debug)]
enum Version {
    Any,
    Exact { text: Box<str>, scheme: Scheme },
    Range(VersionRange),
}

/// The answer of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Match {
    /// The package is another one.
    No,
    /// The package fits.
    Yes,
    /// The name fits, but the version is missing or cannot be compared. A rule that denies must take
    /// this for a hit, a rule that allows for a miss.
    Undecided,
}

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; expected {expected}")]
pub struct PatternError {
    /// What was found.
    pub message: String,
    /// What was expected.
    pub expected: String,
}

impl PackagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// When the text is no pattern, or one that can never match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let rest = text
            .strip_prefix("pkg:")
            .ok_or_else(|| wrong(text, "a package URL that begins with `pkg:`"))?;
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest
            .split_once('/')
            .ok_or_else(|| wrong(rest, "a type, `/` and a name"))?;
        if !purl::is_kind(kind) {
            return Err(wrong(kind, "a type without wildcards, as `npm`"));
        }
        let kind = kind.to_ascii_lowercase();
        let (path, version) = split_version(rest);
        let bounded = path.len() + qualifiers.len();
        if bounded > MAX_PATTERN_BYTES {
            let expected = format!("at most {MAX_PATTERN_BYTES} bytes");
            return Err(error(&format!("a pattern of {bounded} bytes"), expected));
        }
        if qualifiers.contains('*') {
            return Err(wrong(qualifiers, "qualifiers without wildcards"));
        }
        let qualifiers = purl::parse_qualifiers(qualifiers).map_err(|cause| refused(&cause))?;
        Ok(Self {
            path: parse_path(&kind, path)?,
            version: parse_version(&kind, version, &qualifiers)?,
            qualifiers,
            kind: kind.into(),
            text: text.into(),
        })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a package fits.
    pub fn matches(&self, purl: &PackageUrl) -> Match {
        let is_this = *self.kind == *purl.kind()
            && self.path_matches(purl)
            && self
                .qualifiers
                .iter()
                .all(|(key, value)| purl.qualifiers().get(key) == Some(value));
        if !is_this {
            return Match::No;
        }
        if matches!(self.version, Version::Any) {
            return Match::Yes;
        }
        match purl.ordered_version() {
            Some(version) => self.version_matches(&version),
            None => Match::Undecided,
        }
    }

    fn path_matches(&self, purl: &PackageUrl) -> bool {
        let path = match purl.namespace() {
            Some(namespace) => Cow::Owned(format!("{namespace}/{}", purl.name())),
            None => Cow::Borrowed(purl.name()),
        };
        let path = if purl::ignores_case(purl.kind()) {
            Cow::Owned(path.to_lowercase())
        } else {
            path
        };
        match &self.path {
            Path::Exact(exact) => **exact == *path,
            Path::Wildcard(regex) => regex.is_match(&path),
        }
    }

    fn version_matches(&self, version: &str) -> Match {
        match &self.version {
            Version::Any => Match::Yes,
            Version::Exact { text, scheme } => match scheme.compare(version, text) {
                _ if **text == *version => Match::Yes,
                Some(Ordering::Equal) => Match::Yes,
                Some(_) => Match::No,
                // Where no rule is known, equal versions are those with equal texts.
                None if *scheme == Scheme::Generic => Match::No,
                None => Match::Undecided,
            },
            Version::Range(range) => match range.contains(version) {
                Some(true) => Match::Yes,
                Some(false) => Match::No,
                None => Match::Undecided,
            },
        }
    }
}

impl fmt::Display for PackagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Splits at the first `@` that does not open a segment: that one belongs to a scope.
fn split_version(rest: &str) -> (&str, Option<&str>) {
    let mut before = '/';
    for (at, c) in rest.char_indices() {
        if c == '@' && before != '/' {
            let (path, version) = rest.split_at_checked(at).unwrap_or((rest, ""));
            return (path, version.strip_prefix('@'));
        }
        before = c;
    }
    (rest, None)
}

fn parse_path(kind: &str, path: &str) -> Result<Path, PatternError> {
    let unknown = |c: char| METACHARACTERS.contains(c) || c.is_whitespace() || c.is_control();
    let decoded = purl::decode("name", path).map_err(|cause| refused(&cause))?;
    let written = path.chars().find(|c| unknown(*c));
    if let Some(c) = written.or(decoded.chars().find(|c| c.is_control())) {
        let expected = "`*` and `**` as only wildcards, and anything else percent-encoded";
        return Err(wrong(&c.escape_default().to_string(), expected));
    }
    let stars = path.matches('*').count();
    if decoded.matches('*').count() != stars {
        return Err(wrong(path, "a name without `%2A`"));
    }
    let folded = purl::fold_path(kind, &decoded);
    let segments = || folded.split('/');
    if segments().any(str::is_empty) || segments().any(|s| matches!(s, "." | "..")) {
        return Err(wrong(
            path,
            "a name of segments that are not empty, `.` or `..`",
        ));
    }
    purl::check_path(kind, &folded).map_err(|cause| refused(&cause))?;
    if stars == 0 {
        return Ok(Path::Exact(folded.into()));
    }
    // `**` is one of them.
    let wildcards = folded.replace("**", "*").matches('*').count();
    if wildcards > MAX_WILDCARDS || folded.contains("***") {
        let expected = format!("at most {MAX_WILDCARDS} wildcards, each `*` or `**`");
        return Err(error(&format!("`{path}`"), expected));
    }
    // `\u{0}` stands for `**` meanwhile: no name holds it, for control characters are refused above.
    let expression = regex::escape(&folded.replace("**", "\u{0}"))
        .replace("\\*", "[^/]*")
        .replace('\u{0}', ".*");
    regex::RegexBuilder::new(&format!("^(?s:{expression})$"))
        .size_limit(MATCHER_BYTES)
        .build()
        .map(Path::Wildcard)
        .map_err(|_| wrong(path, "a shorter pattern with fewer wildcards"))
}

fn parse_version(
    kind: &str,
    version: Option<&str>,
    qualifiers: &BTreeMap<String, String>,
) -> Result<Version, PatternError> {
    let Some(version) = version.filter(|version| *version != "*") else {
        return Ok(Version::Any);
    };
    let scheme = Scheme::of_purl_type(kind);
    if version.starts_with(['<', '>', '=', '!']) || version.starts_with("vers:") {
        return match VersionRange::parse(version, scheme) {
            Ok(range) => Ok(Version::Range(range)),
            Err(refused) => Err(error(
                &refused.to_string(),
                "a range as `>=1.0,<2.0` or `vers:deb/<2.0`".to_owned(),
            )),
        };
    }
    let text = purl::decode("version", version).map_err(|cause| refused(&cause))?;
    let unknown = |c: char| METACHARACTERS.contains(c) || c.is_whitespace() || c == '*';
    if text.is_empty() || text.len() > MAX_VERSION_BYTES || text.contains(unknown) {
        return Err(wrong(version, "one version, or a range as `>=1.0,<2.0`"));
    }
    let text = purl::with_epoch(kind, &text, qualifiers);
    let text = purl::fold_version(kind, &text);
    Ok(Version::Exact {
        text: text.into(),
        scheme,
    })
}

fn refused(cause: &PurlError) -> PatternError {
    error(
        &cause.to_string(),
        "a pattern in the form of a package URL".to_owned(),
    )
}

fn wrong(found: &str, expected: &str) -> PatternError {
    let found = match crate::content::shortened(found) {
        found if found.is_empty() => "an empty part".to_owned(),
        found => format!("`{found}`"),
    };
    error(&found, expected.to_owned())
}

fn error(found: &str, expected: String) -> PatternError {
    PatternError {
        message: format!("not a package pattern: {found}"),
        expected,
    }
}
