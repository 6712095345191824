//! One license, seen as a version in a family.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use spdx::{AdditionItem, LicenseItem, LicenseReq};

use super::LicenseError;
use crate::package::version::Scheme;

/// Deprecated identifiers that name an exception (SPDX license list, "deprecated").
const WITH_EXCEPTION: [(&str, &str, &str); 7] = [
    ("GPL-2.0-with-GCC-exception", "2.0", "GCC-exception-2.0"),
    (
        "GPL-2.0-with-autoconf-exception",
        "2.0",
        "Autoconf-exception-2.0",
    ),
    ("GPL-2.0-with-bison-exception", "2.0", "Bison-exception-2.2"),
    (
        "GPL-2.0-with-classpath-exception",
        "2.0",
        "Classpath-exception-2.0",
    ),
    ("GPL-2.0-with-font-exception", "2.0", "Font-exception-2.0"),
    ("GPL-3.0-with-GCC-exception", "3.0", "GCC-exception-3.1"),
    (
        "GPL-3.0-with-autoconf-exception",
        "3.0",
        "Autoconf-exception-3.0",
    ),
];

/// A license: family, version, and what was added to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct License {
    /// The identifier with `*` for the version: `GPL-*`, `CC-BY-SA-*-DE`, `MIT`.
    pub(super) family: Box<str>,
    pub(super) version: Option<Box<str>>,
    pub(super) or_later: bool,
    pub(super) addition: Option<Box<str>>,
    shown: Box<str>,
}

impl License {
    /// Takes a requirement of a parsed expression.
    pub(super) fn new(found: &LicenseReq) -> Result<Self, LicenseError> {
        let addition = found.addition.as_ref().map(ToString::to_string);
        let shown = found.to_string();
        if has_empty_reference(found) {
            let expected = "a name after `LicenseRef-`, `AdditionRef-` and `DocumentRef-`";
            return Err(refused(expected, shown));
        }
        // The list of the crate holds both, but they state that there is no license to evaluate.
        if matches!(&*shown, "NONE" | "NOASSERTION") {
            return Err(refused("a license", shown));
        }
        let (id, plus) = match &found.license {
            LicenseItem::Spdx { id, or_later } => (*id, *or_later),
            LicenseItem::Other(reference) => {
                return Ok(Self {
                    family: reference.to_string().into(),
                    version: None,
                    or_later: false,
                    addition: addition.map(Into::into),
                    shown: shown.into(),
                });
            }
        };
        let known = WITH_EXCEPTION.iter().find(|(name, _, _)| *name == id.name);
        if let Some((_, version, exception)) = known {
            // A second exception has no identifier: it is kept as a text that equals nothing else.
            let addition = addition.map_or_else(
                || (*exception).to_owned(),
                |more| format!("{exception} WITH {more}"),
            );
            return Ok(Self {
                family: "GPL-*".into(),
                version: Some((*version).into()),
                or_later: plus,
                addition: Some(addition.into()),
                shown: shown.into(),
            });
        }
        let (base, or_later) = base(id.name, id.is_gnu());
        let (family, version) = split(base);
        Ok(Self {
            family: family.into(),
            version: version.map(Into::into),
            or_later: or_later || plus,
            addition: addition.map(Into::into),
            shown: shown.into(),
        })
    }

    /// The versions between which the license leaves the choice; `None` stands for a license without.
    pub(super) fn choices(&self) -> Vec<Option<&str>> {
        let own = self.version.as_deref();
        let mut choices = vec![own];
        if let Some(version) = own.filter(|_| self.or_later) {
            let known = VERSIONS.get(&*self.family).into_iter().flatten();
            choices.extend(
                known
                    .copied()
                    .filter(|known| is_later(known, version))
                    .map(Some),
            );
        }
        choices
    }
}

impl fmt::Display for License {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Whether `a` is a later version of a license than `b`.
pub(super) fn is_later(a: &str, b: &str) -> bool {
    let order = Scheme::Generic.compare(a, b);
    order.is_some_and(std::cmp::Ordering::is_gt)
}

fn refused(expected: &str, found: String) -> LicenseError {
    LicenseError::Syntax {
        expected: expected.into(),
        found: found.into(),
        column: 1,
    }
}

/// The versions of every family of the SPDX list.
static VERSIONS: LazyLock<BTreeMap<String, BTreeSet<&'static str>>> = LazyLock::new(|| {
    let mut versions: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for license in spdx::identifiers::LICENSES {
        let is_gnu = spdx::license_id(license.name).is_some_and(spdx::LicenseId::is_gnu);
        let (base, _) = base(license.name, is_gnu);
        if let (family, Some(version)) = split(base) {
            versions.entry(family).or_default().insert(version);
        }
    }
    versions
});

/// The identifier without the suffixes by which the licenses of GNU say "only" and "or later".
fn base(name: &str, is_gnu: bool) -> (&str, bool) {
    if let Some(base) = name.strip_suffix('+') {
        return (base, true);
    }
    if !is_gnu {
        return (name, false);
    }
    match name.strip_suffix("-or-later") {
        Some(base) => (base, true),
        None => (name.strip_suffix("-only").unwrap_or(name), false),
    }
}

/// Splits the version off: the first part with digits and dots. `BSD-3-Clause` has none.
fn split(name: &str) -> (String, Option<&str>) {
    let is_version = |part: &&str| {
        part.contains('.')
            && part
                .split('.')
                .all(|n| n.bytes().all(|b| b.is_ascii_digit()))
    };
    let version = name.split('-').find(is_version);
    let family: Vec<&str> = name
        .split('-')
        .map(|part| if Some(part) == version { "*" } else { part })
        .collect();
    (family.join("-"), version)
}

fn has_empty_reference(found: &LicenseReq) -> bool {
    let license = match &found.license {
        LicenseItem::Spdx { .. } => false,
        LicenseItem::Other(r) => r.lic_ref.is_empty() || r.doc_ref.as_deref() == Some(""),
    };
    let addition = match &found.addition {
        None | Some(AdditionItem::Spdx(_)) => false,
        Some(AdditionItem::Other(r)) => r.add_ref.is_empty() || r.doc_ref.as_deref() == Some(""),
    };
    license || addition
}
