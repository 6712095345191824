//! Semantic versions, and those of Go, which are nearly the same.

use super::*;

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
