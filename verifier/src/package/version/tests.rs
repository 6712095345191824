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

/// The example of section 11, and numbers that fit no integer.
#[test]
fn semantic_versions_sort_as_section_eleven_says() {
    let versions = [
        "0.0.4",
        "1.0.0-0",
        "1.0.0-2",
        "1.0.0-11",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "2.0.0",
        "2.1.0",
        "2.1.1",
        "99999999999999999999999.999999999999999999.99999999999999999",
        "99999999999999999999999.999999999999999999.99999999999999999999",
    ];
    for scheme in [
        Scheme::Semver,
        Scheme::Npm,
        Scheme::Cargo,
        Scheme::Go,
        Scheme::Hex,
        Scheme::Pub,
    ] {
        ascending(scheme, &versions);
    }
    equal(
        Scheme::Semver,
        &[("1.0.0+a", "1.0.0+b"), ("v1.0.0", "1.0.0")],
    );
    ascending(
        Scheme::Pub,
        &[
            "1.0.0-a+z",
            "1.0.0",
            "1.0.0+1",
            "1.0.0+2",
            "1.0.0+10",
            "1.0.0+a",
        ],
    );
}

/// The list of invalid versions that semver.org links to (its regular expression's tests).
#[test]
fn what_is_no_semantic_version_has_no_order() {
    let lies = [
        "",
        "1",
        "1.2",
        "1.2.3-0123",
        "1.2.3-0123.0123",
        "1.1.2+.123",
        "+invalid",
        "-invalid",
        "-invalid+invalid",
        "-invalid.01",
        "alpha",
        "alpha.beta",
        "alpha.beta.1",
        "alpha.1",
        "alpha+beta",
        "alpha_beta",
        "alpha.",
        "alpha..",
        "beta",
        "1.0.0-alpha_beta",
        "-alpha.",
        "1.0.0-alpha..",
        "1.0.0-alpha..1",
        "01.1.1",
        "1.01.1",
        "1.1.01",
        "1.2.3.DEV",
        "1.2-SNAPSHOT",
        "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788",
        "1.2-RC-SNAPSHOT",
        "-1.0.3-gamma+b7718",
        "+justmeta",
        "9.8.7+meta+meta",
        "9.8.7-whatever+meta+meta",
        "1.0.0 ",
        "1.0.0\u{e9}",
    ];
    unordered(
        Scheme::Semver,
        &lies,
        "1.0.0----RC-SNAPSHOT.12.9.1--.12+788",
    );
    unordered(Scheme::Cargo, &["v1.0.0"], "1.0.0");
}

#[test]
fn go_knows_short_forms_pseudo_versions_and_releases_of_go() {
    ascending(
        Scheme::Go,
        &[
            "v0.0.0-20180101000000-abcdefabcdef",
            "v0.0.0-20191109021931-daa7c04131f5",
            "v0.0.1",
            "v1.2.3-pre.0.20191109021931-daa7c04131f5",
            "v1.2.3",
            "v1.2.4-0.20191109021931-daa7c04131f5",
            "v1.2.4",
            "go1.21beta1",
            "go1.21rc2",
            "go1.21rc10",
            "go1.21",
            "go1.21.3",
            "v2.0.0+incompatible",
        ],
    );
    equal(
        Scheme::Go,
        &[
            ("v1", "v1.0.0"),
            ("1.2", "v1.2.0"),
            ("v2.0.0+incompatible", "v2.0.0"),
            ("go1.21.3", "1.21.3"),
        ],
    );
    unordered(
        Scheme::Go,
        &[
            "",
            "v",
            "master",
            "v1.2.3.4",
            "go1.21foo1",
            "go1.21rc",
            "daa7c04131f5",
        ],
        "v1.0.0",
    );
}

/// deb-version(7), and `t-version.c` of dpkg.
#[test]
fn debian_versions_sort_as_dpkg_sorts_them() {
    ascending(
        Scheme::Deb,
        &[
            "0~~",
            "0~~a",
            "0~",
            "0",
            "0+",
            "1.0~beta1~svn1245",
            "1.0~beta1",
            "1.0",
            "1.0-1~bpo1",
            "1.0-1",
            "1.0-1+b1",
            "1.0-1.1",
            "1.0a",
            "1.0+dfsg",
            "1.0+dfsg-1",
            "1.2.3",
            "1.2.10",
            "3.0.11-1~deb12u1",
            "3.0.11-1~deb12u2",
            "3.0.11-1",
            "3.0.12",
            "1:0",
            "2:0",
            "99999999999999999999:0",
        ],
    );
    equal(
        Scheme::Deb,
        &[
            ("0:1.0-1", "1.0-1"),
            ("1.0", "1.0-0"),
            ("1.01", "1.1"),
            ("0", "00"),
        ],
    );
    unordered(
        Scheme::Deb,
        &[
            "",
            ":1",
            "a:1",
            "1:",
            "1.0-",
            "-1",
            "1.0_1",
            "1.0 1",
            "1.0-1_1",
            "1.0\u{e9}",
            "-1:1",
        ],
        "1.0",
    );
}

/// `tests/rpmvercmp.at` of RPM.
#[test]
fn rpm_versions_sort_as_rpmvercmp_sorts_them() {
    let before = [
        ("1.0", "2.0"),
        ("2.0", "2.0.1"),
        ("2.0.1", "2.0.1a"),
        ("5.5p1", "5.5p2"),
        ("5.5p1", "5.5p10"),
        ("10abc", "10.1abc"),
        ("xyz10", "xyz10.1"),
        ("xyz.4", "xyz.4.1"),
        ("xyz.4", "8"),
        ("xyz.4", "2"),
        ("5.5p2", "5.6p1"),
        ("5.6p1", "6.5p1"),
        ("6.0", "6.0.rc1"),
        ("10a2", "10b2"),
        ("1.0a", "1.0aa"),
        ("10.0001", "10.0039"),
        ("4.999.9", "5.0"),
        ("20101121", "20101122"),
        ("1.0~rc1", "1.0"),
        ("1.0~rc1", "1.0~rc2"),
        ("1.0~rc1~git123", "1.0~rc1"),
        ("1.0", "1.0^"),
        ("1.0", "1.0^git1"),
        ("1.0^git1", "1.0^git2"),
        ("1.0^git1", "1.01"),
        ("1.0^20160101", "1.0.1"),
        ("1.0^20160101^git1", "1.0^20160102"),
        ("1.0~rc1", "1.0~rc1^git1"),
        ("1.0^git1~pre", "1.0^git1"),
        ("1.0-1", "1.0-2"),
        ("1.0", "1.0-1"),
        ("9-9", "1:0-0"),
        ("1b.fc17", "1.fc17"),
        ("1", "1.a"),
        ("1.fc17", "1g.fc17"),
    ];
    for (a, b) in before {
        ascending(Scheme::Rpm, &[a, b]);
    }
    equal(
        Scheme::Rpm,
        &[
            ("2_0", "2.0"),
            ("a+", "a_"),
            ("a+", "+a"),
            ("+_", "_+"),
            ("10.0001", "10.1"),
            ("0:1-1", "1-1"),
            ("1.05", "1.5"),
            ("1.0^", "1.0^"),
            ("1.0~rc1~git123", "1.0~rc1~git123"),
            ("1.0.", "1.0"),
        ],
    );
    unordered(
        Scheme::Rpm,
        &["", "a:1", ":1", "1:", "-1", "1 0", "1:2:3", "1\u{e9}"],
        "1.0-1.el9",
    );
}

/// `test/version.data` of apk-tools, and the suffixes of apk-package(5).
#[test]
fn alpine_versions_sort_as_apk_sorts_them() {
    ascending(
        Scheme::Apk,
        &[
            "0.09",
            "0.1.0_alpha",
            "0.1.0_alpha1",
            "0.1.0_alpha2",
            "0.1.0_alpha10",
            "0.1.0_beta",
            "0.1.0_pre2",
            "0.1.0_rc1_pre1",
            "0.1.0_rc1",
            "0.1.0_rc2",
            "0.1.0",
            "0.1.0-r0",
            "0.1.0-r10",
            "0.1.0_cvs",
            "0.1.0_svn",
            "0.1.0_git20240101",
            "0.1.0_git20240102",
            "0.1.0_hg1",
            "0.1.0_p1",
            "0.1.0_p2-r1",
            "0.1.0a",
            "0.1.0b",
            "0.1.0b-r1",
            "0.1.0.1",
            "0.1.2",
            "0.1.10",
            "1.0",
            "1.0.0",
            "1.1",
            "2",
            "99999999999999999999",
        ],
    );
    ascending(Scheme::Apk, &["1.0.0", "1.0.0~0abc", "1.0.0~1abc"]);
    unordered(
        Scheme::Apk,
        &[
            "",
            "a",
            "1.",
            "1..2",
            "1.0_",
            "1.0_foo",
            "1.0_Alpha",
            "1.0-r",
            "1.0-1",
            "1.0ab",
            "1.0~",
            "1.0 ",
            "v1.0",
            "1.0-r1-r2",
        ],
        "1.0-r0",
    );
}

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

/// vercmp(8).
#[test]
fn arch_versions_sort_as_vercmp_sorts_them() {
    ascending(
        Scheme::Alpm,
        &[
            "1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1",
        ],
    );
    ascending(
        Scheme::Alpm,
        &["1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0"],
    );
    ascending(
        Scheme::Alpm,
        &["1.5", "1.5-1", "1.5-2", "1.6", "0:1.7", "1:0.1", "2:0"],
    );
    ascending(Scheme::Alpm, &["2.0", "2_0_a", "2___a"]);
    equal(
        Scheme::Alpm,
        &[("1.05", "1.5"), ("2_0", "2.0"), ("0:1.0-1", "1.0-1")],
    );
    unordered(Scheme::Alpm, &["", "a:1", "1:", "1 0", "-1"], "1.0-1");
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

/// Pieces of which random versions are put together; some make no version of some scheme.
const PIECES: [&str; 30] = [
    "0",
    "1",
    "2",
    "01",
    "10",
    "18446744073709551616",
    ".",
    ".",
    ".",
    "-",
    "-",
    "_",
    "+",
    "~",
    "^",
    ":",
    "!",
    "a",
    "b",
    "rc",
    "alpha",
    "beta",
    "dev",
    "post",
    "p",
    "-r1",
    "_p",
    "x",
    "ga",
    "\u{e9}",
];

fn random_version(random: &mut Random, scheme: Scheme) -> String {
    let start = match scheme {
        Scheme::Semver | Scheme::Npm | Scheme::Cargo | Scheme::Hex | Scheme::Pub => "1.0.0",
        _ => *random.pick(&["", "1", "1.0"]),
    };
    let length = random.below(6);
    let tail = (0..length).map(|_| *random.pick(&PIECES));
    std::iter::once(start).chain(tail).collect()
}

#[test]
fn every_scheme_is_an_order() {
    for (seed, scheme) in ALL.into_iter().enumerate() {
        let mut random = Random::new(u64::try_from(seed).unwrap());
        let versions: Vec<String> = (0..2_000)
            .map(|_| random_version(&mut random, scheme))
            .filter(|version| scheme.compare(version, version).is_some())
            .collect();
        assert!(versions.len() > 40, "{scheme:?}: {}", versions.len());
        for _ in 0..10_000 {
            let [a, b, c] = [(); 3].map(|()| random.pick(&versions).as_str());
            assert_eq!(
                scheme.compare(a, a),
                Some(Ordering::Equal),
                "{scheme:?}: {a}"
            );
            let (Some(ab), Some(bc)) = (scheme.compare(a, b), scheme.compare(b, c)) else {
                assert_eq!(scheme, Scheme::Generic, "{a}, {b}, {c}");
                continue;
            };
            assert_eq!(
                scheme.compare(b, a),
                Some(ab.reverse()),
                "{scheme:?}: {a}, {b}"
            );
            // Maven's own order has circles; those without are below.
            if scheme != Scheme::Maven && (ab == bc || ab.is_eq() || bc.is_eq()) {
                let expected = if ab.is_eq() { bc } else { ab };
                let found = scheme.compare(a, c);
                assert_eq!(found, Some(expected), "{scheme:?}: {a}, {b}, {c}");
            }
        }
    }
}

#[test]
fn maven_versions_of_the_usual_forms_are_an_order() {
    assert_circle(Scheme::Maven, ["1-x", "1", "1.0.alpha-1"]);
    let mut random = Random::new(77);
    let words = ["alpha", "beta", "rc", "x", "ga", "snapshot", "sp", "jre"];
    let versions: Vec<String> = (0..2_000)
        .map(|_| {
            let numbers = ["1", "1.0", "1.0.0", "1.0.1", "1.1", "2"];
            let mut version = (*random.pick(&numbers)).to_owned();
            for _ in 0..random.below(3) {
                let tail = [
                    *random.pick(&["-", ""]),
                    *random.pick(&words),
                    *random.pick(&["", "1", "-1", "2"]),
                ];
                version.push_str(&tail.concat());
            }
            version
        })
        .collect();
    for _ in 0..10_000 {
        let [a, b, c] = [(); 3].map(|()| random.pick(&versions).as_str());
        let order = |a: &str, b: &str| Scheme::Maven.compare(a, b).unwrap();
        if order(a, b).is_le() && order(b, c).is_le() {
            assert!(order(a, c).is_le(), "{a}, {b}, {c}");
        }
    }
}

/// Each version is newer than the next, and the last than the first.
fn assert_circle(scheme: Scheme, versions: [&str; 3]) {
    let [a, b, c] = versions;
    for (newer, older) in [(a, b), (b, c), (c, a)] {
        assert_eq!(
            scheme.compare(newer, older),
            Some(Ordering::Greater),
            "{newer}, {older}"
        );
    }
}
