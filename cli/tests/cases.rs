//! Walks `testdata/cases/**/case.toml`: image, time, policy and evidence in; whole report out.
//!
//! The format is described in `testdata/README.md`. After a wanted change of reports,
//! `SOVVERIFY_BLESS=1 cargo test -p sovverify-cli --test cases` writes every `report.json` anew.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

#[cfg(test)]
#[path = "support/run.rs"]
mod run;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sovverify::Code;
use sovverify::report::v1::{ArtifactReport, ExitClass, Report};

/// The keys of a `case.toml`; all are needed but `code`, which an honest case has not.
#[derive(Debug)]
struct Case {
    directory: PathBuf,
    name: String,
    keys: BTreeMap<String, String>,
}

impl Case {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let table: toml::Table = text.parse().unwrap();
        let keys = table
            .into_iter()
            .map(|(key, value)| (key, value.as_str().expect("every key is text").to_owned()))
            .collect();
        let directory = file.parent().unwrap().to_owned();
        let root = run::root().join("testdata/cases");
        let name = directory.strip_prefix(root).unwrap();
        Self {
            name: name.to_str().unwrap().to_owned(),
            directory,
            keys,
        }
    }

    fn key(&self, key: &str) -> &str {
        self.keys
            .get(key)
            .unwrap_or_else(|| panic!("{}: expected the key `{key}`", self.name))
    }

    /// Judges the case, and says everything that is not as it should be.
    fn complaints(&self) -> Vec<String> {
        let reference = format!("oci:{}:{}", self.key("image"), self.key("tag"));
        let said = run::said(
            run::sovverify(&["image", &reference, "--offline", "--output", "json"])
                .args(["--policy", self.key("policy"), "--at", self.key("at")])
                .current_dir(&self.directory),
        );
        let report: Report = match serde_json::from_str(&said.stdout) {
            Ok(report) => report,
            Err(error) => return vec![format!("no report ({error}): {}", said.stderr)],
        };
        let mut complaints = Vec::new();
        if said.code != i32::from(report.exit.code) {
            complaints.push(format!("exit code {}, report {:?}", said.code, report.exit));
        }
        complaints.extend(self.wrong(&report));
        complaints.extend(self.moved(&said.stdout));
        complaints
    }

    fn wrong(&self, report: &Report) -> Vec<String> {
        let found = codes(report);
        let expect = self.key("expect");
        let outcome = match report.exit.class {
            ExitClass::Admitted => "admit",
            ExitClass::Denied => "deny",
            _ => "error",
        };
        let mut complaints = Vec::new();
        if outcome != expect {
            complaints.push(format!(
                "expected `{expect}`, found `{outcome}` with {found:?}"
            ));
        }
        if expect == "admit" {
            let invalid = found.iter().filter(|(_, class)| *class == "invalid");
            complaints.extend(invalid.map(|(code, _)| format!("an honest case says {code}")));
        }
        let missing = |code: &&String| !found.iter().any(|(known, _)| known == code);
        let code = self.keys.get("code").filter(missing);
        complaints.extend(code.map(|code| format!("expected {code}, found {found:?}")));
        if expect != "admit" && !self.keys.contains_key("code") {
            complaints.push("expected the key `code`".to_owned());
        }
        complaints
    }

    /// Whether the report is, byte for byte, the one that was reviewed.
    fn moved(&self, report: &str) -> Option<String> {
        let file = self.directory.join("report.json");
        if std::env::var_os("SOVVERIFY_BLESS").is_some() {
            fs::write(&file, report).unwrap();
        }
        match fs::read_to_string(&file) {
            Ok(reviewed) if reviewed == report => None,
            Ok(_) => Some("the report is not the one in report.json".to_owned()),
            Err(error) => Some(format!("report.json: {error}")),
        }
    }
}

/// Every code of a report with its class.
fn codes(report: &Report) -> Vec<(&str, &str)> {
    let mut codes: Vec<(&str, &str)> = Vec::new();
    let errors = report.errors.iter();
    codes.extend(errors.map(|e| (e.code.as_str(), e.class.as_str())));
    for result in &report.results {
        codes.extend(of_result(result));
    }
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn of_result(result: &ArtifactReport) -> Vec<(&str, &str)> {
    let mut codes: Vec<(&str, &str)> = Vec::new();
    let errors = result.error.iter();
    codes.extend(errors.map(|e| (e.code.as_str(), e.class.as_str())));
    let policies = result.policies.iter();
    let findings = policies.flat_map(|policy| {
        let required = policy.requirements.iter();
        let required = required.flat_map(|r| r.findings.iter().chain(&r.notes));
        policy.findings.iter().chain(required)
    });
    let findings = findings.chain(&result.findings).chain(&result.warnings);
    codes.extend(findings.map(|f| (f.code.as_str(), f.class.as_str())));
    let rejected = result.rejected.iter();
    codes.extend(rejected.map(|r| (r.code.as_str(), r.class.as_str())));
    let gaps = result.gaps.iter();
    codes.extend(gaps.map(|g| (g.code.as_str(), g.class.as_str())));
    codes
}

fn cases(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            cases(&path, found);
        } else if path.file_name().is_some_and(|name| name == "case.toml") {
            found.push(path);
        }
    }
}

#[test]
fn every_case_has_its_verdict_its_code_and_its_whole_report() {
    let mut files = Vec::new();
    cases(&run::root().join("testdata/cases"), &mut files);
    files.sort();
    assert!(files.len() > 50, "only {} cases", files.len());
    let mut complaints = Vec::new();
    for file in &files {
        let case = Case::read(file);
        let wrong = case.complaints();
        complaints.extend(wrong.iter().map(|wrong| format!("{}: {wrong}", case.name)));
        let lying = case
            .keys
            .get("code")
            .filter(|code| !case.name.starts_with(*code));
        complaints.extend(lying.map(|code| format!("{}: is not named after {code}", case.name)));
        let codes = Code::ALL.iter();
        let unknown = case
            .keys
            .get("code")
            .filter(|code| !codes.clone().any(|c| c.name() == *code));
        complaints.extend(unknown.map(|code| format!("{}: no such code {code}", case.name)));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    println!("{} cases", files.len());
}
