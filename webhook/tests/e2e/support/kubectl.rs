//! kubectl, as a user runs it.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// kubectl with a configuration of its own.
#[derive(Clone, Debug)]
pub(crate) struct Kubectl {
    program: PathBuf,
    configuration: PathBuf,
    home: PathBuf,
}

/// What came out of one run.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Kubectl {
    /// kubectl for the user of this configuration.
    pub(crate) const fn new(program: PathBuf, configuration: PathBuf, home: PathBuf) -> Self {
        Self {
            program,
            configuration,
            home,
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    /// Runs it with a document as its input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut process = Command::new(&self.program)
            .args(arguments)
            .env_clear()
            .env("KUBECONFIG", &self.configuration)
            .env("HOME", &self.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubectl that can be executed");
        // It may have had enough before the end.
        let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
        let output = process.wait_with_output().unwrap();
        Output {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Applies a document that must be accepted.
    #[track_caller]
    pub(crate) fn apply(&self, document: &str) -> Output {
        let output = self.run_with(&["apply", "-f", "-"], document);
        assert!(output.success, "{output}\nof\n{document}");
        output
    }

    /// A document in YAML as JSON.
    #[track_caller]
    pub(crate) fn to_json(&self, document: &str) -> Value {
        let arguments = ["create", "--dry-run=client", "--output=json", "-f", "-"];
        let output = self.run_with(&arguments, document);
        assert!(output.success, "{output}");
        serde_json::from_str(&output.stdout).expect("JSON of kubectl")
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.success { "done" } else { "failed" };
        write!(
            f,
            "{word}\nstdout: {}\nstderr: {}",
            self.stdout, self.stderr
        )
    }
}
