use super::*;
use crate::claim::{AlgorithmsUsed, Content, KeyIdentity, Signer, TimeSource, VerifiedTime};
use crate::digest::Digest;
use crate::evidence::{Origin, OriginKind};
use crate::trust::{AlgorithmUse, Anchor, AnchorId, PublicKey, TrustStore};
use name::Family;
use profile::Profile::{BsiTr02102_1_2026_01, Default as Everything, Fips140_3};

const ROLES: [Role; 4] = [
    Role::Signature,
    Role::Certificate,
    Role::Log,
    Role::Timestamp,
];

fn at(text: &str) -> VerificationTime {
    text.parse().unwrap()
}

fn profile(profile: Profile) -> Algorithms {
    Algorithms::everywhere(Rule::Profile(profile))
}

fn list(names: &[&str]) -> Rule {
    let names = names.iter().map(|name| Listable::parse(name).unwrap());
    Rule::Listed(names.collect())
}

fn anchor() -> AnchorId {
    const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----";
    let key = PublicKey::from_pem(KEY, None).unwrap().into();
    TrustStore::default().add(Anchor::Key { key, root: None })
}

/// A claim that rests on `algorithm` in `role`, on allowed ones elsewhere, and on these times.
fn claim(role: Role, algorithm: &str, times: &[&str]) -> Claim {
    let mut algorithms = AlgorithmsUsed {
        signature: "ml-dsa-65".to_owned(),
        ..AlgorithmsUsed::default()
    };
    let used = AlgorithmUse {
        algorithm: algorithm.to_owned(),
        place: "key of certificate `CN=x`".to_owned(),
    };
    match role {
        Role::Signature => algorithm.clone_into(&mut algorithms.signature),
        Role::Certificate => drop(algorithms.certificates.insert(used)),
        Role::Log => drop(algorithms.logs.insert(used)),
        Role::Timestamp => drop(algorithms.timestamps.insert(used)),
    }
    let time = |text: &&str| VerifiedTime {
        time: text.parse().unwrap(),
        source: TimeSource::Log { log: "log".into() },
    };
    Claim {
        subject: Digest::sha256(b"x"),
        origin: Origin {
            kind: OriginKind::File,
            place: "x".into(),
            manifest: None,
            blob: Digest::sha256(b"x"),
        },
        anchor: anchor(),
        signer: Signer::Key(KeyIdentity {
            fingerprint: Digest::sha256(b"x"),
            algorithm: "x".into(),
        }),
        content: Content::Artifact,
        times: times.iter().map(time).collect(),
        logs: Vec::new(),
        algorithms,
        dangers: Vec::new(),
    }
}

fn allows(rules: &Algorithms, role: Role, algorithm: &str, when: &str) -> bool {
    let claim = claim(role, algorithm, &[when]);
    rules.forbidden(&claim, at(when)).is_none()
}

#[test]
fn each_profile_allows_what_its_standard_does_in_every_role() {
    for (algorithm, fips, bsi) in [
        ("ecdsa-p256-sha256", true, true),
        ("ecdsa-p384-sha256", true, true),
        ("ecdsa-p521-sha512", true, true),
        ("ecdsa-p384", true, true),
        ("rsa-2048-pkcs1-sha256", true, false),
        ("rsa-4096-pkcs1-sha256", true, false),
        ("rsa-2048-pss-sha256", true, false),
        ("rsa-2999-pss-sha256", true, false),
        ("rsa-3000-pss-sha256", true, true),
        ("rsa-3072-pss-sha256", true, true),
        ("rsa-2048", true, false),
        ("rsa-3072", true, true),
        ("ed25519", true, false),
        ("ed25519ph", true, false),
        ("ml-dsa-44", true, false),
        ("ml-dsa-65", true, true),
        ("ml-dsa-87", true, true),
        ("sha256", true, true),
        ("sha512", true, true),
        ("sha1", false, false),
        ("ecdsa-p256-sha1", false, false),
        ("rsa-4096-pss-sha1", false, false),
        ("rsa-1024-pss-sha256", false, false),
        ("oid-1.2.3", false, false),
        ("unknown", false, false),
        ("unknown-sha256", false, false),
        ("", false, false),
        ("rsa-x-pss-sha256", false, false),
        ("rsa-3072-pss", false, false),
        ("rsa-3072-pss-sha256-x", false, false),
        ("rsa--3072", false, false),
        ("ecdsa-p2567", false, false),
        ("ecdsa-p256-sha256-sha256", false, false),
        ("ed25519-sha256", false, false),
    ] {
        for role in ROLES {
            let when = "2026-03-02T00:00:00Z";
            let by = |rules: &Algorithms| allows(rules, role, algorithm, when);
            assert_eq!(by(&profile(Fips140_3)), fips, "{algorithm} {role:?}");
            let found = by(&profile(BsiTr02102_1_2026_01));
            assert_eq!(found, bsi, "{algorithm} {role:?}");
            assert!(by(&profile(Everything)), "{algorithm} {role:?}");
        }
    }
}

#[test]
fn a_list_allows_its_families_the_keys_of_them_and_every_good_hash() {
    let rules = Algorithms::everywhere(list(&["ed25519", "rsa-pss", "ml-dsa-65"]));
    for (algorithm, allowed) in [
        ("ed25519", true),
        ("rsa-2048-pss-sha384", true),
        ("rsa-2048", true),
        ("sha384", true),
        ("ed25519ph", false),
        ("rsa-4096-pkcs1-sha256", false),
        ("ecdsa-p256-sha256", false),
        ("sha1", false),
    ] {
        for role in ROLES {
            let found = allows(&rules, role, algorithm, "2026-03-02T00:00:00Z");
            assert_eq!(found, allowed, "{algorithm} {role:?}");
        }
    }
}

#[test]
fn each_role_has_its_own_code_and_its_own_rule() {
    let strict = profile(BsiTr02102_1_2026_01);
    let codes = [
        Code::KeyAlgorithmForbidden,
        Code::CertificateAlgorithmForbidden,
        Code::TransparencyAlgorithmForbidden,
        Code::TimestampAlgorithmForbidden,
    ];
    let now = "2026-03-02T00:00:00Z";
    for (role, code) in ROLES.into_iter().zip(codes) {
        let claim = claim(role, "ed25519", &[now]);
        assert_eq!(strict.forbidden(&claim, at(now)).unwrap().code, code);
        for lenient in ROLES {
            let mut rules = strict.clone();
            let rule = match lenient {
                Role::Signature => &mut rules.signature,
                Role::Certificate => &mut rules.certificate,
                Role::Log => &mut rules.log,
                Role::Timestamp => &mut rules.timestamp,
            };
            *rule = list(&["ed25519", "ml-dsa-65"]);
            let refused = rules.forbidden(&claim, at(now)).is_some();
            assert_eq!(refused, lenient != role, "{role:?} {lenient:?}");
        }
    }
}

#[test]
fn a_refusal_says_what_was_expected_what_was_found_and_where() {
    let claim = claim(Role::Certificate, "rsa-2048", &[]);
    let no = profile(BsiTr02102_1_2026_01).forbidden(&claim, at("2026-03-02T00:00:00Z"));
    let no = no.unwrap();
    let expected = "an algorithm of `bsi-tr-02102-1-2026-01` in certificates";
    assert_eq!(no.expected, expected);
    assert_eq!(no.found, "rsa-2048 (key of certificate `CN=x`)");
}

#[test]
fn a_signature_that_was_proven_before_the_date_stays_good_and_warns() {
    const SMALL: &str = "rsa-2048-pss-sha256";
    let fips = profile(Fips140_3);
    for role in [Role::Signature, Role::Certificate] {
        let before = claim(role, SMALL, &["2030-12-31T23:59:59Z"]);
        let after = claim(
            role,
            SMALL,
            &["2030-12-31T23:59:59Z", "2031-01-01T00:00:00Z"],
        );
        let untimed = claim(role, SMALL, &[]);
        let then = at("2030-12-31T23:59:59Z");
        let later = at("2032-01-01T00:00:00Z");
        assert_eq!(fips.forbidden(&before, then), None);
        assert_eq!(fips.forbidden(&untimed, then), None);
        assert_eq!(fips.deprecations(&before, then), []);
        assert_eq!(fips.forbidden(&before, later), None);
        assert_eq!(fips.deprecations(&before, later).len(), 1);
        let refused = fips.forbidden(&after, later).unwrap();
        let date = "forbidden from 2031-01-01, used 2031-01-01";
        assert!(refused.found.contains(date), "{refused:?}");
        // Without a proven time it may have been made a minute ago.
        assert!(fips.forbidden(&untimed, later).is_some());
        assert_eq!(fips.deprecations(&untimed, later), [], "forbidden instead");
    }
}

#[test]
fn nothing_vouches_for_the_age_of_a_log_or_a_timestamp() {
    let fips = profile(Fips140_3);
    for role in [Role::Log, Role::Timestamp] {
        let old = claim(role, "rsa-2048-pkcs1-sha256", &["2026-03-02T00:00:00Z"]);
        assert_eq!(fips.forbidden(&old, at("2030-12-31T00:00:00Z")), None);
        assert!(fips.forbidden(&old, at("2031-01-01T00:00:00Z")).is_some());
        let strong = claim(role, "rsa-3072-pkcs1-sha256", &["2026-03-02T00:00:00Z"]);
        assert_eq!(fips.forbidden(&strong, at("2031-01-01T00:00:00Z")), None);
    }
}

#[test]
fn classical_algorithms_are_deprecated_when_the_guideline_ends_recommending_them() {
    let bsi = profile(BsiTr02102_1_2026_01);
    for role in ROLES {
        let classical = claim(role, "ecdsa-p384-sha384", &["2026-03-02T00:00:00Z"]);
        let (last, first) = (at("2035-12-31T23:59:59Z"), at("2036-01-01T00:00:00Z"));
        assert_eq!(bsi.deprecations(&classical, last), []);
        assert_eq!(bsi.forbidden(&classical, first), None);
        let found = bsi.deprecations(&classical, first);
        let [found] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(found.role, role);
        assert_eq!(found.algorithm, "ecdsa-p384-sha384");
        assert_eq!(found.since.to_string(), "2036-01-01");
        assert!(found.alone_only && found.source.contains("TR-02102-1"));
        let safe = claim(role, "ml-dsa-87", &["2036-03-02T00:00:00Z"]);
        assert_eq!(bsi.deprecations(&safe, at("2099-01-01T00:00:00Z")), []);
    }
}

#[test]
fn rules_are_written_as_one_where_they_are_the_same() {
    assert_eq!(Algorithms::default().canonical(), "default");
    let listed = Algorithms::everywhere(list(&["rsa-pss", "ed25519", "rsa-pss"]));
    let names = serde_json::json!(["ed25519", "rsa-pss"]);
    assert_eq!(listed.canonical(), names);
    let mixed = Algorithms {
        log: list(&["ed25519"]),
        ..profile(BsiTr02102_1_2026_01)
    };
    let bsi = "bsi-tr-02102-1-2026-01";
    let all = serde_json::json!({
        "signature": bsi, "certificate": bsi, "log": ["ed25519"], "timestamp": bsi,
    });
    assert_eq!(mixed.canonical(), all);
}

#[test]
fn the_names_of_lists_are_in_order_and_read_back() {
    for name in NAMES {
        assert_eq!(Listable::parse(name).unwrap().name(), name);
    }
    let listed: BTreeSet<_> = NAMES.into_iter().filter_map(Listable::parse).collect();
    let names: Vec<&str> = listed.into_iter().map(Listable::name).collect();
    assert_eq!(names, NAMES);
    assert_eq!(Listable::parse("sha256"), None);
}

#[test]
fn the_documented_tables_have_the_rows_of_the_profiles() {
    let page = include_str!("../../../../docs/policy/algorithms.md");
    let cell = |family: Family| match family {
        Family::RsaKey => "`rsa` key".to_owned(),
        Family::Sha2 => "SHA-256, SHA-384, SHA-512".to_owned(),
        Family::RsaPkcs1 => "`rsa-pkcs1`".to_owned(),
        Family::RsaPss => "`rsa-pss`".to_owned(),
        other => {
            let known = NAMES
                .into_iter()
                .find(|name| Named::parse(name).is_some_and(|named| named.family == other));
            format!("`{}`", known.unwrap())
        }
    };
    for profile in [Fips140_3, BsiTr02102_1_2026_01] {
        let heading = format!("### `{}`", profile.name());
        let section = page.split(&heading).nth(1).unwrap();
        let section = section.split("\n##").next().unwrap();
        for row in profile.rows() {
            let bits = match row.bits {
                0 => "–".to_owned(),
                bits => bits.to_string(),
            };
            let date = |date: Option<Date>| date.map_or("–".to_owned(), |date| date.to_string());
            let line = format!(
                "| {} | {bits} | {} | {} | {} |",
                cell(row.family),
                date(row.deprecated),
                date(row.forbidden),
                row.source
            );
            assert!(section.contains(&line), "expected in {heading}:\n{line}");
            assert_eq!(row.roles, ROLES, "the tables have no column for roles");
        }
        let lines = section.lines().filter(|line| line.starts_with("| "));
        assert_eq!(lines.count(), profile.rows().len() + 2, "{heading}");
    }
}
