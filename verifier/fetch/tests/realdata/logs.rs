//! Checkpoints, Merkle proofs, and a certificate with an embedded promise of a CT log.

use serde_json::{Value, json};
use sigstore_merkle::{verify_consistency_proof, verify_inclusion_proof};
use sigstore_types::Sha256Hash;
use sovverify::Anchor;
use sovverify::trust::{Requirements, Sct};
use sovverify_forge::{Forge, SIGNING_TIME, at, days};

use super::bundles::NOW;
use super::manifest::{Manifest, Row};
use super::outcome::{Expected, Outcomes};
use super::{der, made};

/// Every row of the family.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    for row in manifest.all("tlog/") {
        match row.path.as_str() {
            "tlog/checkpoints" => checkpoints(manifest, row, outcomes),
            "tlog/merkle" => merkle(manifest, row, outcomes),
            "tlog/ct" => embedded_promise(manifest, row, outcomes),
            other => panic!("{other}: unknown"),
        }
    }
}

/// Each checkpoint in the log entry of an otherwise honest bundle, under a trust root that knows the log
/// whose checkpoint it is.
///
/// Nobody can prove that our entry is in that log. But the form of a checkpoint is judged before the
/// proof, and the proof before the signature on the checkpoint: so one of good form is refused for its
/// proof, and one of bad form before that.
fn checkpoints(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    const ROOT: &str = "trust-roots/sigstore-public-good/trusted_root.json";
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let honest = forge.keyless(time).message(b"").json();
    let mut trusted = forge.trusted_root().json();
    let published: Value = serde_json::from_slice(&manifest.read(ROOT)).unwrap();
    let theirs = published["tlogs"].as_array().unwrap();
    let ours = trusted["tlogs"].as_array_mut().unwrap();
    ours.extend(theirs.iter().cloned());
    let root = made::root(&trusted, Requirements::default()).unwrap();
    let judge = |bundle: &Value| {
        let anchor = Anchor::Certificates(std::sync::Arc::clone(&root));
        made::verdict(bundle, b"", anchor, NOW)
    };
    outcomes.record_positive(row, "with its own checkpoint", judge(&honest));
    for name in manifest.files(&row.path) {
        let note = String::from_utf8(manifest.read(&format!("{}/{name}", row.path))).unwrap();
        let mut bundle = honest.clone();
        let proof = &mut bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"];
        // Size and root of all these checkpoints, where they have them.
        proof["treeSize"] = json!("37795272");
        proof["rootHash"] = json!("60ll7idWI1jYRZzxc+jKflYoW+4jWxgZaGR15ASsWt4=");
        proof["checkpoint"] = json!({ "envelope": note });
        let actual = judge(&bundle);
        if name.starts_with("valid") {
            let actual = made::good_until(actual, "transparency/proof-invalid");
            outcomes.record_positive(row, &name, actual);
        } else {
            // The reader of bundles looks at the form first, and ours at what that passes over.
            let is_form = |why: &str| {
                why.starts_with("transparency/checkpoint-invalid")
                    || why.contains("found Invalid checkpoint format")
            };
            outcomes.record_negative(row, &name, made::only_for(actual, is_form));
        }
    }
}

/// Proofs are about leaves whose content nobody tells, so they cannot stand in a bundle. They go to the
/// function that production calls for inclusion; and to its sister for consistency, which production does
/// not call: a verdict is about one tree.
fn merkle(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    for name in manifest.files(&row.path) {
        let file = manifest.read(&format!("{}/{name}", row.path));
        let case: Value = serde_json::from_slice(&file).unwrap();
        let number = |field: &str| case[field].as_u64().unwrap();
        let proof: Option<Vec<Sha256Hash>> = case["proof"]
            .as_array()
            .into_iter()
            .flatten()
            .map(hash)
            .collect();
        let (family, verified) = if name.starts_with("inclusion/") {
            let (leaf, root) = (hash(&case["leafHash"]), hash(&case["root"]));
            let verified = proof.zip(leaf.zip(root)).map(|(proof, (leaf, root))| {
                let (index, size) = (number("leafIdx"), number("treeSize"));
                verify_inclusion_proof(&leaf, index, size, &proof, &root)
            });
            ("tlog merkle inclusion", verified)
        } else {
            let (old, new) = (hash(&case["root1"]), hash(&case["root2"]));
            let verified = proof.zip(old.zip(new)).map(|(proof, (old, new))| {
                let (before, after) = (number("size1"), number("size2"));
                verify_consistency_proof(before, after, &proof, &old, &new)
            });
            ("tlog merkle consistency", verified)
        };
        let actual = match verified {
            Some(Ok(())) => Ok("proven".to_owned()),
            Some(Err(error)) => Err(format!("{error:?}")
                .split([' ', '{'])
                .next()
                .unwrap_or_default()
                .to_owned()),
            None => Err("a hash of another length".to_owned()),
        };
        let expected = if case["wantErr"].as_bool().unwrap() {
            Expected::Invalid
        } else {
            Expected::Valid
        };
        outcomes.case(row, family, &name, expected, actual);
    }
}

fn hash(base64: &Value) -> Option<Sha256Hash> {
    Sha256Hash::from_base64(base64.as_str()?).ok()
}

/// The log's key is read. The certificates are for keys of 1024 bits, without any purpose, and signed
/// with SHA-1: nobody's code-signing certificates, so that their promise is never looked at. Those in the
/// certificates of `bundles/` and `conformance/` are.
fn embedded_promise(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let read = |name: &str| manifest.read(&format!("{}/{name}", row.path));
    let chain = der::certificates(&read("ca-cert.pem"));
    let log = String::from_utf8(read("ct-server-key-public.pem")).unwrap();
    let parts = sovverify::trust::TrustRootParts {
        certificate_authorities: vec![String::from_utf8(read("ca-cert.pem")).unwrap()],
        ct_logs: vec![log],
        ..Default::default()
    };
    let options = sovverify::trust::TrustRootOptions {
        requirements: Requirements {
            sct: Sct::Required,
            ..made::BARE
        },
        expires: None,
    };
    let root = sovverify::TrustRoot::from_parts("ct", &parts, options);
    let root = root.map(std::sync::Arc::new);
    let read_key = root.as_ref().map(|_| "read".to_owned());
    let read_key = read_key.map_err(|error| format!("trust/malformed: {error}"));
    outcomes.record_positive(row, "ct-server-key-public.pem", read_key);
    let root = root.unwrap();
    for name in [
        "cert-ct-embedded.pem",
        "cert-ct-poisoned.pem",
        "cert.pem",
        "ca-cert.pem",
    ] {
        let mut signer = der::certificates(&read(name));
        signer.extend(chain.iter().cloned());
        let anchor = Anchor::Certificates(std::sync::Arc::clone(&root));
        // While they were valid.
        let actual = made::verdict(
            &made::by_chain(&signer),
            b"",
            anchor,
            "2013-06-01T00:00:00Z",
        );
        let actual = made::only_for(actual, |why| {
            why.starts_with("key/unsupported") || why.starts_with("certificate/")
        });
        outcomes.record_as(row, name, Expected::OtherProfile, actual);
    }
}
