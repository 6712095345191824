use super::*;

fn pattern(text: &str) -> PackagePattern {
    PackagePattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn matched(text: &str, purl: &str) -> Match {
    pattern(text).matches(
        &purl
            .parse()
            .unwrap_or_else(|error| panic!("{purl}: {error}")),
    )
}

use Match::{No, Undecided, Yes};

const CASES: &[(&str, &str, Match)] = &[
    (
        "pkg:npm/event-stream@3.3.6",
        "pkg:npm/event-stream@3.3.6",
        Yes,
    ),
    (
        "pkg:npm/event-stream@3.3.6",
        "pkg:npm/event-stream@3.3.7",
        No,
    ),
    (
        "pkg:npm/event-stream@3.3.6",
        "pkg:npm/event-stream@v3.3.6",
        Yes,
    ),
    (
        "pkg:npm/event-stream@3.3.6",
        "pkg:npm/event-stream",
        Undecided,
    ),
    (
        "pkg:npm/event-stream@3.3.6",
        "pkg:npm/event-stream@latest",
        Undecided,
    ),
    ("pkg:npm/event-stream@3.3.6", "pkg:npm/event-stream2", No),
    ("pkg:npm/event-stream", "pkg:npm/Event-Stream@1.0.0", Yes),
    ("pkg:npm/event-stream", "pkg:npm/event-stream", Yes),
    ("pkg:npm/event-stream", "pkg:npm/%40evil/event-stream", No),
    ("pkg:npm/event-stream", "pkg:npm/my-event-stream", No),
    ("pkg:npm/event-stream", "pkg:pypi/event-stream", No),
    (
        "pkg:npm/event-stream",
        "pkg:npm/event-stream@1.0.0?arch=x#lib/a",
        Yes,
    ),
    ("pkg:npm/@scope/*", "pkg:npm/%40scope/pkg@1.0.0", Yes),
    ("pkg:npm/@scope/*", "pkg:npm/%40scope2/pkg@1.0.0", No),
    ("pkg:npm/@scope/*", "pkg:npm/scope/pkg@1.0.0", No),
    (
        "pkg:npm/%40Scope/a*c@>=1",
        "pkg:npm/%40scope/abc@1.0.0",
        Yes,
    ),
    ("pkg:npm/*", "pkg:npm/%40scope/pkg@1.0.0", No),
    ("pkg:npm/*", "pkg:npm/%40scope%2Fpkg@1.0.0", No),
    ("pkg:npm/@scope/pkg", "pkg:npm/%40scope%2Fpkg@1.0.0", Yes),
    ("pkg:npm/**", "pkg:npm/%40scope/pkg@1.0.0", Yes),
    (
        "pkg:golang/github.com/acme/*",
        "pkg:golang/github.com/acme/tool@v1.0.0",
        Yes,
    ),
    (
        "pkg:golang/github.com/acme/*",
        "pkg:golang/github.com/acme/tool/v2@v2.0.0",
        No,
    ),
    (
        "pkg:golang/github.com/acme/**",
        "pkg:golang/github.com/acme/tool/v2@v2.0.0",
        Yes,
    ),
    (
        "pkg:golang/github.com/acme/**",
        "pkg:golang/github.com/acme-evil/tool@v2.0.0",
        No,
    ),
    (
        "pkg:golang/stdlib@<1.22.1",
        "pkg:golang/stdlib@go1.21.8",
        Yes,
    ),
    (
        "pkg:maven/org.apache.logging.log4j/log4j-core@>=2.0,<2.17.1",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        Yes,
    ),
    (
        "pkg:maven/org.apache.logging.log4j/log4j-core@>=2.0,<2.17.1",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1",
        No,
    ),
    (
        "pkg:maven/org.apache.logging.log4j/log4j-core@>=2.0,<2.17.1",
        "pkg:maven/org.apache.logging.log4j/log4j-core",
        Undecided,
    ),
    (
        "pkg:maven/org.apache.*/*",
        "pkg:maven/orgXapache.logging/a@1",
        No,
    ),
    (
        "pkg:deb/debian/openssl@vers:deb/<3.0.11",
        "pkg:deb/debian/openssl@3.0.10-1",
        Yes,
    ),
    (
        "pkg:deb/debian/openssl@vers:deb/<3.0.11",
        "pkg:deb/debian/openssl@3.0.11-1",
        No,
    ),
    (
        "pkg:deb/debian/openssl@vers:deb/<3.0.11",
        "pkg:deb/debian/openssl@3.0_10",
        Undecided,
    ),
    (
        "pkg:deb/debian/curl?arch=amd64",
        "pkg:deb/debian/curl@1?arch=amd64&distro=bookworm",
        Yes,
    ),
    (
        "pkg:deb/debian/curl?arch=amd64",
        "pkg:deb/debian/curl@1?arch=arm64",
        No,
    ),
    (
        "pkg:deb/debian/curl?arch=amd64",
        "pkg:deb/debian/curl@1",
        No,
    ),
    (
        "pkg:deb/debian/libstdc++6",
        "pkg:deb/debian/libstdc%2B%2B6@13",
        Yes,
    ),
    (
        "pkg:rpm/fedora/curl@7.50.3-1.fc25",
        "pkg:rpm/fedora/curl@7.50.3-1.fc25?epoch=0",
        Yes,
    ),
    (
        "pkg:rpm/fedora/curl@7.50.3-1.fc25",
        "pkg:rpm/fedora/curl@7.50.3-1.fc25?epoch=1",
        No,
    ),
    (
        "pkg:rpm/fedora/curl@7.50.3-1?epoch=1",
        "pkg:rpm/fedora/curl@7.50.3-1?epoch=1",
        Yes,
    ),
    (
        "pkg:rpm/fedora/curl@<=7.50.3",
        "pkg:rpm/fedora/curl@7.50.3-1.fc25",
        Yes,
    ),
    (
        "pkg:pypi/Zope_Interface@1.0RC1",
        "pkg:pypi/zope.interface@1.0-rc.1",
        Yes,
    ),
    ("pkg:pypi/zope.*", "pkg:pypi/zope.interface@1", Yes),
    (
        "pkg:nuget/newtonsoft.json",
        "pkg:nuget/Newtonsoft.Json@13.0.1",
        Yes,
    ),
    (
        "pkg:nuget/Newtonsoft.*",
        "pkg:nuget/newtonsoft.json@13.0.1",
        Yes,
    ),
    ("pkg:github/acme/tool@v1", "pkg:github/acme/tool@v2", No),
    ("pkg:github/acme/tool@*", "pkg:github/acme/tool", Yes),
    (
        "pkg:git/codeberg.org/acme/*",
        "pkg:git/codeberg.org/acme/tool",
        Yes,
    ),
    ("pkg:generic/a.b", "pkg:generic/aXb", No),
];

#[test]
fn patterns_match_what_they_name_and_nothing_else() {
    for (text, purl, expected) in CASES {
        assert_eq!(matched(text, purl), *expected, "{text} and {purl}");
    }
}

#[test]
fn a_pattern_is_shown_as_written() {
    let text = "pkg:NPM/Event-Stream@>=1.0.0, <2.0.0";
    assert_eq!(pattern(text).as_str(), text);
    assert_eq!(pattern(text).to_string(), text);
}

#[test]
fn what_is_no_pattern_is_refused_with_what_was_expected() {
    let lies = [
        ("event-stream", "begins with `pkg:`"),
        ("pkg:npm", "a type, `/` and a name"),
        ("pkg:*/x", "a type without wildcards"),
        ("pkg:npm/", "segments that are not empty"),
        ("pkg:npm/a//b", "segments that are not empty"),
        ("pkg:npm/../b", "segments that are not empty"),
        ("pkg:npm/[ab]", "`*` and `**` as only wildcards"),
        ("pkg:npm/{a,b}", "`*` and `**` as only wildcards"),
        ("pkg:npm/a|b", "`*` and `**` as only wildcards"),
        ("pkg:npm/a b", "`*` and `**` as only wildcards"),
        ("pkg:npm/a\u{0}b", "`*` and `**` as only wildcards"),
        ("pkg:npm/a%00b", "`*` and `**` as only wildcards"),
        ("pkg:npm/a#b", "`*` and `**` as only wildcards"),
        ("pkg:npm/a***b", "each `*` or `**`"),
        (
            "pkg:npm/a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*r",
            "at most 16 wildcards",
        ),
        ("pkg:npm/a%2Ab", "a name without `%2A`"),
        ("pkg:npm/a%zz", "form of a package URL"),
        ("pkg:npm/a?arch=*", "qualifiers without wildcards"),
        ("pkg:npm/a?arch", "form of a package URL"),
        ("pkg:npm/a@", "one version, or a range"),
        ("pkg:npm/a@1.*", "one version, or a range"),
        ("pkg:npm/a@^1.0.0", "one version, or a range"),
        ("pkg:npm/a@1.0.0 ", "one version, or a range"),
        ("pkg:npm/a@>=latest", "a range as"),
        ("pkg:npm/a@vers:deb/<1", "a range as"),
        ("pkg:maven/log4j-core", "form of a package URL"),
        ("pkg:cargo/a/b", "form of a package URL"),
    ];
    for (text, expected) in lies {
        let found = PackagePattern::parse(text).unwrap_err();
        assert!(found.expected.contains(expected), "{text}: {found}");
        assert!(
            found.message.starts_with("not a package pattern: "),
            "{text}: {found}"
        );
    }
}

#[test]
fn the_longest_pattern_is_taken_and_one_byte_more_is_not() {
    let longest = "a".repeat(MAX_PATTERN_BYTES);
    let purl = format!("pkg:npm/{longest}");
    assert_eq!(matched(&purl, &purl), Match::Yes);
    assert!(PackagePattern::parse(&format!("{purl}a")).is_err());
    let wild = format!(
        "pkg:npm/{}{}",
        "*a".repeat(MAX_WILDCARDS),
        "b".repeat(1_000)
    );
    assert_eq!(matched(&wild, &purl), Match::No);
    for wildcard in ["*a", "**a"] {
        let with = |count: usize| format!("pkg:npm/{}", wildcard.repeat(count));
        assert!(PackagePattern::parse(&with(MAX_WILDCARDS)).is_ok());
        assert!(PackagePattern::parse(&with(MAX_WILDCARDS + 1)).is_err());
    }
    // The worst of what both bounds allow is compiled.
    for wildcard in ["*a", "**a"] {
        let wild = wildcard.repeat(MAX_WILDCARDS);
        let rest = "b".repeat(MAX_PATTERN_BYTES - wild.len());
        let worst = format!("pkg:npm/{wild}{rest}");
        assert_eq!(matched(&worst, &purl), Match::No);
    }
}

#[test]
fn no_text_breaks_the_reader() {
    let pieces = [
        "@",
        "/",
        "*",
        "**",
        "a",
        "1.0",
        ">=",
        "<",
        ",",
        "vers:npm/",
        "?",
        "=",
        "%2A",
        "%",
        "#",
        "&",
    ];
    let mut random = crate::package::version::tests::Random::new(11);
    let purl: PackageUrl = "pkg:npm/%40a/a@1.0.0".parse().unwrap();
    let mut taken = 0;
    for _ in 0..20_000 {
        let length = random.below(8);
        let tail: String = (0..length).map(|_| *random.pick(&pieces)).collect();
        if let Ok(pattern) = PackagePattern::parse(&format!("pkg:npm/{tail}")) {
            taken += 1;
            pattern.matches(&purl);
        }
    }
    assert!(taken > 500, "{taken}");
}
