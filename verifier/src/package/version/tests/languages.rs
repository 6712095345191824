//! Versions of the packages of languages that have rules of their own.

use super::*;

/// PEP 440, "Normalization".
const PYTHON_SPELLINGS: &[(&str, &str)] = &[
    ("1.0", "1.0.0"),
    ("1.0", "v1"),
    ("1.0", " 1.0 "),
    ("1.0RC1", "1.0c1"),
    ("1.0-preview1", "1.0rc1"),
    ("1.0.alpha", "1.0a0"),
    ("1.0_beta-2", "1.0b2"),
    ("1.0-1", "1.0.post1"),
    ("1.0.rev1", "1.0r1"),
    ("1.0-post", "1.0.post0"),
    ("1.0dev", "1.0.dev0"),
    ("1.0+ubuntu-1", "1.0+UBUNTU_1"),
    ("0!1", "1"),
    ("1.0a.dev1", "1.0a0dev1"),
    ("1.00", "1.0"),
];

/// PEP 440, "Summary of permitted suffixes and relative ordering", and the tests of `packaging`.
#[test]
fn python_versions_sort_as_pep_440_sorts_them() {
    ascending(
        Scheme::PyPi,
        &[
            "1.0.dev456",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0+5.1",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.1.dev1",
            "1.1",
            "1.2+1234.abc",
            "1.2+123456",
            "1.2.3",
            "1.2.10",
            "2013.10",
            "1!0.1",
            "1!1.0",
            "2!0",
        ],
    );
    equal(Scheme::PyPi, PYTHON_SPELLINGS);
    unordered(
        Scheme::PyPi,
        &[
            "",
            "french toast",
            "1.0+a+",
            "1.0++",
            "1.0+_foo",
            "1.0+1+1",
            "1.0..1",
            "1.0p1",
            "a",
            "1!",
            "x!1",
            "1.0a1b1",
            "2011k",
        ],
        "1.0",
    );
}

/// The POM reference, "Trimming", and aliases.
const MAVEN_SPELLINGS: &[(&str, &str)] = &[
    ("1", "1.0.0"),
    ("1", "1-0"),
    ("1.0", "1.0-0"),
    ("1a", "1-a"),
    ("1a", "1.0.0-a"),
    ("1.0.0x", "1-x"),
    ("1cr", "1rc"),
    ("1a1", "1-alpha-1"),
    ("1b2", "1-beta-2"),
    ("1m3", "1-milestone-3"),
    ("1X", "1x"),
    ("1-ga", "1"),
    ("1.final", "1"),
    ("1RELEASE", "1"),
    ("1.0.0-foo.0.0", "1-foo"),
    ("1.0.0-0.0.0", "1"),
    ("1-ga-1", "1-1"),
    ("0001", "1"),
    ("2.0.x", "2-x"),
];

/// The POM reference, "Version Order Specification", and `ComparableVersionTest` of Maven.
#[test]
fn maven_versions_sort_as_comparable_version_sorts_them() {
    ascending(
        Scheme::Maven,
        &[
            "1-alpha2snapshot",
            "1-alpha2",
            "1-alpha-123",
            "1-beta-2",
            "1-beta123",
            "1-m2",
            "1-m11",
            "1-rc",
            "1-cr2",
            "1-rc123",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-sp2",
            "1-sp123",
            "1-abc",
            "1-def",
            "1-pom-1",
            "1-1-snapshot",
            "1-1",
            "1-2",
            "1-123",
        ],
    );
    ascending(
        Scheme::Maven,
        &[
            "2.0", "2.0.a", "2-1", "2.0.2", "2.0.123", "2.1.0", "2.1-a", "2.1b", "2.1-c", "2.1-1",
            "2.1.0.1", "2.2", "2.123", "11.a2", "11.a11", "11.b2", "11.b11", "11.m2", "11.m11",
            "11", "11.a", "11b", "11c", "11m",
        ],
    );
    ascending(Scheme::Maven, &["6.1.0rc3", "6.1.0", "6.1H.5-beta"]);
    ascending(Scheme::Maven, &["1-0.alpha", "1-0.beta", "1"]);
    ascending(
        Scheme::Maven,
        &[
            "20190126.230843",
            "1234567890.12345",
            "123456789012345.1H.5-beta",
            "12345678901234567890.1H.5-beta",
        ],
    );
    ascending(
        Scheme::Maven,
        &["2.0.1", "2.0.1-klm", "2.0.1-lmn", "2.0.1-xyz", "2.0.1-123"],
    );
    ascending(Scheme::Maven, &["2.14.1", "2.15.0-rc1", "2.15.0", "2.17.1"]);
    equal(Scheme::Maven, MAVEN_SPELLINGS);
    ascending(Scheme::Maven, &["1-sp-1", "1-ga-1"]);
    unordered(Scheme::Maven, &["", " "], "1.0");
}

/// `test_gem_version.rb` of `RubyGems`.
#[test]
fn gem_versions_sort_as_ruby_gems_sorts_them() {
    ascending(
        Scheme::Gem,
        &[
            "1.8.2.a",
            "1.8.2.a9",
            "1.8.2.a10",
            "1.8.2.b",
            "1.8.2",
            "1.9.3.alpha",
            "1.9.3",
            "1.10",
            "5.a",
            "5.x",
            "5.0.0",
            "5.0.1",
        ],
    );
    equal(
        Scheme::Gem,
        &[
            ("1.0", "1"),
            ("1.0.a", "1.a"),
            ("1-1", "1.pre.1"),
            ("1.2.b1", "1.2.b.1"),
            (" 1 ", "1"),
            ("0", "00"),
        ],
    );
    unordered(
        Scheme::Gem,
        &[
            "",
            "junk",
            "1.0\n2.0",
            "1..2",
            "1.2 3.4",
            "2.3422222.222.222222222.22222.ads0as.dasd0.ddd2222.2.qd3e.",
            "1-",
        ],
        "1.0",
    );
}

/// <https://learn.microsoft.com/nuget/concepts/package-versioning>.
#[test]
fn nuget_versions_sort_without_case_and_with_four_numbers() {
    ascending(
        Scheme::NuGet,
        &[
            "1.0.0-alpha",
            "1.0.0-alpha.2",
            "1.0.0-ALPHA.10",
            "1.0.0-beta",
            "1.0.0-zzz",
            "1.0.0",
            "1.0.0.1-a",
            "1.0.0.1",
            "1.0.1",
            "1.10",
        ],
    );
    equal(
        Scheme::NuGet,
        &[
            ("1", "1.0.0.0"),
            ("1.00", "1.0"),
            ("1.0.0-RC.1", "1.0.0-rc.01"),
            ("1.0+a", "1.0+b"),
        ],
    );
    unordered(
        Scheme::NuGet,
        &["", "1.0.0.0.0", "1.0-", "v1", "1.a", "1.0-a..b", "1.0+"],
        "1.0",
    );
}

/// `VersionParserTest` and `ComparatorTest` of composer/semver.
#[test]
fn composer_versions_sort_as_they_are_normalised() {
    ascending(
        Scheme::Packagist,
        &[
            "0.9",
            "1.0.0-alpha-dev",
            "1.0.0-alpha",
            "1.0.0-alpha1",
            "1.0.0-alpha1.1",
            "1.0.0-alpha2",
            "1.0.0beta2",
            "1.0.0.RC1",
            "1.0.0-rc15",
            "1.0.0",
            "1.0.0-p1",
            "1.0.0-pl2",
            "1.0.0-patch3",
            "1.0.1",
            "1.10",
        ],
    );
    equal(
        Scheme::Packagist,
        &[
            ("v1.0", "1.0.0.0"),
            ("1.0.0-b2", "1.0.0.BETA2"),
            ("1.0-stable", "1"),
            ("1.0+build", "1"),
            ("1.0.0-p", "1.0.0-patch"),
        ],
    );
    ascending(Scheme::Packagist, &["1.0.0-dev", "1.0.0"]);
    unordered(
        Scheme::Packagist,
        &[
            "",
            "dev-master",
            "1.x-dev",
            "1.0.0.0.0",
            "1.0-foo",
            "a",
            "1..0",
            "1.0-",
        ],
        "1.0",
    );
}
