//! Random versions: every scheme is an order, and where one is none, it is known.

use super::*;

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
