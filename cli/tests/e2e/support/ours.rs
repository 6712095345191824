//! Our binary, run as a user runs it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use sovverify_testbed::kit::Kit;

/// Kibibytes of address space that a run may have: a run that keeps a flood in memory dies of it.
const ADDRESS_SPACE_KIB: u32 = 1024 * 1024;

/// What came out of one run.
pub(crate) struct Outcome {
    code: Option<i32>,
    report: Value,
    took: Duration,
    stderr: String,
}

impl Outcome {
    /// The exit code.
    pub(crate) const fn code(&self) -> Option<i32> {
        self.code
    }

    /// How long it took.
    pub(crate) const fn took(&self) -> Duration {
        self.took
    }

    /// The result of the only artifact.
    pub(crate) fn result(&self) -> &Value {
        let [result] = self.results() else {
            panic!("expected one result: {self}")
        };
        result
    }

    /// The results in the order of the references.
    pub(crate) fn results(&self) -> &[Value] {
        self.report["results"].as_array().expect("results")
    }

    /// Whether the only artifact is admitted, with the exit code that says so.
    pub(crate) fn admits(&self) -> bool {
        let decision = self.result()["decision"].as_str();
        assert_eq!(decision == Some("admit"), self.code == Some(0), "{self}");
        decision == Some("admit")
    }

    /// Every code anywhere in the report.
    pub(crate) fn codes(&self) -> BTreeSet<String> {
        codes(&self.report)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = serde_json::to_string_pretty(&self.report).unwrap();
        let (code, took) = (self.code, self.took);
        write!(f, "exit {code:?} after {took:?}\n{report}\n{}", self.stderr)
    }
}

/// One call of `sovverify image`, as it is put together.
pub(crate) struct Call<'a> {
    kit: &'a Kit,
    arguments: Vec<OsString>,
}

impl<'a> Call<'a> {
    /// A call for one reference; a registry in it may be asked over plain HTTP.
    pub(crate) fn image(kit: &'a Kit, reference: &str) -> Self {
        let arguments = Vec::new();
        Self { kit, arguments }.beside(reference)
    }

    /// Asks for one more reference in the same call.
    pub(crate) fn beside(self, reference: &str) -> Self {
        let call = self.flag(reference);
        match reference.split_once('/') {
            Some((host, _)) if host.starts_with("127.0.0.1:") => {
                call.with("--insecure-registry", host)
            }
            _ => call.flag("--offline"),
        }
    }

    /// Adds a flag.
    pub(crate) fn flag(mut self, flag: &str) -> Self {
        self.arguments.push(flag.into());
        self
    }

    /// Adds a flag with a value.
    pub(crate) fn with(mut self, flag: &str, value: impl AsRef<OsStr>) -> Self {
        self.arguments.push(flag.into());
        self.arguments.push(value.as_ref().to_owned());
        self
    }

    /// Asks for a signature by this key, in which no log had a part.
    pub(crate) fn key(self, public: &Path) -> Self {
        self.with("--key", public).flag("--insecure-ignore-tlog")
    }

    /// Runs it with a clean environment in a bounded address space.
    pub(crate) fn run(self) -> Outcome {
        let start = Instant::now();
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$@\""))
            .args(["sh", env!("CARGO_BIN_EXE_sovverify"), "image"])
            .args(["--output", "json"])
            .args(self.arguments)
            .env_clear()
            .env("HOME", self.kit.folder())
            .stdin(Stdio::null())
            .output()
            .expect("a shell");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            let text = String::from_utf8_lossy(&output.stdout);
            panic!("no report: {error}\nstdout: {text}\nstderr: {stderr}")
        });
        Outcome {
            code: output.status.code(),
            report,
            took: start.elapsed(),
            stderr,
        }
    }
}

/// Every code anywhere in a part of a report.
pub(crate) fn codes(value: &Value) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    collect_codes(value, &mut codes);
    codes
}

/// Adds every string named `code` in a JSON value.
fn collect_codes(value: &Value, codes: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(code)) = fields.get("code") {
                codes.insert(code.clone());
            }
            fields
                .values()
                .for_each(|field| collect_codes(field, codes));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_codes(item, codes)),
        _ => {}
    }
}
