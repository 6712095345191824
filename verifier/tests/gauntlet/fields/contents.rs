//! SBOMs, vulnerabilities, and who may say that these do not matter.

use sovverify::Code;

use super::Field;
use super::pool::{OWN_VEX, Pool};
use crate::world::own_profile;

pub(super) fn fields() -> Vec<Field> {
    let mut fields = sbom();
    fields.extend(profiles());
    fields.extend(lists());
    fields.extend(coverage());
    fields.extend(vulnerabilities());
    fields.extend(lookup());
    fields.extend(vex());
    fields
}

fn demand(rest: &str) -> String {
    format!("    - {{ name: x, sbom: {{ {rest} }} }}")
}

fn signed(rest: &str) -> String {
    demand(&format!("by: [release], {rest}"))
}

fn sbom() -> Vec<Field> {
    vec![
        Field::unmet_by(
            "Requirement.sbom",
            demand("by: [release]"),
            Pool::Empty,
            Code::AttestationMissing,
        ),
        Field::new(
            "SbomRule.by",
            demand,
            ["by: [release]", "by: [scanner]"],
            Code::AttestationUntrusted,
        ),
        Field::new(
            "SbomRule.atLeast",
            demand,
            [
                "by: [release, scanner], atLeast: 1",
                "by: [release, scanner], atLeast: 2",
            ],
            Code::AttestationThreshold,
        ),
        Field::new(
            "SbomRule.formats",
            signed,
            ["formats: [spdx]", "formats: [cyclonedx]"],
            Code::SbomUnsupported,
        ),
        Field::new(
            "SbomRule.maxAge",
            signed,
            ["maxAge: 2d", "maxAge: 1h"],
            Code::SbomTooOld,
        ),
        Field::new(
            "SbomRule.hashes",
            signed,
            ["hashes: [sha256]", "hashes: [sha512]"],
            Code::SbomHashMissing,
        ),
        Field::unmet_by(
            "SbomRule.subject",
            signed("subject: image"),
            Pool::Silent,
            Code::SbomSubjectMismatch,
        ),
        Field::new(
            "SbomRule.cel",
            |text| signed(&format!("cel: [{{ expression: \"{text}\" }}]")),
            ["sbom.componentCount == 2", "sbom.componentCount == 3"],
            Code::ExpressionUnmet,
        ),
    ]
}

fn profiles() -> Vec<Field> {
    let profile = signed("profile: ntia-2021");
    let inline = |least: &str| {
        signed(&format!(
            "profile: {{ inline: \"{}\" }}",
            own_profile(least)
        ))
    };
    let file = |name: &str| signed(&format!("profile: {{ file: {name} }}"));
    vec![
        Field::unmet_by(
            "SbomRule.profile",
            profile,
            Pool::Bare,
            Code::SbomProfileViolation,
        ),
        Field::new(
            "Content.inline",
            inline,
            ["2.3", "3.0"],
            Code::SbomProfileViolation,
        ),
        Field::new(
            "Content.file",
            file,
            ["lax.yaml", "strict.yaml"],
            Code::SbomProfileViolation,
        ),
    ]
}

fn lists() -> Vec<Field> {
    vec![
        Field::new(
            "SbomRule.deny",
            signed,
            [
                "deny: { packages: [\"pkg:npm/other\"] }",
                "deny: { packages: [\"pkg:npm/greeting\"] }",
            ],
            Code::SbomPackageDenied,
        ),
        Field::new(
            "Contents.packages",
            signed,
            [
                "deny: { packages: [\"pkg:npm/greeting@<0.3.1\"] }",
                "deny: { packages: [\"pkg:npm/greeting@<=0.3.1\"] }",
            ],
            Code::SbomPackageDenied,
        ),
        Field::new(
            "Contents.licenses",
            signed,
            [
                "deny: { licenses: [MIT] }",
                "deny: { licenses: [Apache-2.0] }",
            ],
            Code::SbomLicenseDenied,
        ),
        Field::new(
            "SbomRule.allow",
            signed,
            [
                "allow: { licenses: [Apache-2.0] }",
                "allow: { licenses: [MIT] }",
            ],
            Code::SbomLicenseNotAllowed,
        ),
        Field::new(
            "Contents.packages",
            signed,
            [
                "allow: { packages: [\"pkg:npm/*\", \"pkg:oci/app\"] }",
                "allow: { packages: [\"pkg:oci/app\"] }",
            ],
            Code::SbomPackageNotAllowed,
        ),
    ]
}

fn coverage() -> Vec<Field> {
    let of = |of: &'static str, word: &str| {
        let demand = signed(&format!("coverage: {{ {word}: 100 }}"));
        Field::unmet_by(of, demand, Pool::Bare, Code::SbomCoverageTooLow)
    };
    vec![
        of("SbomRule.coverage", "purl"),
        of("CoverageRule.purl", "purl"),
        of("CoverageRule.version", "version"),
        of("CoverageRule.hash", "hash"),
        of("CoverageRule.license", "license"),
        of("CoverageRule.supplier", "supplier"),
    ]
}

/// Demands on the scan, of which VEX takes every finding out.
fn scanned(rest: &str) -> String {
    format!(
        "    - {{ name: x, vulnerabilities: {{ {rest}, vex: {{ by: [vendor], types: [\"{OWN_VEX}\"] }} }} }}"
    )
}

fn vulnerabilities() -> Vec<Field> {
    let found = Code::VulnerabilityFound;
    let bare = |rest: &str| format!("    - {{ name: x, vulnerabilities: {{ {rest} }} }}");
    vec![
        Field::unmet_by(
            "Requirement.vulnerabilities",
            scanned("by: [scanner]"),
            Pool::Empty,
            Code::AttestationMissing,
        ),
        Field::new(
            "VulnerabilityRule.by",
            scanned,
            ["by: [scanner]", "by: [release]"],
            Code::AttestationUntrusted,
        ),
        Field::new(
            "VulnerabilityRule.atLeast",
            scanned,
            [
                "by: [scanner, release], atLeast: 1",
                "by: [scanner, release], atLeast: 2",
            ],
            Code::AttestationThreshold,
        ),
        Field::new(
            "VulnerabilityRule.maxAge",
            scanned,
            ["by: [scanner], maxAge: 2d", "by: [scanner], maxAge: 1h"],
            Code::VulnerabilityScanTooOld,
        ),
        Field::new(
            "VulnerabilityRule.maxSeverity",
            bare,
            [
                "by: [scanner], maxSeverity: high",
                "by: [scanner], maxSeverity: medium",
            ],
            found,
        ),
        Field::new(
            "VulnerabilityRule.vex",
            bare,
            [
                "by: [scanner], vex: { by: [vendor], types: [\"https://acme.example/vex/v1\"] }",
                "by: [scanner]",
            ],
            found,
        ),
        Field::new(
            "VulnerabilityRule.cel",
            |text| {
                scanned(&format!(
                    "by: [scanner], cel: [{{ expression: \"{text}\" }}]"
                ))
            },
            ["vulnerabilities.high == 2", "vulnerabilities.high < 2"],
            Code::ExpressionUnmet,
        ),
    ]
}

fn lookup() -> Vec<Field> {
    let looked_up = |database: &str, by: &str, rest: &str| {
        format!(
            "    - {{ name: x, vulnerabilities: {{ database: {database}, sbom: {{ by: [{by}] }}, {rest} }} }}"
        )
    };
    let share = |percent: &str| looked_up("clean", "release", &format!("maxUnassessed: {percent}"));
    let database = |name: &str| looked_up(name, "release", "maxUnassessed: 50");
    let by = |name: &str| looked_up("clean", name, "maxUnassessed: 50");
    let age = |age: &str| {
        looked_up(
            "clean",
            "release",
            &format!("maxUnassessed: 50, maxAge: {age}"),
        )
    };
    vec![
        Field::new(
            "VulnerabilityRule.database",
            database,
            ["clean", "dirty"],
            Code::VulnerabilityFound,
        ),
        Field::new(
            "VulnerabilityRule.sbom",
            by,
            ["release", "scanner"],
            Code::AttestationUntrusted,
        ),
        Field::new(
            "SbomSource.by",
            by,
            ["release", "scanner"],
            Code::AttestationUntrusted,
        ),
        Field::new(
            "VulnerabilityRule.maxUnassessed",
            share,
            ["50", "49"],
            Code::VulnerabilityUnassessed,
        ),
        Field::new(
            "VulnerabilityRule.maxAge",
            age,
            ["2d", "1d"],
            Code::VulnerabilityDatabaseTooOld,
        ),
    ]
}

fn vex() -> Vec<Field> {
    let rule = |rest: &str| {
        format!("    - {{ name: x, vulnerabilities: {{ by: [scanner], vex: {{ {rest} }} }} }}")
    };
    let heard = |rest: &str| rule(&format!("by: [vendor], types: [\"{OWN_VEX}\"], {rest}"));
    let found = Code::VulnerabilityFound;
    vec![
        Field::new(
            "VexRule.by",
            |by| rule(&format!("by: [{by}], types: [\"{OWN_VEX}\"]")),
            ["vendor", "scanner"],
            found,
        ),
        Field::new(
            "VexRule.types",
            |kind| rule(&format!("by: [vendor], types: [\"{kind}\"]")),
            [OWN_VEX, "https://acme.example/vex/v2"],
            found,
        ),
        Field::new(
            "VexRule.statuses",
            heard,
            ["statuses: [not_affected]", "statuses: [fixed]"],
            found,
        ),
        Field::new(
            "VexRule.justifications",
            heard,
            [
                "justifications: [vulnerable_code_not_present]",
                "justifications: [component_not_present]",
            ],
            found,
        ),
        Field::new("VexRule.maxAge", heard, ["maxAge: 2d", "maxAge: 1h"], found),
    ]
}
