mod languages;
mod order;
mod semver;
mod systems;

use std::cmp::Ordering;

use super::{MAX_VERSION_BYTES, Scheme};

/// A seeded generator (splitmix64): the same texts on every machine.
pub(in crate::package) struct Random(u64);

impl Random {
    pub(in crate::package) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in crate::package) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = (mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap();
        usize::try_from(mixed).unwrap()
    }

    pub(in crate::package) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Every version of a list sorts before every later one.
fn ascending(scheme: Scheme, versions: &[&str]) {
    for (at, a) in versions.iter().enumerate() {
        for (other, b) in versions.iter().enumerate() {
            let found = scheme.compare(a, b);
            assert_eq!(found, Some(at.cmp(&other)), "{scheme:?}: {a} and {b}");
        }
    }
}

fn equal(scheme: Scheme, pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        assert_eq!(
            scheme.compare(a, b),
            Some(Ordering::Equal),
            "{scheme:?}: {a} and {b}"
        );
        assert_eq!(
            scheme.compare(b, a),
            Some(Ordering::Equal),
            "{scheme:?}: {b} and {a}"
        );
    }
}

fn unordered(scheme: Scheme, versions: &[&str], honest: &str) {
    assert_eq!(scheme.compare(honest, honest), Some(Ordering::Equal));
    for version in versions {
        assert_eq!(
            scheme.compare(version, honest),
            None,
            "{scheme:?}: {version}"
        );
        assert_eq!(
            scheme.compare(honest, version),
            None,
            "{scheme:?}: {version}"
        );
    }
}

#[test]
fn versions_without_rules_are_equal_dotted_numbers_or_unknown() {
    ascending(Scheme::Generic, &["1", "1.0.1", "1.2", "1.10"]);
    equal(Scheme::Generic, &[("1.0", "1"), ("abc", "abc")]);
    assert_eq!(Scheme::Generic.compare("abc", "abd"), None);
    assert_eq!(Scheme::Generic.compare("1.0", "1.0a"), None);
}

#[test]
fn a_version_that_is_too_long_has_no_order() {
    let longest = "1".repeat(MAX_VERSION_BYTES);
    let too_long = "1".repeat(MAX_VERSION_BYTES + 1);
    for scheme in ALL {
        assert_eq!(scheme.compare(&too_long, "1.0.0"), None, "{scheme:?}");
        assert_eq!(scheme.compare("1.0.0", &too_long), None, "{scheme:?}");
    }
    assert_eq!(Scheme::Deb.compare(&longest, "1"), Some(Ordering::Greater));
}

#[test]
fn a_bound_speaks_as_people_do() {
    let npm = Scheme::Npm;
    assert_eq!(npm.compare_to_bound("2.0.0", "2"), Some(Ordering::Equal));
    assert_eq!(npm.compare_to_bound("2", "2.0.0"), None);
    let rpm = Scheme::Rpm;
    assert_eq!(
        rpm.compare_to_bound("1.2-3.el9", "1.2"),
        Some(Ordering::Equal)
    );
    assert_eq!(
        rpm.compare_to_bound("1.2-3.el9", "1.2-1"),
        Some(Ordering::Greater)
    );
}

#[test]
fn types_and_ecosystems_have_their_schemes() {
    assert_eq!(Scheme::of_purl_type("golang"), Scheme::Go);
    assert_eq!(Scheme::of_purl_type("nobody"), Scheme::Generic);
    let rust = ["crates", "io"].join(".");
    let known = [
        (rust.as_str(), Scheme::Cargo),
        ("Debian:12", Scheme::Deb),
        ("Ubuntu:22.04:LTS", Scheme::Deb),
        ("Alpine:v3.19", Scheme::Apk),
        ("Wolfi", Scheme::Apk),
        ("Red Hat:enterprise_linux:9::baseos", Scheme::Rpm),
        ("npm", Scheme::Npm),
        ("PyPI", Scheme::PyPi),
    ];
    for (ecosystem, scheme) in known {
        assert_eq!(Scheme::of_ecosystem(ecosystem), Some(scheme), "{ecosystem}");
    }
    assert_eq!(Scheme::of_ecosystem("Nobody:1"), None);
    assert_eq!(Scheme::of_ecosystem("debian"), None);
}

const ALL: [Scheme; 16] = [
    Scheme::Semver,
    Scheme::Npm,
    Scheme::Cargo,
    Scheme::Go,
    Scheme::Deb,
    Scheme::Rpm,
    Scheme::Apk,
    Scheme::PyPi,
    Scheme::Maven,
    Scheme::Gem,
    Scheme::NuGet,
    Scheme::Packagist,
    Scheme::Hex,
    Scheme::Pub,
    Scheme::Alpm,
    Scheme::Generic,
];

#[test]
fn versions_of_composer_and_nuget_have_at_most_four_numbers() {
    for scheme in [Scheme::Packagist, Scheme::NuGet] {
        let most = "1.2.3.4";
        assert_eq!(scheme.compare(most, "1.2.3.5"), Some(Ordering::Less));
        assert_eq!(scheme.compare(&format!("{most}.5"), most), None);
    }
}
