use super::*;

const HEX: &str = "23a264e6e429852221a963e9f17338ba3f5796dc7086e46439a6f4482cf6e0cb";

fn image() -> ImageProduct {
    let digest: Digest = format!("sha256:{HEX}").parse().unwrap();
    let purl = "pkg:oci/app?repository_url=registry.example/team/app&arch=amd64";
    ImageProduct {
        digests: vec![digest],
        purls: vec![purl.parse().unwrap()],
    }
}

fn finding() -> Finding {
    Finding {
        id: "CVE-1".into(),
        aliases: vec!["GHSA-1".into()],
        ..Finding::default()
    }
}

const COMPONENT: &str = "pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64";

/// Decides with statements of these members, each in a document of its own.
fn outcome_with(
    statements: &[&str],
    component: Option<&str>,
    allowed: &Suppressible,
) -> &'static str {
    let documents: Vec<VexDocument> = statements
        .iter()
        .map(|statement| document(&openvex(statement)))
        .collect();
    let component: Option<PackageUrl> = component.map(|purl| purl.parse().unwrap());
    let forward = Statements::new(&documents);
    let decision = forward.decide(&finding(), &image(), component.as_ref(), allowed);
    let backward = Statements::new(documents.iter().rev());
    let again = backward.decide(&finding(), &image(), component.as_ref(), allowed);
    assert_eq!(decision, again, "order of documents");
    match decision {
        Decision::Open => "open",
        Decision::Suppressed { .. } => "suppressed",
        Decision::Conflict { .. } => "conflict",
    }
}

fn outcome(statements: &[&str]) -> &'static str {
    outcome_with(statements, Some(COMPONENT), &Suppressible::default())
}

/// A statement with this status about these products.
fn about(status: &str, products: &str) -> String {
    let reason = if status == "not_affected" {
        r#","justification":"vulnerable_code_not_present""#
    } else {
        ""
    };
    format!(
        r#""vulnerability":{{"name":"CVE-1"}},"status":"{status}","products":[{products}]{reason}"#
    )
}

fn product(id: &str) -> String {
    format!(r#"{{"@id":"{id}"}}"#)
}

fn inside(id: &str, part: &str) -> String {
    format!(r#"{{"@id":"{id}","subcomponents":[{{"@id":"{part}"}}]}}"#)
}

#[test]
fn a_statement_about_this_image_suppresses_and_one_about_another_does_not() {
    let own = [
        product(&format!("pkg:oci/app@sha256:{HEX}")),
        product(&format!(
            "pkg:oci/app@sha256%3A{HEX}?repository_url=elsewhere.example"
        )),
        product("pkg:oci/app?repository_url=registry.example%2Fteam%2Fapp"),
        product("pkg:oci/app"),
        format!(r#"{{"@id":"https://example.com/app","hashes":{{"sha-256":"{HEX}"}}}}"#),
    ];
    for product in own {
        assert_eq!(
            outcome(&[&about("not_affected", &product)]),
            "suppressed",
            "{product}"
        );
        assert_eq!(
            outcome(&[&about("fixed", &product)]),
            "suppressed",
            "{product}"
        );
    }
    let others = [
        product(&format!("pkg:oci/app@sha256:{}", HEX.replace('2', "3"))),
        product("pkg:oci/app?repository_url=registry.example/other/app"),
        product("pkg:oci/app?tag=1"),
        product("pkg:oci/other"),
        product("https://example.com/app"),
        format!(
            r#"{{"@id":"app","hashes":{{"sha-256":"{}"}}}}"#,
            HEX.replace('2', "3")
        ),
        format!(r#"{{"@id":"app","hashes":{{"sha-512":"{HEX}"}}}}"#),
    ];
    for product in others {
        assert_eq!(
            outcome(&[&about("not_affected", &product)]),
            "open",
            "{product}"
        );
    }
}

#[test]
fn a_statement_about_the_component_needs_the_same_component() {
    for (part, expected) in [
        ("pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64", "suppressed"),
        ("pkg:apk/wolfi/git@2.39.0-r1", "suppressed"),
        ("pkg:apk/wolfi/git", "suppressed"),
        ("pkg:apk/wolfi/git@2.38.1-r0", "open"),
        ("pkg:apk/wolfi/git@2.39.0-r1?arch=armv7", "open"),
        ("pkg:apk/wolfi/git@2.39.0-r1?distro=wolfi", "open"),
        ("pkg:apk/alpine/git", "open"),
        ("pkg:apk/wolfi/git-daemon", "open"),
    ] {
        assert_eq!(
            outcome(&[&about("not_affected", &product(part))]),
            expected,
            "{part}"
        );
        let in_image = inside("pkg:oci/app", part);
        assert_eq!(
            outcome(&[&about("not_affected", &in_image)]),
            expected,
            "{part}"
        );
        let in_other = inside("pkg:oci/other", part);
        assert_eq!(
            outcome(&[&about("not_affected", &in_other)]),
            "open",
            "{part}"
        );
        let in_library = inside("pkg:golang/example.com/direct@v1.0.0", part);
        assert_eq!(
            outcome(&[&about("not_affected", &in_library)]),
            "open",
            "{part}"
        );
        let on_platform = inside("cpe:/o:wolfi:wolfi", part);
        assert_eq!(
            outcome(&[&about("not_affected", &on_platform)]),
            expected,
            "{part}"
        );
    }
}

#[test]
fn a_finding_without_a_package_url_is_only_suppressed_for_the_whole_image() {
    let decide = |products: &str| {
        outcome_with(
            &[&about("not_affected", products)],
            None,
            &Suppressible::default(),
        )
    };
    assert_eq!(decide(&product("pkg:oci/app")), "suppressed");
    assert_eq!(decide(&inside("pkg:oci/app", "pkg:apk/wolfi/git")), "open");
    assert_eq!(decide(&product("pkg:apk/wolfi/git")), "open");
}

#[test]
fn other_vulnerabilities_are_not_suppressed_and_aliases_are() {
    let honest = about("not_affected", &product("pkg:oci/app"));
    assert_eq!(outcome(&[&honest.replace("CVE-1", "ghsa-1")]), "suppressed");
    assert_eq!(
        outcome(&[&honest.replace(r#""name":"CVE-1""#, r#""name":"X","aliases":["CVE-1"]"#)]),
        "suppressed"
    );
    assert_eq!(outcome(&[&honest.replace("CVE-1", "CVE-11")]), "open");
    assert_eq!(outcome(&[]), "open");
}

#[test]
fn contradicting_documents_leave_the_finding_open() {
    let image = product("pkg:oci/app");
    let suppressing = about("not_affected", &image);
    for status in ["affected", "under_investigation"] {
        // However it was written, and however old it is.
        for products in [
            image.clone(),
            product("pkg:apk/wolfi/git@2.39.0-r1?distro=wolfi"),
            inside("pkg:golang/example.com/direct", "pkg:apk/wolfi/git"),
            product("an internal name"),
        ] {
            let strict = about(status, &products) + r#","timestamp":"2020-01-01T00:00:00Z""#;
            assert_eq!(outcome(&[&suppressing, &strict]), "conflict", "{strict}");
            assert_eq!(outcome(&[&strict]), "open");
        }
        let elsewhere = about(status, &product("pkg:oci/other"));
        assert_eq!(outcome(&[&suppressing, &elsewhere]), "suppressed");
    }
    assert_eq!(
        outcome(&[&suppressing, &about("fixed", &image)]),
        "suppressed"
    );
}

#[test]
fn the_newest_statement_of_one_document_counts() {
    let at = |status: &str, time: &str| {
        let statement = about(status, &product("pkg:oci/app"));
        format!(r#"{{{statement},"timestamp":"{time}"}}"#)
    };
    let decide = |statements: &[String]| {
        let document = document(&format!(
            r#"{{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{}]}}"#,
            statements.join(",")
        ));
        let statements = Statements::new([&document]);
        match statements.decide(&finding(), &image(), None, &Suppressible::default()) {
            Decision::Open => "open",
            Decision::Suppressed { .. } => "suppressed",
            Decision::Conflict { .. } => "conflict",
        }
    };
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00+01:00");
    let (open, closed) = (at("under_investigation", old), at("not_affected", new));
    assert_eq!(decide(&[open.clone(), closed.clone()]), "suppressed");
    assert_eq!(decide(&[closed, open]), "suppressed");
    assert_eq!(
        decide(&[at("under_investigation", new), at("not_affected", old)]),
        "open"
    );
    assert_eq!(
        decide(&[at("affected", old), at("not_affected", old)]),
        "conflict"
    );
}

#[test]
fn only_what_the_rule_lists_suppresses() {
    let statement = about("not_affected", &product("pkg:oci/app"));
    let decide = |allowed: &Suppressible, statement: &str| {
        outcome_with(&[statement], Some(COMPONENT), allowed)
    };
    let listed = |justification| Suppressible {
        justifications: Some([justification].into()),
        ..Suppressible::default()
    };
    let present = listed(Justification::VulnerableCodeNotPresent);
    let path = listed(Justification::VulnerableCodeNotInExecutePath);
    assert_eq!(decide(&present, &statement), "suppressed");
    assert_eq!(decide(&path, &statement), "open");
    let impact = statement.replace(
        "justification\":\"vulnerable_code_not_present",
        "impact_statement\":\"fine",
    );
    assert_eq!(decide(&present, &impact), "open");
    assert_eq!(decide(&Suppressible::default(), &impact), "suppressed");
    let fixed = about("fixed", &product("pkg:oci/app"));
    let only_not_affected = Suppressible {
        statuses: [Status::NotAffected, Status::Affected].into(),
        ..Suppressible::default()
    };
    assert_eq!(decide(&only_not_affected, &fixed), "open");
    assert_eq!(
        decide(&path, &fixed),
        "suppressed",
        "a fix needs no justification"
    );
    let affected = about("affected", &product("pkg:oci/app"));
    assert_eq!(
        decide(&only_not_affected, &affected),
        "open",
        "no rule can list it"
    );
}

#[test]
fn ranges_and_listed_versions_never_suppress_another_version() {
    let cyclonedx = |versions: &str| {
        document(&format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":[{{"id":"CVE-1",
            "analysis":{{"state":"not_affected","justification":"code_not_present"}},
            "affects":[{{"ref":"pkg:apk/wolfi/git"{versions}}}]}}]}}"#
        ))
    };
    let component: PackageUrl = COMPONENT.parse().unwrap();
    for (versions, suppressed) in [
        ("", true),
        (
            r#","versions":[{"version":"2.39.0-r1","status":"unaffected"}]"#,
            true,
        ),
        (r#","versions":[{"version":"2.38"}]"#, false),
        (r#","versions":[{"range":"vers:apk/>=1"}]"#, false),
        (
            r#","versions":[{"version":"2.39.0-r1","status":"unknown"}]"#,
            false,
        ),
    ] {
        let document = cyclonedx(versions);
        let statements = Statements::new([&document]);
        let decision = statements.decide(
            &finding(),
            &image(),
            Some(&component),
            &Suppressible::default(),
        );
        let by = matches!(decision, Decision::Suppressed { .. });
        assert_eq!(by, suppressed, "{versions}");
    }
}
