//! `sovverify sbom check`.

mod rules;

use std::fs;

use serde_json::Value;

use super::{check, file, refused};
use crate::run;

const NOTICE: &str =
    "notice: this checks the content of a file; it proves nothing about who made it\n";
const CONFORMANT: &str = "testdata/sbom/conformant.cdx.json";
const LACKING: &str = "testdata/sbom/lacking.cdx.json";
const SPDX: &str = "testdata/sbom/ntia.spdx.json";

/// What the binary says about `arguments` behind `sbom check`.
fn said(arguments: &[&str]) -> run::Said {
    let all: Vec<&str> = ["sbom", "check"].iter().chain(arguments).copied().collect();
    run::said(&mut run::sovverify(&all))
}

fn json(arguments: &[&str]) -> Value {
    let all: Vec<&str> = arguments
        .iter()
        .chain(&["--output", "json"])
        .copied()
        .collect();
    serde_json::from_str(&said(&all).stdout).unwrap()
}

#[test]
fn an_honest_document_conforms_to_every_profile() {
    let mut arguments = vec!["sbom", "check", CONFORMANT];
    for profile in sovverify::sbom::profile::Profile::NAMES {
        arguments.extend(["--profile", profile]);
    }
    check(
        &arguments,
        0,
        &format!(
            "{NOTICE}\
conforms   testdata/sbom/conformant.cdx.json  to ntia-2021, cisa-2025, bsi-tr-03183-2-v2.0, bsi-tr-03183-2-v2.1
   CycloneDX 1.6 (JSON), made 2026-03-02T11:04:05Z, by Acme release team, Acme Works, with forge-sbom 1.0.0
   describes `app 1.4.2` (/metadata/component)
   4 components (2 packages, 1 container, 1 other): package URL 100 %, version 100 %, hash 100 %, license 100 %, supplier 100 %; 3 relationships
   conforms to ntia-2021
   conforms to cisa-2025
   conforms to bsi-tr-03183-2-v2.0, without 1 recommended data
   conforms to bsi-tr-03183-2-v2.1
warning[sbom/profile-violation]: bsi-tr-03183-2-v2.0 asks for transition to v2.1.0 (TR-03183-2 v2.1.0, transitional system)
   = expected: made before 2026-02-21T00:00:00Z
   = found: made 2026-03-02T11:04:05Z
"
        ),
        "",
    );
}

#[test]
fn an_spdx_document_conforms_by_default_to_ntia() {
    check(
        &["sbom", "check", SPDX],
        0,
        &format!(
            "{NOTICE}\
conforms   testdata/sbom/ntia.spdx.json  to ntia-2021
   SPDX 2.3 (JSON), made 2026-03-02T11:04:05Z, by Acme Works, with forge-sbom-1.0.0
   describes `app 1.4.2` (/packages/0)
   3 components (3 packages): package URL 100 %, version 100 %, hash 100 %, license 100 %, supplier 100 %; 2 relationships
   conforms to ntia-2021
"
        ),
        "",
    );
}

#[test]
fn an_spdx_3_document_conforms_to_the_bsi_by_the_files_that_it_distributes() {
    let path = "testdata/sbom/conformant.spdx3.json";
    let flags = ["--profile", "bsi-tr-03183-2-v2.1", "-q"];
    let honest = said(&[path, flags[0], flags[1], flags[2]]);
    assert_eq!((honest.code, honest.stdout.as_str()), (0, ""));
    let text = fs::read_to_string(run::root().join(path)).unwrap();
    let lie = text.replacen("\"hasDistributionArtifact\"", "\"hasOptionalComponent\"", 1);
    let (_kept, lying) = file("lying.spdx3.json", lie.as_bytes());
    let report = json(&[&lying, flags[0], flags[1]]);
    let shortfalls = report["sboms"][0]["profiles"][0]["shortfalls"]
        .as_array()
        .unwrap();
    let required: Vec<&str> = shortfalls
        .iter()
        .filter(|shortfall| shortfall["required"] == true)
        .map(|shortfall| shortfall["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        required,
        [
            "filename of the component",
            "hash value of the deployable component"
        ]
    );
}

#[test]
fn a_lacking_document_is_told_what_it_lacks_and_where() {
    check(
        &["sbom", "check", LACKING, "--profile", "bsi-tr-03183-2-v2.1"],
        1,
        &format!(
            "{NOTICE}\
violates   testdata/sbom/lacking.cdx.json  bsi-tr-03183-2-v2.1
   CycloneDX 1.6 (JSON), made 2026-03-02T11:04:05Z, by Acme release team, Acme Works, with forge-sbom 1.0.0
   describes `app 1.4.2` (/metadata/component)
   4 components (2 packages, 1 container, 1 other): package URL 75 %, version 75 %, hash 100 %, license 100 %, supplier 75 %; 2 relationships
   violates bsi-tr-03183-2-v2.1: lacks 6 required and 4 recommended data
error[sbom/profile-violation]: bsi-tr-03183-2-v2.1 demands dependencies on other components (TR-03183-2 v2.1.0 §5.2.2)
   = expected: a chain of dependencies or parts from the subject
   = found: no relationship leads here from the subject, in `libcrypt 3.0.1` (/components/1)
error[sbom/profile-violation]: bsi-tr-03183-2-v2.1 demands completeness of the dependencies (TR-03183-2 v2.1.0 §5.2.2)
   = expected: a statement how complete it is
   = found: not a word
error[sbom/profile-violation]: bsi-tr-03183-2-v2.1 demands component creator (TR-03183-2 v2.1.0 §5.2.2)
   = expected: a creator with an e-mail or web address
   = found: nobody, in `libcrypt 3.0.1` (/components/1)
error[sbom/profile-violation]: bsi-tr-03183-2-v2.1 demands component version (TR-03183-2 v2.1.0 §5.2.2)
   = expected: a version
   = found: none, in `server` (/components/0)
error[sbom/profile-violation]: bsi-tr-03183-2-v2.1 demands distribution licences (TR-03183-2 v2.1.0 §5.2.2)
   = expected: an SPDX expression, concluded
   = found: only `see the file COPYING` (unstated), in `libcrypt 3.0.1` (/components/1)
error[sbom/profile-violation]: bsi-tr-03183-2-v2.1 demands archive property (TR-03183-2 v2.1.0 §5.2.2)
   = expected: `bsi:component:archive` exactly once: `archive` or `no archive`
   = found: `not an archive`, in `locales 2026.1` (/components/2)
warning[sbom/profile-violation]: bsi-tr-03183-2-v2.1 asks for source code URI (TR-03183-2 v2.1.0 §5.2.4)
   = expected: a URI of kind `source-distribution`, where it exists
   = found: none, in `locales 2026.1` (/components/2)
warning[sbom/profile-violation]: bsi-tr-03183-2-v2.1 asks for other unique identifiers (TR-03183-2 v2.1.0 §5.2.4)
   = expected: a package URL, a CPE or another unique identifier, where it exists
   = found: none, in `server` (/components/0)
warning[sbom/profile-violation]: bsi-tr-03183-2-v2.1 asks for original licences (TR-03183-2 v2.1.0 §5.2.4)
   = expected: an SPDX expression, declared, where it exists
   = found: only `see the file COPYING` (unstated), in `libcrypt 3.0.1` (/components/1)
warning[sbom/profile-violation]: bsi-tr-03183-2-v2.1 asks for effective licence (TR-03183-2 v2.1.0 §5.2.5)
   = expected: bsi:component:effectiveLicence
   = found: the property `bsi:component:effectiveLicense`, in `locales 2026.1` (/components/2)
"
        ),
        "",
    );
}

#[test]
fn a_format_that_is_too_old_is_said_first_with_what_it_is_good_for() {
    let said = said(&[SPDX, "--profile", "bsi-tr-03183-2-v2.1"]);
    assert_eq!(said.code, 1);
    let notices =
        "notice: testdata/sbom/ntia.spdx.json conforms to ntia-2021, which was not asked for\n";
    assert!(
        said.stdout
            .starts_with(&format!("{NOTICE}{notices}violates ")),
        "{}",
        said.stdout
    );
    let first = said.stdout.lines().find(|line| line.starts_with("error"));
    assert_eq!(
        first,
        Some(
            "error[sbom/profile-violation]: bsi-tr-03183-2-v2.1 demands SBOM format \
             (TR-03183-2 v2.1.0 §4)"
        )
    );
}

#[test]
fn what_cannot_be_read_is_bad_input() {
    check(
        &["sbom", "check", "testdata/sbom/malformed.cdx.json"],
        2,
        &format!("{NOTICE}undecided  testdata/sbom/malformed.cdx.json  sbom/malformed\n"),
        "\
error[sbom/malformed]: testdata/sbom/malformed.cdx.json: line 6 column 14: the SBOM is not well-formed
   = expected: a JSON document of the right shape
   = found: duplicate field `components`
",
    );
    check(
        &["sbom", "check", "testdata/sbom/doctype.cdx.xml"],
        2,
        &format!("{NOTICE}undecided  testdata/sbom/doctype.cdx.xml  sbom/malformed\n"),
        "\
error[sbom/malformed]: testdata/sbom/doctype.cdx.xml: line 2 column 64: the SBOM is not well-formed
   = expected: no document type
   = found: a document type
",
    );
    let said = said(&["testdata/sbom/nosuch.json", "README.md"]);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.contains("error[file/missing]: no such file"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("error[sbom/unsupported]"),
        "{}",
        said.stderr
    );
}

#[test]
fn no_file_is_usage_and_never_success() {
    refused(
        &["sbom", "check"],
        2,
        "\
error[usage/invalid]: the following required arguments were not provided:
  <FILE>...

Usage: sovverify sbom check <FILE>...

For more information, try '--help'.
",
    );
}

#[test]
fn an_unknown_profile_is_bad_input_and_its_neighbour_is_named() {
    refused(
        &["sbom", "check", SPDX, "--profile", "nita-2021"],
        2,
        "\
error[usage/invalid]: there is no profile `nita-2021`
   = expected: ntia-2021, cisa-2025, bsi-tr-03183-2-v2.0, bsi-tr-03183-2-v2.1, or a file
   = found: neither a profile nor a file of this name
   = hint: did you mean `ntia-2021`?
",
    );
}

#[test]
fn several_files_are_all_answered_and_the_worst_decides() {
    let code = |files: &[&str]| said(files).code;
    let malformed = "testdata/sbom/malformed.cdx.json";
    assert_eq!(code(&[CONFORMANT, SPDX]), 0);
    assert_eq!(code(&[CONFORMANT, malformed]), 2);
    assert_eq!(code(&[malformed, LACKING, CONFORMANT]), 1);
    let quiet = said(&[malformed, LACKING, CONFORMANT, "-q"]);
    assert_eq!(
        quiet.stdout,
        "\
undecided  testdata/sbom/malformed.cdx.json  sbom/malformed
violates   testdata/sbom/lacking.cdx.json  ntia-2021
"
    );
}

#[test]
fn a_profile_of_ones_own_is_a_file() {
    let text = "\
name: acme
title: What Acme asks of its suppliers
rules:
  - field: source
    clause: Acme 7.1
    scope: component
    strength: required
    check: { link: { kinds: [source-distribution] } }
";
    let (_kept, path) = file("acme.yaml", text.as_bytes());
    assert_eq!(said(&[CONFORMANT, "--profile", &path]).code, 0);
    let lacking = said(&[LACKING, "--profile", &path, "--profile", "ntia-2021", "-q"]);
    assert_eq!(lacking.code, 1);
    assert_eq!(
        lacking.stdout,
        "violates   testdata/sbom/lacking.cdx.json  acme, ntia-2021\n"
    );
    for (bad, place) in [
        (
            text.replace("strength: required", "strength: needed"),
            "line 7 column 15: ",
        ),
        (
            text.replace("name: acme", "name: ntia-2021"),
            "line 1 column 7: ",
        ),
    ] {
        fs::write(&path, bad).unwrap();
        let said = said(&[CONFORMANT, "--profile", &path]);
        assert_eq!(said.code, 2);
        assert!(said.stdout.is_empty());
        let second = said.stderr.lines().nth(1).unwrap();
        assert!(
            second.starts_with(&format!("   = expected: {place}")),
            "{}",
            said.stderr
        );
    }
}

#[test]
fn a_document_that_breaks_its_schema_conforms_to_nothing() {
    let text = fs::read_to_string(run::root().join(CONFORMANT)).unwrap();
    let broken = text.replace("\"lifecycles\": [", "\"lifecycle\": [");
    let (_kept, path) = file("broken.cdx.json", broken.as_bytes());
    let report = json(&[&path]);
    let sbom = &report["sboms"][0];
    assert_eq!(sbom["decision"], "violates");
    assert_eq!(sbom["profiles"][0]["decision"], "conforms");
    assert_eq!(sbom["violations"].as_array().unwrap().len(), 1);
    assert_eq!(report["exit"]["code"], 1);
    let said = said(&[&path]);
    assert!(
        said.stdout.contains("  the schema of its format\n"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("error[sbom/schema-violation]"),
        "{}",
        said.stdout
    );
}

#[test]
fn the_json_report_names_every_input_by_its_digest() {
    let report = json(&[CONFORMANT, LACKING]);
    assert_eq!(report["kind"], "sbomCheck");
    assert_eq!(report["results"], Value::Array(Vec::new()));
    let files = report["sboms"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    for (report, path) in files.iter().zip([CONFORMANT, LACKING]) {
        let bytes = fs::read(run::root().join(path)).unwrap();
        assert_eq!(
            report["digest"],
            sovverify::Digest::sha256(&bytes).to_string()
        );
        let profile = sovverify::sbom::profile::Profile::named("ntia-2021").unwrap();
        assert_eq!(
            report["profiles"][0]["digest"],
            profile.digest().to_string()
        );
    }
    assert_eq!(files[1]["document"]["counts"]["components"], 4);
    assert_eq!(files[1]["document"]["counts"]["purl"], 3);
    assert_eq!(files[1]["profiles"][0]["required"], 2);
}
