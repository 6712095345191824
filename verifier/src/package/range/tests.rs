use super::*;

fn vers(text: &str) -> VersionRange {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn short(text: &str, scheme: Scheme) -> VersionRange {
    VersionRange::parse(text, scheme).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn versions_lie_inside_or_outside() {
    let cases: [(&str, &[&str], &[&str]); 9] = [
        (
            "vers:deb/>=1.0|<2.0",
            &["1.0", "1.0-1", "1.9"],
            &["0.9", "2.0", "2.0-1", "1:1.5"],
        ),
        (
            "vers:npm/1.2.3|>=2.0.0|<5.0.0",
            &["1.2.3", "2.0.0", "4.9.9"],
            &["1.2.4", "5.0.0"],
        ),
        (
            "vers:gem/>=2.2.0|!=2.2.1|<2.3.0",
            &["2.2.0", "2.2.2"],
            &["2.2.1", "2.3.0", "2.1"],
        ),
        (
            "vers:pypi/<1.0|>=2.0|<3.0|>4.0",
            &["0.9", "2.0", "2.5", "4.0.1"],
            &["1.0", "3.0", "4.0"],
        ),
        ("vers:pypi/<=1.0|>=2.0", &["1.0.0", "2.0"], &["1.5"]),
        ("vers:maven/!=1.0", &["0.9", "1.1"], &["1.0.0"]),
        ("vers:semver/>1.0.0", &["1.0.1"], &["1.0.0", "1.0.0-rc.1"]),
        (
            "vers:apk/<3.19.0-r1",
            &["3.19.0", "3.19.0_rc1"],
            &["3.19.0-r1"],
        ),
        ("vers:npm/<5|>=2", &["2.0.0", "4.0.0"], &["1.0.0", "5.0.0"]),
    ];
    for (range, inside, outside) in cases {
        for version in inside {
            assert_eq!(
                vers(range).contains(version),
                Some(true),
                "{range}: {version}"
            );
        }
        for version in outside {
            assert_eq!(
                vers(range).contains(version),
                Some(false),
                "{range}: {version}"
            );
        }
    }
}

#[test]
fn a_version_without_order_is_unknown_and_not_outside() {
    assert_eq!(vers("vers:npm/<2.0.0").contains("latest"), None);
    assert_eq!(short(">=1.0,<2.0", Scheme::Deb).contains("1_0"), None);
    assert_eq!(vers("vers:npm/*").contains("latest"), Some(true));
    assert_eq!(short("*", Scheme::Npm).contains("latest"), Some(true));
    assert_eq!(vers("vers:nobody/>=1.0").contains("1.0a"), None);
    assert_eq!(vers("vers:nobody/>=1.0").contains("1.1"), Some(true));
}

#[test]
fn the_short_form_needs_every_constraint() {
    let range = short(">=2.0, <2.17.1 ,!=2.12.2", Scheme::Maven);
    assert_eq!(range.contains("2.14.1"), Some(true));
    assert_eq!(range.contains("2.0-beta9"), Some(false));
    assert_eq!(range.contains("2.12.2"), Some(false));
    assert_eq!(range.contains("2.17.1"), Some(false));
    let range = short(">=2,<3", Scheme::Npm);
    assert_eq!(range.contains("2.0.0"), Some(true));
    assert_eq!(range.contains("3.0.0"), Some(false));
}

#[test]
fn an_rpm_bound_without_release_speaks_about_every_release() {
    let upto = short("<=7.50.3", Scheme::Rpm);
    assert_eq!(upto.contains("7.50.3-1.fc25"), Some(true));
    assert_eq!(upto.contains("1:7.50.3-1.fc25"), Some(false));
    let below = short("<7.50.3-2", Scheme::Rpm);
    assert_eq!(below.contains("7.50.3-1.fc25"), Some(true));
    assert_eq!(below.contains("7.50.3-2"), Some(false));
}

#[test]
fn what_is_no_vers_is_refused_with_its_reason() {
    let lies = [
        ("", "expected `vers:type/constraints`"),
        ("deb/1.0", "expected `vers:type/constraints`"),
        ("VERS:deb/1.0", "expected `vers:type/constraints`"),
        ("vers:deb", "expected `vers:type/constraints`"),
        ("vers:DEB/1.0", "expected a type of lower-case letters"),
        ("vers:invalid/1.0", "expected a type"),
        ("vers:/1.0", "expected a type"),
        (
            "vers:deb/",
            "expected a comparator and a percent-encoded version",
        ),
        ("vers:deb/|1.0", "expected a comparator"),
        ("vers:deb/1.0|", "expected a comparator"),
        ("vers:deb/1.0||2.0", "expected a comparator"),
        ("vers:deb/=1.0", "expected a version without `=`"),
        ("vers:deb/>= 1.0", "without spaces"),
        ("vers:deb/1.0|*", "expected a comparator"),
        ("vers:deb/>=*", "expected a comparator"),
        ("vers:deb/><1.0", "expected a comparator"),
        ("vers:deb/1.0%2", "percent-encoded"),
        (
            "vers:deb/1.0|>=1.0",
            "expected every version once, found `1.0` again",
        ),
        ("vers:deb/1.0|1.0-0", "expected every version once"),
        (
            "vers:npm/latest",
            "can be ordered under Npm, found `latest`",
        ),
        ("vers:nobody/>=a|<b", "can be ordered under Generic"),
        ("vers:deb/>1.0|>2.0", "found `1.0` before `2.0`"),
        ("vers:deb/<1.0|<2.0", "found `1.0` before `2.0`"),
        ("vers:deb/1.0|<2.0", "found `1.0` before `2.0`"),
    ];
    for (text, reason) in lies {
        let found = text.parse::<VersionRange>().unwrap_err().to_string();
        assert!(found.contains(reason), "{text}: {found}");
    }
    assert_eq!(vers("vers:deb/1.0%2B1").contains("1.0+1"), Some(true));
}

#[test]
fn what_is_no_short_form_is_refused_with_its_reason() {
    for text in [
        "",
        "1.0",
        ">=",
        ">=1.0,",
        ">=1.0<2.0",
        ">=1.0 <2.0",
        "~1.0",
        "^1.0",
        ">=1.0|<2.0",
    ] {
        let found = VersionRange::parse(text, Scheme::Deb).unwrap_err();
        assert!(matches!(found, RangeError::Form { .. }), "{text}: {found}");
    }
    let found = VersionRange::parse(">=latest", Scheme::Npm).unwrap_err();
    assert!(matches!(found, RangeError::Version { .. }), "{found}");
    let found = VersionRange::parse("vers:deb/<2.0", Scheme::Npm).unwrap_err();
    assert!(matches!(found, RangeError::Scheme { .. }), "{found}");
    assert!(VersionRange::parse("vers:deb/<2.0", Scheme::Deb).is_ok());
}

#[test]
fn the_most_constraints_are_taken_and_one_more_is_not() {
    let many = |count: usize| {
        let versions: Vec<String> = (0..count).map(|at| at.to_string()).collect();
        format!("vers:deb/{}", versions.join("|"))
    };
    assert_eq!(vers(&many(MAX_CONSTRAINTS)).contains("1000"), Some(true));
    let found = MAX_CONSTRAINTS + 1;
    let refused = many(found).parse::<VersionRange>().unwrap_err();
    assert_eq!(refused, RangeError::TooMany { found });
    let long = |bytes: usize| {
        // Some versions as long as they may be, and one that takes what is left.
        let versions: Vec<String> = (10..25)
            .map(|n| format!("{n}{}", "1".repeat(1_022)))
            .collect();
        let text = format!("vers:deb/{}|3", versions.join("|"));
        format!("{text}{}", "1".repeat(bytes - text.len()))
    };
    assert!(long(MAX_RANGE_BYTES).parse::<VersionRange>().is_ok());
    let found = MAX_RANGE_BYTES + 1;
    let refused = long(found).parse::<VersionRange>().unwrap_err();
    assert_eq!(refused, RangeError::TooLong { found });
    let too_long = format!("vers:deb/{}", "1".repeat(MAX_RANGE_BYTES));
    let refused = too_long.parse::<VersionRange>().unwrap_err();
    assert!(matches!(refused, RangeError::TooLong { .. }), "{refused}");
}

#[test]
fn no_text_breaks_the_reader() {
    let pieces = [
        "vers:", "deb", "npm", "/", "|", ">=", "<", "!=", "*", "1.0", "2", "~", "%41", "%", ",",
    ];
    let mut random = crate::package::version::tests::Random::new(7);
    let mut taken = 0;
    for _ in 0..20_000 {
        let length = random.below(8);
        let tail: String = (0..length).map(|_| *random.pick(&pieces)).collect();
        if let Ok(range) = format!("vers:deb/{tail}").parse::<VersionRange>() {
            taken += 1;
            range.contains("1.0");
        }
        let _refused_or_not = VersionRange::parse(&tail, Scheme::Npm).map(|r| r.contains("1.0.0"));
    }
    assert!(taken > 100, "{taken}");
}
