//! Real cosign, as a user calls it: one process for each case.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::case::{Case, Signer, Subject, Verdict};
use crate::worker::Door;

/// The program, and a folder for what it reads.
pub struct Cosign {
    program: PathBuf,
    scratch: PathBuf,
    door: Door,
}

impl Cosign {
    /// cosign 3 at `program`.
    pub fn new(program: &Path, scratch: &Path, door: &Door) -> Self {
        Self {
            program: program.to_owned(),
            scratch: scratch.to_owned(),
            door: door.clone(),
        }
    }

    /// `cosign verify-blob` for this case, whose bundle and artifact are written down.
    pub fn command(&self, case: &Case) -> Command {
        let bundle = self.scratch.join("bundle.json");
        fs::write(&bundle, &case.bundle).expect("a folder of our own");
        let artifact = match &case.subject {
            Subject::Bytes(bytes) => {
                let path = self.scratch.join("artifact");
                fs::write(&path, bytes).expect("a folder of our own");
                path.to_string_lossy().into_owned()
            }
            Subject::Digest { algorithm, hex } => format!("{algorithm}:{hex}"),
        };
        let mut command = Command::new(&self.program);
        command.arg("verify-blob").arg("--bundle").arg(&bundle);
        command.arg("--trusted-root").arg(&case.root);
        match &case.signer {
            Signer::Identity { identity, issuer } => {
                command.arg(format!("--certificate-identity={identity}"));
                command.arg(format!("--certificate-oidc-issuer={issuer}"));
            }
            Signer::Key { path, hash } => {
                command.arg("--key").arg(path);
                command.arg(format!("--signature-digest-algorithm={hash}"));
            }
        }
        if !case.demands.log {
            command.args(["--insecure-ignore-tlog", "--use-signed-timestamps"]);
        }
        if !case.demands.sct {
            command.arg("--insecure-ignore-sct");
        }
        command.arg("--").arg(artifact);
        // A home of its own: nothing that a user of this machine once trusted counts.
        command.env("HOME", &self.scratch);
        command
    }

    /// What `cosign verify-blob` says.
    pub fn judge(&self, case: &Case) -> Verdict {
        let mut command = self.door.shut(&self.command(case));
        let output = command.stdin(Stdio::null()).output().expect("cosign");
        if output.status.success() {
            return Verdict::accept();
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let error = text.lines().rev().find(|line| !line.trim().is_empty());
        Verdict::reject(error.unwrap_or_default())
    }
}
