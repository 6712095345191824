use super::*;

const NOT_AFFECTED: &str = r#""vulnerability":{"name":"CVE-1","aliases":["GHSA-1"]},
    "products":[{"@id":"pkg:oci/app","identifiers":{"cpe23":"cpe:2.3:a:b:c"},"hashes":{"sha-256":"AB"},
        "subcomponents":[{"@id":"pkg:apk/alpine/busybox"}]}],
    "status":"not_affected","justification":"vulnerable_code_not_present","timestamp":"2026-02-01T00:00:00Z""#;

#[test]
fn openvex_is_read_whole() {
    let document = document(&openvex(NOT_AFFECTED));
    assert_eq!(document.format, VexFormat::OpenVex);
    assert_eq!(document.version.as_deref(), Some("1"));
    let [statement] = document.statements.as_slice() else {
        panic!("{document:?}")
    };
    assert_eq!(statement.names().collect::<Vec<_>>(), ["CVE-1", "GHSA-1"]);
    assert_eq!(statement.status, Status::NotAffected);
    assert_eq!(
        statement.justification,
        Some(Justification::VulnerableCodeNotPresent)
    );
    assert_eq!(
        statement.timestamp.unwrap().to_string(),
        "2026-02-01T00:00:00Z"
    );
    let product = &statement.products[0];
    assert_eq!(&*product.identifiers.purls[0], "pkg:oci/app");
    assert_eq!(&*product.identifiers.cpes[0], "cpe:2.3:a:b:c");
    let hash = &product.identifiers.hashes[0];
    assert_eq!((&*hash.algorithm, &*hash.value), ("sha256", "ab"));
    assert_eq!(
        &*product.subcomponents[0].purls[0],
        "pkg:apk/alpine/busybox"
    );
}

#[test]
fn the_forms_before_openvex_0_2_are_read() {
    for context in [
        r#""@context":"https://openvex.dev/ns","#,
        r#""format":"text/vex+json","#,
    ] {
        let old = document(&format!(
            r#"{{{context}"author":"A","version":"3","statements":[{{"vulnerability":"CVE-1",
            "products":["pkg:oci/app"],"subcomponents":["pkg:apk/wolfi/git"],"status":"fixed"}}]}}"#
        ));
        let statement = &old.statements[0];
        assert_eq!(
            (&*statement.vulnerability, statement.status),
            ("CVE-1", Status::Fixed)
        );
        assert_eq!(statement.timestamp, None);
        assert_eq!(
            &*statement.products[0].subcomponents[0].purls[0],
            "pkg:apk/wolfi/git"
        );
        assert_eq!(old.version.as_deref(), Some("3"));
    }
}

#[test]
fn not_affected_needs_a_reason_in_openvex() {
    let place = malformed(&openvex(
        &NOT_AFFECTED.replace(r#""justification":"vulnerable_code_not_present","#, ""),
    ))
    .place;
    assert_eq!(place, "/statements/0/justification");
    let impact = NOT_AFFECTED.replace(
        "justification\":\"vulnerable_code_not_present",
        "impact_statement\":\"awk is not used",
    );
    assert_eq!(
        document(&openvex(&impact)).statements[0].impact.as_deref(),
        Some("awk is not used")
    );
    let empty = NOT_AFFECTED.replace(
        "justification\":\"vulnerable_code_not_present",
        "impact_statement\":\" ",
    );
    malformed(&openvex(&empty));
}

#[test]
fn a_statement_of_no_known_shape_is_malformed() {
    for (from, to) in [
        ("\"not_affected\"", "\"harmless\""),
        ("vulnerable_code_not_present", "because"),
        ("vulnerable_code_not_present", "protected_at_perimeter"),
        ("2026-02-01T00:00:00Z", "today"),
        ("\"name\":\"CVE-1\"", "\"name\":\"\""),
        ("\"products\"", "\"goods\""),
        (
            "\"@id\":\"pkg:oci/app\",\"identifiers\":{\"cpe23\":\"cpe:2.3:a:b:c\"},\"hashes\":{\"sha-256\":\"AB\"}",
            "\"name\":\"x\"",
        ),
        ("\"status\"", "\"status\":\"fixed\",\"status\""),
        ("\"vulnerability\"", "\"weakness\""),
    ] {
        let lie = NOT_AFFECTED.replace(from, to);
        assert_ne!(lie, NOT_AFFECTED, "{from}");
        malformed(&openvex(&lie));
    }
    for lie in [
        "",
        "{}",
        "[]",
        "null",
        "<bom/>",
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}"#,
        r#"{"@context":"https://openvex.dev/nsx","statements":[]}"#,
        r#"{"@context":["https://openvex.dev/ns"],"statements":[]}"#,
        r#"{"updated_at":"2024-07-01T00:00:00Z","packages":[]}"#,
        r#"{"bomFormat":"CycloneDX","document":{}}"#,
    ] {
        malformed(lie);
    }
}

/// A CycloneDX document with these vulnerabilities.
fn cyclonedx(vulnerabilities: &str) -> String {
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version":2,"metadata":{{"timestamp":"2026-01-01T00:00:00Z","authors":[{{"name":"A"}}],
        "component":{{"bom-ref":"main","name":"app","version":"1","type":"container","purl":"pkg:oci/app@sha256:00"}}}},
        "components":[{{"bom-ref":"a","name":"a","version":"1","purl":"pkg:npm/a@1","hashes":[{{"alg":"SHA-256","content":"AB"}}]}}],
        "vulnerabilities":{vulnerabilities}}}"#
    )
}

#[test]
fn cyclonedx_is_read_by_its_analyses() {
    let document = document(&cyclonedx(
        r#"[{"id":"CVE-1","references":[{"id":"GHSA-1"}],"analysis":{"state":"not_affected",
            "justification":"code_not_reachable","detail":"no","lastUpdated":"2026-03-01T00:00:00Z"},
            "affects":[{"ref":"a"},{"ref":"urn:cdx:00000000-395b-41f5-a30f-a58921a69b79/1#pkg:npm/b@2"}]},
          {"id":"CVE-2","analysis":{"state":"exploitable","response":["update"]}},
          {"id":"CVE-3"},
          {"id":"CVE-4","analysis":{"state":"false_positive"},"affects":[{"ref":"x"}]}]"#,
    ));
    assert_eq!(document.format, VexFormat::CycloneDx);
    assert_eq!(
        (document.unstated, document.version.as_deref()),
        (1, Some("2"))
    );
    assert_eq!(document.author.as_deref(), Some("A"));
    let [first, second, third] = document.statements.as_slice() else {
        panic!("{document:?}")
    };
    assert_eq!(
        first.justification,
        Some(Justification::VulnerableCodeNotInExecutePath)
    );
    assert_eq!(first.timestamp.unwrap().to_string(), "2026-03-01T00:00:00Z");
    assert_eq!(&*first.products[0].identifiers.purls[0], "pkg:npm/a@1");
    assert_eq!(first.products[0].identifiers.hashes.len(), 1);
    assert_eq!(&*first.products[1].identifiers.purls[0], "pkg:npm/b@2");
    assert_eq!(
        (second.status, second.action.as_deref()),
        (Status::Affected, Some("update"))
    );
    assert_eq!(
        &*second.products[0].identifiers.purls[0],
        "pkg:oci/app@sha256:00"
    );
    assert_eq!(
        (third.status, third.justification),
        (Status::NotAffected, None)
    );
}

#[test]
fn versions_in_cyclonedx_narrow_a_statement() {
    let versions = r#"[{"id":"CVE-1","analysis":{"state":"STATE"},"affects":[{"ref":"pkg:npm/b","versions":[
        {"version":"1"},{"version":"2","status":"unaffected"},{"version":"3","status":"unknown"},
        {"range":"vers:npm/>=4"}]}]}]"#;
    let listed = |state: &str| {
        let document = document(&cyclonedx(&versions.replace("STATE", state)));
        let named = &document.statements[0].products[0].identifiers;
        (named.versions.join(" "), named.ranges.join(" "))
    };
    assert_eq!(
        listed("not_affected"),
        ("1 2".to_owned(), "vers:npm/>=4".to_owned())
    );
    assert_eq!(
        listed("exploitable"),
        ("1 3".to_owned(), "vers:npm/>=4".to_owned())
    );
}

#[test]
fn a_bom_that_says_nothing_about_vulnerabilities_is_no_vex() {
    assert_eq!(document(&cyclonedx("[]")).statements, []);
    let silent = cyclonedx("[]").replace(r#""vulnerabilities":[]"#, r#""dependencies":[]"#);
    assert_eq!(malformed(&silent).place, "/vulnerabilities");
    for lie in [
        r#"[{"id":"CVE-1","analysis":{"state":"fine"}}]"#,
        r#"[{"id":"CVE-1","analysis":{"state":"not_affected","justification":"because"}}]"#,
        r#"[{"analysis":{"state":"not_affected"}}]"#,
        r#"[{"id":"CVE-1","analysis":{"state":"resolved","lastUpdated":"now"}}]"#,
        r#"[{"id":"CVE-1","analysis":{"state":"resolved"},"affects":{"ref":"a"}}]"#,
        "{}",
    ] {
        malformed(&cyclonedx(lie));
    }
}

const CSAF: &str = r#"{"document":{"category":"csaf_vex","csaf_version":"2.0","publisher":{"name":"P"},
    "tracking":{"id":"ID-1","version":"2","current_release_date":"2026-01-01T00:00:00Z"}},
    "product_tree":{"branches":[{"category":"vendor","name":"v","branches":[
        {"category":"product_name","name":"os","product":{"product_id":"OS","name":"os",
            "product_identification_helper":{"cpe":"cpe:/o:v:os:9"}}},
        {"category":"product_version","name":"1.0","product":{"product_id":"LIB","name":"lib",
            "product_identification_helper":{"purl":"pkg:rpm/v/lib","hashes":[{"filename":"f","file_hashes":[
                {"algorithm":"sha256","value":"AB"}]}]}}},
        {"category":"product_version_range","name":"vers:rpm/<2","product":{"product_id":"RANGE","name":"r",
            "product_identification_helper":{"purl":"pkg:rpm/v/lib"}}}]}],
      "full_product_names":[{"product_id":"IMAGE","name":"i","product_identification_helper":{"purl":"pkg:oci/app@sha256:00"}}],
      "relationships":[{"category":"default_component_of","product_reference":"LIB",
        "relates_to_product_reference":"OS","full_product_name":{"product_id":"OS:LIB","name":"lib in os"}}],
      "product_groups":[{"group_id":"G","product_ids":["IMAGE","OS:LIB"]}]},
    "vulnerabilities":[{"cve":"CVE-1","ids":[{"system_name":"x","text":"GHSA-1"}],
      "product_status":{"known_not_affected":["OS:LIB"],"fixed":["IMAGE"],"known_affected":["RANGE"],"recommended":["LIB"]},
      "flags":[{"label":"component_not_present","product_ids":["OS:LIB"]}],
      "remediations":[{"category":"vendor_fix","details":"update","product_ids":["RANGE"]}]}]}"#;

#[test]
fn csaf_is_read_through_its_product_tree() {
    let document = document(CSAF);
    assert_eq!(
        (document.format, document.author.as_deref()),
        (VexFormat::Csaf, Some("P"))
    );
    let [not_affected, fixed, affected] = document.statements.as_slice() else {
        panic!("{document:?}")
    };
    assert_eq!(
        not_affected.names().collect::<Vec<_>>(),
        ["CVE-1", "GHSA-1"]
    );
    assert_eq!(
        not_affected.justification,
        Some(Justification::ComponentNotPresent)
    );
    let product = &not_affected.products[0];
    assert_eq!(&*product.identifiers.cpes[0], "cpe:/o:v:os:9");
    let part = &product.subcomponents[0];
    assert_eq!(
        (&*part.purls[0], &*part.versions[0]),
        ("pkg:rpm/v/lib", "1.0")
    );
    assert_eq!(&*part.hashes[0].value, "ab");
    assert_eq!(fixed.status, Status::Fixed);
    assert_eq!(
        &*fixed.products[0].identifiers.purls[0],
        "pkg:oci/app@sha256:00"
    );
    assert_eq!(
        (affected.status, affected.action.as_deref()),
        (Status::Affected, Some("update"))
    );
    assert_eq!(&*affected.products[0].identifiers.ranges[0], "vers:rpm/<2");
}

#[test]
fn not_affected_needs_a_flag_or_an_impact_in_csaf() {
    let flag = r#""flags":[{"label":"component_not_present","product_ids":["OS:LIB"]}],"#;
    assert!(CSAF.contains(flag));
    malformed(&CSAF.replace(flag, ""));
    malformed(&CSAF.replace(flag, &flag.replace("OS:LIB", "LIB")));
    let group = flag.replace(r#""product_ids":["OS:LIB"]"#, r#""group_ids":["G"]"#);
    assert_eq!(document(&CSAF.replace(flag, &group)).statements.len(), 3);
    for (threat, honest) in [
        (
            r#""threats":[{"category":"impact","details":"never runs"}],"#,
            true,
        ),
        (
            r#""threats":[{"category":"impact","details":"never runs","group_ids":["G"]}],"#,
            true,
        ),
        (
            r#""threats":[{"category":"impact","details":"never runs","product_ids":["IMAGE"]}],"#,
            false,
        ),
        (r#""threats":[{"category":"impact","details":" "}],"#, false),
        (
            r#""threats":[{"category":"exploit_status","details":"never seen"}],"#,
            false,
        ),
    ] {
        assert_eq!(
            read(CSAF.replace(flag, threat).as_bytes()).is_ok(),
            honest,
            "{threat}"
        );
    }
}

#[test]
fn a_csaf_document_that_breaks_its_profile_is_malformed() {
    for (from, to) in [
        ("\"2.0\"", "\"1.2\""),
        ("csaf_vex", "csaf_security_advisory"),
        ("\"product_tree\"", "\"trees\""),
        ("component_not_present", "because"),
        ("\"fixed\":[\"IMAGE\"]", "\"fixed\":[\"OS:LIB\"]"),
        ("\"known_affected\"", "\"perhaps\""),
        ("\"product_id\":\"RANGE\"", "\"product_id\":\"LIB\""),
        ("2026-01-01T00:00:00Z", "soon"),
        (
            "\"cve\":\"CVE-1\",\"ids\":[{\"system_name\":\"x\",\"text\":\"GHSA-1\"}],",
            "",
        ),
    ] {
        let lie = CSAF.replace(from, to);
        assert_ne!(lie, CSAF, "{from}");
        malformed(&lie);
    }
    assert!(read(CSAF.replace("\"2.0\"", "\"2.1\"").as_bytes()).is_ok());
}

#[test]
fn relationships_that_go_in_circles_end() {
    let circle = CSAF.replace(
        "\"relates_to_product_reference\":\"OS\"",
        "\"relates_to_product_reference\":\"OS:LIB\"",
    );
    let document = document(&circle);
    assert!(
        document.statements[0].products[0]
            .identifiers
            .purls
            .is_empty()
    );
}

#[test]
fn long_groups_that_are_named_again_and_again_are_bounded() {
    let ids: Vec<String> = (0..5000).map(|n| format!("\"P{n}\"")).collect();
    let long = CSAF.replace(r#"["IMAGE","OS:LIB"]"#, &format!("[{}]", ids.join(",")));
    let groups = "\"G\",".repeat(1000);
    let flag = format!(r#"{{"label":"component_not_present","group_ids":[{groups}"G"]}},"#);
    let lie = long.replace(r#""flags":["#, &format!(r#""flags":[{flag}"#));
    assert_eq!(read(long.as_bytes()).unwrap().statements.len(), 3);
    assert_eq!(read(lie.as_bytes()).unwrap_err().code, Code::LimitExceeded);
}

#[test]
fn parts_that_every_product_shares_are_bounded_before_they_are_multiplied() {
    let list = |count: usize| vec![r#""pkg:oci/a""#; count].join(",");
    let statement = |products: usize, parts: usize| {
        format!(
            r#""vulnerability":"CVE-1","status":"fixed","products":[{}],"subcomponents":[{}]"#,
            list(products),
            list(parts)
        )
    };
    assert!(read(openvex(&statement(2, 3)).as_bytes()).is_ok());
    let error = read(openvex(&statement(3, 2_000_000)).as_bytes()).unwrap_err();
    assert_eq!(error.code, Code::LimitExceeded);
}
