//! The versions of CycloneDX.

/// A version whose documents are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// 1.2, the first one in JSON.
    V1_2,
    /// 1.3.
    V1_3,
    /// 1.4.
    V1_4,
    /// 1.5.
    V1_5,
    /// 1.6, ECMA-424 first edition.
    V1_6,
    /// 1.7, ECMA-424 second edition.
    V1_7,
}

impl Version {
    const ALL: [Self; 6] = [
        Self::V1_2,
        Self::V1_3,
        Self::V1_4,
        Self::V1_5,
        Self::V1_6,
        Self::V1_7,
    ];

    /// What a message says about the versions.
    pub(super) const SUPPORTED: &'static str = "CycloneDX 1.4, 1.5, 1.6 or 1.7";

    /// As documents write it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
            Self::V1_4 => "1.4",
            Self::V1_5 => "1.5",
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }

    /// The version with this name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == name)
    }
}

/// Versions in a row, as the tables write them: `1.5-`, `-1.3`, `1.4-1.5`, `1.6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    first: Version,
    last: Version,
}

impl Versions {
    /// Every version.
    pub(super) const ALL: Self = Self {
        first: Version::V1_2,
        last: Version::V1_7,
    };

    /// Reads the notation of the tables.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, last) = match text.split_once('-') {
            Some(("", last)) => (Some(Version::V1_2), Version::parse(last)),
            Some((first, "")) => (Version::parse(first), Some(Version::V1_7)),
            Some((first, last)) => (Version::parse(first), Version::parse(last)),
            None => (Version::parse(text), Version::parse(text)),
        };
        let (first, last) = (first?, last?);
        (first <= last).then_some(Self { first, last })
    }

    /// Whether `version` is one of them.
    pub(super) fn contain(self, version: Version) -> bool {
        self.first <= version && version <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_a_row_have_a_first_and_a_last_one() {
        for (text, expected) in [
            ("1.5-", "000111"),
            ("-1.3", "110000"),
            ("1.4-1.5", "001100"),
            ("1.6", "000010"),
        ] {
            let versions = Versions::parse(text).unwrap();
            let found: String = Version::ALL
                .into_iter()
                .map(|v| if versions.contain(v) { '1' } else { '0' })
                .collect();
            assert_eq!(found, expected, "{text}");
        }
        for bad in ["", "1.8", "1.5-1.4", "1", "-", "1.4-2"] {
            assert_eq!(Versions::parse(bad), None, "{bad}");
        }
    }
}
