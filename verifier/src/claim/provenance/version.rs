//! Tags that are versions, and how much of one an expectation fixes.

use std::fmt;
use std::str::FromStr;

use super::matching::is_number;

/// As much of a version as is expected of a tag: `v1`, `v1.2`, `v1.2.3` or `v1.2.3-rc.1`
/// (slsa-verifier, `--source-versioned-tag`).
///
/// What is not written may be anything; what is written must be equal, and a pre-release belongs
/// to what is written with the patch. Build metadata never counts (Semantic Versioning 2.0.0,
/// item 10). A short tag such as `v14` is read as `v14.0.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedTag(Version);

/// The text is no version with a leading `v`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a version such as `v1`, `v1.2` or `v1.2.3`, found `{found}`")]
pub struct VersionedTagError {
    /// The text.
    pub found: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    major: Box<str>,
    minor: Option<Box<str>>,
    patch: Option<Box<str>>,
    pre_release: Option<Box<str>>,
}

impl VersionedTag {
    /// Whether the tag `tag` is a version of this one.
    pub fn matches(&self, tag: &str) -> bool {
        let Some(found) = Version::parse(tag) else {
            return false;
        };
        let zero = |part: &Option<Box<str>>| part.clone().unwrap_or_else(|| "0".into());
        let part = |wanted: &Option<Box<str>>, found: &Option<Box<str>>| {
            wanted.as_ref().is_none_or(|wanted| *wanted == zero(found))
        };
        self.0.major == found.major
            && part(&self.0.minor, &found.minor)
            && part(&self.0.patch, &found.patch)
            && (self.0.patch.is_none() || self.0.pre_release == found.pre_release)
    }
}

impl FromStr for VersionedTag {
    type Err = VersionedTagError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Version::parse(text)
            .map(Self)
            .ok_or_else(|| VersionedTagError {
                found: text.to_owned(),
            })
    }
}

impl fmt::Display for VersionedTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0.major)?;
        for part in [&self.0.minor, &self.0.patch].into_iter().flatten() {
            write!(f, ".{part}")?;
        }
        match &self.0.pre_release {
            Some(pre_release) => write!(f, "-{pre_release}"),
            None => Ok(()),
        }
    }
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v')?;
        let (text, build) = split(text, '+');
        let (core, pre_release) = split(text, '-');
        let mut parts = core.split('.');
        let mut part = || parts.next();
        let (major, minor, patch) = (part()?, part(), part());
        let numbers = [Some(major), minor, patch]
            .into_iter()
            .flatten()
            .all(is_number);
        if part().is_some() || !numbers {
            return None;
        }
        // Only a full version has more than numbers (Semantic Versioning 2.0.0, items 9 and 10).
        let more = pre_release.is_some() || build.is_some();
        if more && patch.is_none() {
            return None;
        }
        let named = |text: &str| {
            text.split('.').all(|identifier| {
                let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
                !identifier.is_empty() && identifier.bytes().all(known)
            })
        };
        let leading = |text: &str| {
            text.split('.')
                .all(|part| !part.bytes().all(|b| b.is_ascii_digit()) || is_number(part))
        };
        let sound =
            build.is_none_or(named) && pre_release.is_none_or(|text| named(text) && leading(text));
        sound.then(|| Self {
            major: major.into(),
            minor: minor.map(Into::into),
            patch: patch.map(Into::into),
            pre_release: pre_release.map(Into::into),
        })
    }
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark)
        .map_or((text, None), |(head, tail)| (head, Some(tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expected: &str, tag: &str) -> bool {
        expected.parse::<VersionedTag>().unwrap().matches(tag)
    }

    #[test]
    fn what_is_written_must_be_equal_and_the_rest_may_be_anything() {
        for (expected, tag) in [
            ("v13", "v13.0.30"),
            ("v13.0", "v13.0.30"),
            ("v13.0.30", "v13.0.30"),
            ("v14.0", "v14"),
            ("v14.0.0", "v14"),
            ("v1.2.3", "v1.2.3+build.5"),
            ("v1.2.3+other", "v1.2.3+build.5"),
            ("v1.2.3-rc.1", "v1.2.3-rc.1"),
            ("v1", "v1.2.3-rc.1"),
        ] {
            assert!(matches(expected, tag), "{expected} {tag}");
        }
        for (expected, tag) in [
            ("v1", "v13.0.30"),
            ("v13.1", "v13.0.30"),
            ("v13.0.3", "v13.0.30"),
            ("v14.2", "v14"),
            ("v14.2.1", "v14.2"),
            ("v1.2.3", "v1.2.3-rc.1"),
            ("v1.2.3-rc.1", "v1.2.3-rc.2"),
            ("v1.2.3-rc.1", "v1.2.3"),
            ("v1", "1.2.3"),
            ("v1", "v1.2.3.4"),
            ("v1", "v1.02.3"),
            ("v1", "main"),
            ("v1", ""),
        ] {
            assert!(!matches(expected, tag), "{expected} {tag}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "v",
            "1.2.3",
            "v1.",
            "v01",
            "v1-rc",
            "v1.2+x",
            "v1.2.3-",
            "v1.2.3-01",
            "v1.2.3-a b",
        ] {
            let error = text.parse::<VersionedTag>().unwrap_err();
            assert_eq!(error.found, text);
        }
        let tag: VersionedTag = "v1.2.3-rc.1+x".parse().unwrap();
        assert_eq!(tag.to_string(), "v1.2.3-rc.1");
    }
}
