//! Scans and VEX: what lists no vulnerability because nobody looked is no scan, and what suppresses
//! is said in full.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::world::*;
use super::*;
use crate::claim::exception::PREDICATE_TYPE as EXCEPTION;
use crate::digest::Digest;
use crate::policy::{Documents, Source};
use crate::report::v1::{ArtifactReport, Subject};
use crate::verify::{ClaimedKind, Rejection};
use crate::vulnerability::osv::DatabaseBuilder;

const BOM: &str = "https://cyclonedx.org/bom";
const SCAN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";
const SCANNED: &str = "    - { name: scanned, vulnerabilities: { by: [release], maxSeverity: medium, vex: { by: [release] } } }";

fn world(set: &PolicySet, subject: &Digest, predicates: &[(&str, &str)]) -> Appraisal {
    let mut world = appraisal(image());
    for (kind, predicate) in predicates {
        let content = stated(kind, subject, predicate);
        world.verified.push(attested(set, subject, content));
    }
    world
}

fn root() -> Digest {
    image().digest().clone()
}

fn bom(vulnerabilities: &str) -> String {
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{{"type":"library","bom-ref":"a","name":"a","version":"1","purl":"pkg:npm/a@1"}}],"vulnerabilities":{vulnerabilities}}}"#
    )
}

fn trivy(ids: &[&str]) -> String {
    let found: Vec<String> = ids
        .iter()
        .map(|id| {
            format!(
                r#"{{"VulnerabilityID":"{id}","PkgName":"a","InstalledVersion":"1","PkgIdentifier":{{"PURL":"pkg:npm/a@1"}},"Severity":"HIGH"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"scanner":{{"uri":"trivy","result":{{"SchemaVersion":2,"Results":[{{"Target":"app","Vulnerabilities":[{}]}}]}}}},"metadata":{{}}}}"#,
        found.join(",")
    )
}

fn openvex(product: &str, ids: &[&str], status: &str) -> String {
    let reason = if status == "not_affected" {
        r#","justification":"component_not_present""#
    } else {
        ""
    };
    let statements: Vec<String> = ids
        .iter()
        .map(|id| {
            format!(
                r#"{{"vulnerability":{{"name":"{id}"}},"products":[{{"@id":"pkg:oci/app@{product}"}}],"status":"{status}"{reason}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"@context":"{OPENVEX}","@id":"x","author":"y","timestamp":"2026-03-01T00:00:00Z","version":1,"statements":[{}]}}"#,
        statements.join(",")
    )
}

fn noted(verdict: &Verdict) -> Vec<(&'static str, String)> {
    verdict.policies[0].requirements[0]
        .notes
        .iter()
        .map(|note| (note.code.name(), note.found.clone()))
        .collect()
}

#[test]
fn a_bom_that_lists_no_vulnerability_is_no_clean_scan() {
    let set = policy("enforce", "", SCANNED);
    let judged = |kind: &str, predicate: &str| {
        let world = world(&set, &root(), &[(kind, predicate)]);
        verdict(&set, &world)
    };
    // Trivy writes this list into every SBOM, whether or not it looked.
    let denied = judged(BOM, &bom("[]"));
    assert_eq!(denied.decision, Decision::Deny);
    assert_eq!(codes(&denied), ["vulnerability/malformed"]);
    let low = bom(r#"[{"id":"CVE-1","ratings":[{"severity":"low"}],"affects":[{"ref":"a"}]}]"#);
    assert_eq!(judged(BOM, &low).decision, Decision::Admit);
    // An envelope that says who scanned may say that nothing was found.
    let scan = format!(r#"{{"scanner":{{"uri":"grype","result":{}}}}}"#, bom("[]"));
    assert_eq!(judged(SCAN, &scan).decision, Decision::Admit);
}

#[test]
fn a_bom_that_only_assesses_is_no_scan() {
    let set = policy("enforce", "", SCANNED);
    let vex = bom(
        r#"[{"id":"CVE-1","ratings":[{"severity":"low"}],"analysis":{"state":"not_affected"},"affects":[{"ref":"a"}]}]"#,
    );
    let dirty = trivy(&["CVE-2"]);
    let denied = verdict(&set, &world(&set, &root(), &[(BOM, &vex), (SCAN, &dirty)]));
    assert_eq!(denied.decision, Decision::Deny);
    let clean = trivy(&[]);
    let admitted = verdict(&set, &world(&set, &root(), &[(BOM, &vex), (SCAN, &clean)]));
    assert_eq!(admitted.decision, Decision::Admit);
}

#[test]
fn what_is_suppressed_is_counted_where_it_is_not_listed() {
    let set = policy("enforce", "", SCANNED);
    let ids: Vec<String> = (0..200).map(|n| format!("CVE-2026-{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let vex = openvex(&root().to_string(), &ids, "not_affected");
    let world = world(&set, &root(), &[(SCAN, &trivy(&ids)), (OPENVEX, &vex)]);
    let verdict = verdict(&set, &world);
    assert_eq!(verdict.decision, Decision::Admit, "{verdict:?}");
    let notes = noted(&verdict);
    let more = notes
        .iter()
        .find(|(_, found)| found.starts_with("180 more"));
    assert!(more.is_some() && notes.len() == 21, "{notes:?}");
    // As many as are listed need no count.
    let ids = &ids[..20];
    let vex = openvex(&root().to_string(), ids, "not_affected");
    let world = self::world(&set, &root(), &[(SCAN, &trivy(ids)), (OPENVEX, &vex)]);
    let notes = noted(&self::verdict(&set, &world));
    assert!(notes.len() == 20 && notes.iter().all(|(_, found)| !found.contains("more")));
}

#[test]
fn contradictions_about_two_vulnerabilities_are_two() {
    let set = policy("enforce", "", SCANNED);
    let ids = ["CVE-1", "CVE-2"];
    let honest = openvex(&root().to_string(), &ids, "not_affected");
    let other = openvex(&root().to_string(), &ids, "affected");
    let predicates = [(SCAN, trivy(&ids)), (OPENVEX, honest), (OPENVEX, other)];
    let predicates: Vec<(&str, &str)> = predicates.iter().map(|(k, p)| (*k, p.as_str())).collect();
    let verdict = verdict(&set, &world(&set, &root(), &predicates));
    assert_eq!(verdict.decision, Decision::Deny);
    let conflicts = noted(&verdict);
    assert_eq!(conflicts.len(), 2, "{conflicts:?}");
}

#[test]
fn what_is_said_about_one_platform_suppresses_nothing_on_another() {
    let line = SCANNED.replace("name: scanned,", "name: scanned, on: platform,");
    let set = policy("enforce", "platforms: [linux/amd64]", &line);
    let (amd, arm) = (Digest::sha256(&[1]), Digest::sha256(&[2]));
    for (product, decision) in [
        (&amd, Decision::Admit),
        (&root(), Decision::Admit),
        (&arm, Decision::Deny),
    ] {
        let vex = openvex(&product.to_string(), &["CVE-1"], "not_affected");
        let predicates = [(SCAN, trivy(&["CVE-1"])), (OPENVEX, vex)];
        let predicates: Vec<(&str, &str)> =
            predicates.iter().map(|(k, p)| (*k, p.as_str())).collect();
        let verdict = verdict(&set, &world(&set, &amd, &predicates));
        assert_eq!(verdict.decision, decision, "{product}");
    }
}

#[test]
fn vex_that_is_not_heard_says_why() {
    let line = SCANNED.replace(
        "vex: { by: [release] }",
        "vex: { by: [release], maxAge: 12h }",
    );
    let set = policy("enforce", "", &line);
    let scan = trivy(&["CVE-1"]);
    let old = openvex(&root().to_string(), &["CVE-1"], "not_affected");
    let denied = verdict(
        &set,
        &world(&set, &root(), &[(SCAN, &scan), (OPENVEX, &old)]),
    );
    assert_eq!(denied.decision, Decision::Deny);
    assert_eq!(noted(&denied)[0].0, "attestation/too-old");
    let set = policy("enforce", "", SCANNED);
    let broken = r#"{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}"#;
    let denied = verdict(
        &set,
        &world(&set, &root(), &[(SCAN, &scan), (OPENVEX, broken)]),
    );
    assert_eq!(denied.decision, Decision::Deny);
    assert_eq!(noted(&denied)[0].0, "vex/malformed");
    let unheard = |vex: &str| {
        let mut world = world(&set, &root(), &[(SCAN, &scan)]);
        let content = stated(OPENVEX, &root(), vex);
        world
            .verified
            .push(attested_by_key(&set, KEY_A, &root(), content));
        noted(&verdict(&set, &world))
    };
    assert_eq!(unheard(&old)[0].0, "vex/untrusted");
    // Strangers do not make work: their long documents are not read for a courtesy.
    let long = old.replacen(
        "\"@id\":\"x\"",
        &format!("\"@id\":\"{}\"", "x".repeat(70_000)),
        1,
    );
    assert_eq!(unheard(&long), []);
}

#[test]
fn strangers_are_heard_out_of_courtesy_and_within_bounds() {
    use crate::policy::eval::vex::{MAX_UNHEARD, MAX_UNHEARD_BYTES};
    let set = policy("enforce", "", SCANNED);
    let ids: Vec<String> = (0..=MAX_UNHEARD).map(|n| format!("CVE-{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let scan = trivy(&ids);
    let heard = |documents: &[String]| {
        let mut world = world(&set, &root(), &[(SCAN, &scan)]);
        for (number, document) in documents.iter().enumerate() {
            let content = stated(OPENVEX, &root(), document);
            let made = attested_by_key(&set, KEY_A, &root(), content);
            let mut made = Claim::clone(&made);
            made.origin = origin(&number.to_string());
            world.verified.push(Verified::for_tests(made));
        }
        noted(&verdict(&set, &world)).len()
    };
    let product = root().to_string();
    let documents: Vec<String> = ids
        .iter()
        .map(|id| openvex(&product, &[id], "not_affected"))
        .collect();
    assert_eq!(heard(&documents[..MAX_UNHEARD]), MAX_UNHEARD);
    assert_eq!(heard(&documents), MAX_UNHEARD);
    let long = |bytes: usize| {
        let room = bytes - documents[0].len();
        let id = format!("\"@id\":\"x{}\"", "x".repeat(room));
        documents[0].replacen("\"@id\":\"x\"", &id, 1)
    };
    assert_eq!(heard(&[long(MAX_UNHEARD_BYTES)]), 1);
    assert_eq!(heard(&[long(MAX_UNHEARD_BYTES + 1)]), 0);
}

/// Evidence of every kind that content is read from, honest and contradicting, by friends and strangers.
fn crowded(set: &PolicySet) -> Appraisal {
    let (root, ids) = (root(), ["CVE-1", "CVE-2", "CVE-3"]);
    let product = root.to_string();
    let [vex, other] = ["not_affected", "affected"].map(|s| openvex(&product, &ids[..2], s));
    let broken = r#"{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}"#;
    let (scan, again) = (trivy(&ids), trivy(&ids[1..]));
    let predicates = [
        (SCAN, &*scan),
        (SCAN, &again),
        (BOM, &bom("[]")),
        (OPENVEX, &vex),
        (OPENVEX, &other),
        (OPENVEX, broken),
    ];
    let mut world = world(set, &root, &predicates);
    let exception = |end: &str| {
        let text = format!(
            r#"{{"apiVersion":"policy.sovverify.dev/v1alpha1","kind":"PolicyException","metadata":{{"name":"x"}},"spec":{{"images":["{root}"],"requirements":["scanned"],"reason":"r","ticket":"t","notAfter":"{end}"}}}}"#
        );
        stated(EXCEPTION, &root, &text)
    };
    for (key, content) in [
        (KEY_A, exception("2026-04-01T00:00:00Z")),
        (KEY_B, exception("2026-04-01T00:00:00Z")),
        (KEY_B, exception("2026-03-01T00:00:00Z")),
        (KEY_A, stated(EXCEPTION, &root, "{}")),
        (
            KEY_A,
            stated(OPENVEX, &root, &openvex(&product, &ids[2..], "fixed")),
        ),
    ] {
        let made = attested_by_key(set, key, &root, content);
        let mut made = Claim::clone(&made);
        made.origin = origin(&format!("{key}{:?}", made.content));
        world.verified.push(Verified::for_tests(made));
    }
    // Two signatures of one payload, which lie in one place.
    for identity in ["https://ci.example/a", "https://ci.example/b"] {
        let signer = holder("https://issuer.example", identity, None);
        let made = Claim {
            signer,
            origin: origin("payload"),
            ..Claim::clone(&honest(set, &root))
        };
        world.verified.push(Verified::for_tests(made));
    }
    for tag in ["one", "two"] {
        world.rejected.push(Rejection {
            claims_to_be: ClaimedKind::Attestation(EXCEPTION.to_owned()),
            ..rejection(Code::SubjectMismatch, &root, None, tag)
        });
    }
    world
}

#[test]
fn no_byte_of_a_report_depends_on_the_order_of_evidence() {
    let require = format!("{SCANNED}\n  exceptions: {{ by: [first, second], atLeast: 2 }}");
    let set = policy("enforce", "", &require);
    let report = |world: &Appraisal| {
        let verdict = verdict(&set, world);
        let subject = Subject::Image(&world.image);
        let report = ArtifactReport::judged(&subject, &verdict, world, set.trust_store());
        serde_json::to_string_pretty(&report).unwrap()
    };
    let mut world = crowded(&set);
    let first = report(&world);
    for code in [
        "vex/conflict",
        "vex/malformed",
        "vex/untrusted",
        "vulnerability/found",
        "exception/used",
        "exception/threshold",
        "exception/malformed",
        "exception/other-image",
    ] {
        assert!(first.contains(code), "{code} in {first}");
    }
    for turn in 0..world.verified.len() {
        world.verified.rotate_left(1);
        if turn % 2 == 0 {
            world.verified.reverse();
            world.rejected.reverse();
        }
        assert_eq!(report(&world), first, "after {turn} turns");
    }
}

/// What a reader had to leave out of a broken document was not looked up.
#[test]
fn a_broken_sbom_is_not_looked_up() {
    let line =
        "    - { name: looked-up, vulnerabilities: { database: osv, sbom: { by: [release] } } }";
    let (file, text) = ("policy.yaml".to_owned(), policy_text("enforce", "", line));
    let documents = Documents::parse(&[Source { file, text }]).unwrap();
    let mut builder = DatabaseBuilder::new();
    let record = r#"{"id":"X-1","modified":"2026-03-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"b"},"versions":["1"]}]}"#;
    builder.add("x.json", record.as_bytes()).unwrap();
    let requests = documents.database_requests().into_iter();
    let database = Arc::new(builder.build());
    let databases = requests.map(|r| (r.key, Arc::clone(&database))).collect();
    let set = documents
        .compile_with(&BTreeMap::new(), &databases)
        .unwrap();
    let honest = bom("[]");
    let broken = honest.replace(r#""type":"library","#, r#""type":"liberry","#);
    for (sbom, decision) in [(honest, Decision::Admit), (broken, Decision::Deny)] {
        let verdict = verdict(&set, &world(&set, &root(), &[(BOM, &sbom)]));
        assert_eq!(verdict.decision, decision, "{sbom}: {:?}", codes(&verdict));
    }
}
