//! Trust material as instances publish it.

use sovverify::trust::{Requirements, TrustRootOptions, TrustRootParts};
use sovverify::{PublicKey, TrustRoot};

use super::bundles;
use super::manifest::{Manifest, Row};
use super::outcome::Outcomes;

/// Every row of the family that is a format that we claim.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    for row in manifest.all("trust-roots/") {
        match row.kind.as_str() {
            "trusted-root" | "trusted-root-jsonl" => documents(manifest, row, outcomes),
            "pem-trust-anchors" => parts(manifest, row, outcomes),
            "embedded TUF snapshot + DHI public key" => {
                key(manifest, row, "dhi/dhi.pub", outcomes);
            }
            // Its keys verify npm's own attestations, of which `provenance/` has some.
            "npm-registry-keys" => {
                println!(
                    "trust-roots   n/a: {}: a list of keys of npm's own",
                    row.path
                );
            }
            other => panic!("{}: unknown kind {other}", row.path),
        }
    }
}

/// A trusted root, or one a line.
fn documents(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let text = String::from_utf8(manifest.read(&row.path)).unwrap();
    let documents: Vec<&str> = if row.kind == "trusted-root-jsonl" {
        text.lines().collect()
    } else {
        vec![&text]
    };
    for (number, document) in documents.iter().enumerate() {
        let how = if documents.len() > 1 {
            format!("line {}", number + 1)
        } else {
            String::new()
        };
        let root = TrustRoot::from_json(&row.path, document, TrustRootOptions::default());
        let actual = root.map(|root| root.digest().to_string());
        let actual = actual.map_err(|error| format!("trust/malformed: {error}"));
        outcomes.record_positive(row, &how, actual);
        let cut = &document[..document.len() / 2];
        let root = TrustRoot::from_json(&row.path, cut, TrustRootOptions::default());
        let actual = root.map(|root| root.digest().to_string());
        let actual = actual.map_err(|error| format!("trust/malformed: {error}"));
        let how = format!("{how}, cut in half");
        outcomes.record_negative(row, how.trim_start_matches(", "), actual);
    }
    // What other families judge with is read in the same way.
    assert_eq!(
        bundles::roots(manifest, &row.path, Requirements::default()).len(),
        documents.len()
    );
}

/// The parts of a root that were published one by one.
fn parts(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let read = |name: &str| {
        let path = format!("{}/{name}", row.path.trim_end_matches('/'));
        String::from_utf8(manifest.read(&path)).unwrap()
    };
    // The intermediate stands below its root.
    let chain = read("fulcio_intermediate_v1.crt.pem") + &read("fulcio_v1.crt.pem");
    let parts = TrustRootParts {
        certificate_authorities: vec![chain, read("fulcio.crt.pem")],
        transparency_logs: vec![read("rekor.pub")],
        ct_logs: vec![read("ctfe.pub"), read("ctfe_2022.pub")],
        timestamp_authorities: Vec::new(),
    };
    let root = TrustRoot::from_parts(&row.path, &parts, TrustRootOptions::default());
    let actual = root.map(|root| root.digest().to_string());
    let actual = actual.map_err(|error| format!("trust/malformed: {error}"));
    outcomes.record_positive(row, "parts of a trust root", actual);
    key(manifest, row, "artifact.pub", outcomes);
}

fn key(manifest: &Manifest, row: &Row, name: &str, outcomes: &mut Outcomes) {
    let path = format!("{}/{name}", row.path.trim_end_matches('/'));
    let pem = String::from_utf8(manifest.read(&path)).unwrap();
    let actual = PublicKey::from_pem(&pem, None)
        .map(|key| key.fingerprint().to_string())
        .map_err(|error| format!("key/unsupported: {error}"));
    outcomes.record_positive(row, name, actual);
}
