//! The binary as users see it: what is typed, what is said on which stream, and the exit code.
//! Offline, with a scrubbed environment, and with the digests of forged data made neutral.

#[cfg(test)]
mod blob;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod gauntlet;
#[cfg(test)]
mod image;
#[cfg(test)]
mod input;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod output;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod registry;
#[cfg(test)]
#[path = "../support/run.rs"]
mod run;
#[cfg(test)]
mod sbom;
#[cfg(test)]
mod surroundings;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

/// The moment at which everything forged is good.
const AT: &str = "2026-03-03T11:04:05Z";
/// An image that is really signed.
const QUICKSTART: &str = "oci:testdata/images/quickstart";
/// The key of its legacy signature.
const KEY: &str = "testdata/trust/quickstart/signer.pub";
/// The trusted root of everything else on it.
const TRUSTED_ROOT: &str = "testdata/trust/quickstart/trusted_root.json";
/// Who signed it.
const IDENTITY: &str =
    "https://ci.forge.example/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";
/// Who vouches for them.
const ISSUER: &str = "https://token.ci.forge.example";

/// Runs the binary and compares everything that it says.
#[track_caller]
fn check(arguments: &[&str], code: i32, stdout: &str, stderr: &str) {
    let said = run::said(&mut run::sovverify(arguments));
    assert_eq!(
        (
            neutral(&said.stdout).as_str(),
            neutral(&said.stderr).as_str()
        ),
        (stdout, stderr),
        "{arguments:?}"
    );
    assert_eq!(said.code, code, "{arguments:?}");
}

/// Runs the binary, whose only words are an error on standard error.
#[track_caller]
fn refused(arguments: &[&str], code: i32, stderr: &str) {
    check(arguments, code, "", stderr);
}

#[cfg(test)]
/// A file with `content` in a directory that lives as long as the result.
fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

/// `text` with each digest replaced by a number in order of appearance: forged anew, the data has
/// other digests and the same meaning.
fn neutral(text: &str) -> String {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("sha256") {
        let (before, from) = rest.split_at(at + "sha256".len());
        result.push_str(before);
        let hex = from.get(1..).unwrap_or_default();
        let length = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
        if length < 12 {
            rest = from;
            continue;
        }
        let (digits, after) = hex.split_at(length);
        // A shortened digest is the same digest.
        let name = digits.get(..12).unwrap_or(digits);
        let next = seen.len() + 1;
        let number = seen.entry(name).or_insert(next);
        let _ = write!(result, "{}<{number}>", &from[..1]);
        rest = after;
    }
    result + rest
}
