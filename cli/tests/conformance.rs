//! The client for the public sigstore-conformance suite, called as the suite calls it, over the
//! suite's own cases.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sovverify::Digest;

/// Identity and issuer of the suite's own signer; a case may bring others.
const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cases() -> Option<PathBuf> {
    Some(sovverify_forge::realdata()?.join("conformance"))
}

/// Whether the client says that `artifact` is verified.
fn verified(case: &Path, artifact: &str) -> bool {
    let text = |name: &str, otherwise: &str| {
        let found = std::fs::read_to_string(case.join(name));
        found.map_or_else(|_| otherwise.to_owned(), |text| text.trim().to_owned())
    };
    let mut client = Command::new(repository().join("testdata/conformance/client"));
    client.env("SOVVERIFY", env!("CARGO_BIN_EXE_sovverify"));
    client
        .arg("verify-bundle")
        .arg("--bundle")
        .arg(case.join("bundle.sigstore.json"));
    if case.join("key.pub").exists() {
        client.arg("--key").arg(case.join("key.pub"));
    } else {
        client.args(["--certificate-identity", &text("identity", IDENTITY)]);
        client.args(["--certificate-oidc-issuer", &text("issuer", ISSUER)]);
    }
    if case.join("trusted_root.json").exists() {
        client
            .arg("--trusted-root")
            .arg(case.join("trusted_root.json"));
    }
    client
        .arg(artifact)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let code = client.status().unwrap().code();
    assert!(
        matches!(code, Some(0 | 1)),
        "{}: exit {code:?} is no verdict",
        case.display()
    );
    code == Some(0)
}

#[test]
fn the_client_passes_the_suite_by_path_and_by_digest() {
    let Some(cases) = cases() else { return };
    let mut counts = [0, 0];
    let mut wrong = Vec::new();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(cases)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    for case in folders
        .iter()
        .filter(|case| case.join("bundle.sigstore.json").exists())
    {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let expected = !name.ends_with("_fail");
        let artifact = case.join("artifact");
        let digest = Digest::sha256(&std::fs::read(&artifact).unwrap()).to_string();
        for artifact in [artifact.to_string_lossy().into_owned(), digest] {
            if let Some(count) = counts.get_mut(usize::from(expected)) {
                *count += 1;
            }
            if verified(case, &artifact) != expected {
                wrong.push(format!("{name} ({artifact})"));
            }
        }
    }
    println!(
        "conformance client: {} positives, {} negatives",
        counts[1], counts[0]
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        counts[0] >= 48 && counts[1] >= 24,
        "the suite has more cases than {counts:?}"
    );
}
