//! Credential helpers: programs `docker-credential-NAME` that answer `get` on their standard output
//! (docker-credential-helpers, "Development").

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::credentials::{Credential, unusable};
use crate::budget::count;
use crate::config::{CredentialSources, Secret};
use crate::error::FetchError;
use crate::limits::FetchLimits;

/// The user name that says that the secret is an identity token.
const TOKEN_USER: &str = "<token>";
/// What every helper says when it has nothing (docker-credential-helpers `credentials/error.go`).
const NOT_FOUND: &str = "credentials not found";

#[derive(serde::Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// Asks the helper `name` for the credential of `server`.
pub(super) async fn ask(
    name: &str,
    server: &str,
    sources: &CredentialSources,
    limits: &FetchLimits,
) -> Result<Option<Credential>, FetchError> {
    let source = format!("the helper `docker-credential-{name}`");
    let program = find(name, sources)
        .ok_or_else(|| unusable(&source, "it is in none of the directories for helpers"))?;
    // An absolute program and a fixed directory: nothing depends on where we were started.
    let mut child = Command::new(program)
        .arg("get")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| unusable(&source, &error.to_string()))?;
    let talk = talk(&mut child, server, limits.helper_bytes);
    let (succeeded, output) = match tokio::time::timeout(limits.helper_time, talk).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => return Err(unusable(&source, &error.to_string())),
        Err(_) => {
            return Err(unusable(
                &source,
                "it took longer than the bound `helper_time`",
            ));
        }
    };
    if count(output.len()) > limits.helper_bytes {
        return Err(unusable(
            &source,
            "it answers more than the bound `helper_bytes`",
        ));
    }
    if !succeeded {
        if String::from_utf8_lossy(&output).contains(NOT_FOUND) {
            return Ok(None);
        }
        return Err(unusable(&source, "it failed"));
    }
    let answer: Answer = serde_json::from_slice(&output)
        .map_err(|_| unusable(&source, "its answer has no `Username` and `Secret`"))?;
    let secret = Secret::new(answer.secret);
    Ok(Some(if answer.username == TOKEN_USER {
        Credential::Identity(secret)
    } else {
        Credential::Password {
            username: answer.username,
            password: secret,
        }
    }))
}

/// Writes the server's name, reads the answer up to the bound, and waits for the end.
async fn talk(child: &mut Child, server: &str, bound: u64) -> std::io::Result<(bool, Vec<u8>)> {
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not read its input says so with its exit status.
        let _ = input.write_all(server.as_bytes()).await;
        let _ = input.write_all(b"\n").await;
    }
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = stdout.take(bound.saturating_add(1));
        stdout.read_to_end(&mut output).await?;
    }
    if count(output.len()) > bound {
        child.kill().await?;
        return Ok((false, output));
    }
    Ok((child.wait().await?.success(), output))
}

/// The helper's program: a plain name, looked up in absolute directories.
fn find(name: &str, sources: &CredentialSources) -> Option<PathBuf> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.is_empty() || !name.bytes().all(plain) {
        return None;
    }
    let file = format!("docker-credential-{name}{}", std::env::consts::EXE_SUFFIX);
    sources
        .helper_directories
        .iter()
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(&file))
        .find(|path| path.is_file())
}
