//! Lists of licenses in policies.

use std::collections::BTreeMap;

use super::family::{License, is_later};
use super::{LicenseError, LicenseExpression};

/// A list of licenses that are allowed or denied.
///
/// An entry is an identifier, `LicenseRef-…`, or one of them `WITH` an exception. `…-or-later` and `+`
/// stand for that version and each later one. An entry without exception **allows** the bare license
/// only, and **denies** the license with every exception too: neither list may be passed by adding text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseSet {
    entries: BTreeMap<Box<str>, Vec<License>>,
}

impl LicenseSet {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// When an entry is no license, or more than one.
    pub fn parse(entries: &[&str]) -> Result<Self, LicenseError> {
        let mut set = Self::default();
        for text in entries {
            let expression = LicenseExpression::parse(text)?;
            let license = expression.single().ok_or_else(|| LicenseError::Compound {
                found: (*text).into(),
            })?;
            let family = set.entries.entry(license.family.clone()).or_default();
            family.push(license.clone());
        }
        Ok(set)
    }

    /// Whether some version that the license leaves to choose is in the list.
    pub(super) fn allows(&self, license: &License) -> bool {
        license.choices().into_iter().any(|version| {
            self.of_family(license)
                .any(|entry| entry.addition == license.addition && covers(entry, version))
        })
    }

    /// Whether every version that the license leaves to choose is in the list.
    pub(super) fn denies(&self, license: &License) -> bool {
        license.choices().into_iter().all(|version| {
            self.of_family(license).any(|entry| {
                let same = entry.addition.is_none() || entry.addition == license.addition;
                same && covers(entry, version)
            })
        })
    }

    fn of_family(&self, license: &License) -> impl Iterator<Item = &License> {
        self.entries.get(&license.family).into_iter().flatten()
    }
}

fn covers(entry: &License, version: Option<&str>) -> bool {
    match (entry.version.as_deref(), version) {
        (Some(entry_version), Some(version)) => {
            version == entry_version || (entry.or_later && is_later(version, entry_version))
        }
        (entry_version, version) => entry_version == version,
    }
}
