//! Signatures that were made to be hard to judge (Wycheproof), and post-quantum keys in certificates.

use std::sync::Arc;

use serde_json::Value;
use sovverify::PublicKey;
use sovverify::trust::KeyHash;

use super::bundles::NOW;
use super::manifest::{Manifest, Row};
use super::outcome::{Expected, Outcomes};
use super::{der, made};

/// Every row of the family.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    for row in manifest.all("crypto/wycheproof/") {
        wycheproof(manifest, row, outcomes);
    }
    for row in manifest.all("crypto/mldsa-x509") {
        keys_of_certificates(manifest, row, outcomes);
    }
}

/// Each test as a bundle under the key of its group: accepted when the result is `valid`.
fn wycheproof(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let file: Value = serde_json::from_slice(&manifest.read(&row.path)).unwrap();
    let name = row.path.rsplit('/').next().unwrap();
    let family = format!("crypto {}", name.trim_end_matches("_test.json"));
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let hash = match group["sha"].as_str() {
            Some("SHA-256") => Some(KeyHash::Sha256),
            Some("SHA-384") => Some(KeyHash::Sha384),
            None => None,
            other => panic!("{}: {other:?}", row.path),
        };
        let key = PublicKey::from_spki(&bytes(&group["publicKeyDer"]), hash)
            .map(Arc::new)
            .map_err(|error| format!("key/unsupported: {error}"));
        for test in group["tests"].as_array().unwrap() {
            let (signature, message) = (bytes(&test["sig"]), bytes(&test["msg"]));
            let actual = key.clone().and_then(|key| {
                let anchor = made::key_alone(&key);
                made::verdict(&made::by_key(&signature), &message, anchor, NOW)
            });
            let expected = expected(name, test, &signature);
            let how = format!("test {}", test["tcId"]);
            outcomes.case(row, &family, &how, expected, actual);
            count += 1;
        }
    }
    assert_eq!(file["numberOfTests"], count, "{}", row.path);
}

fn expected(name: &str, test: &Value, signature: &[u8]) -> Expected {
    // The bare pair of numbers is no form in which Sigstore or DSSE write a signature, and none that
    // we claim. A pair that happens to be DER as well may be what it likes.
    if name.contains("_p1363_") {
        return if der::is_one(signature) {
            Expected::Either
        } else {
            Expected::Invalid
        };
    }
    // Nor does Sigstore sign under a context (FIPS 204, section 5.2): a signature that is good under
    // one is none under ours, which is empty.
    if test["ctx"]
        .as_str()
        .is_some_and(|context| !context.is_empty())
    {
        return Expected::Invalid;
    }
    match test["result"].as_str() {
        Some("valid") => Expected::Valid,
        Some("invalid") => Expected::Invalid,
        Some("acceptable") => Expected::Either,
        other => panic!("{name}: {other:?}"),
    }
}

/// The keys in the certificates, each of the algorithm that its file is named for.
fn keys_of_certificates(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    for name in manifest.files(&row.path) {
        let file = manifest.read(&format!("{}/{name}", row.path));
        let [certificate] = der::certificates(&file)
            .try_into()
            .unwrap_or_else(|found| panic!("{name}: {found:?}"));
        let key = PublicKey::from_spki(der::key_of(&certificate).unwrap(), None);
        let actual = key
            .map_err(|error| format!("key/unsupported: {error}"))
            .map(|key| key.algorithm().name().to_owned())
            .and_then(|found| {
                if name.to_lowercase().contains(&found) {
                    Ok(found)
                } else {
                    Err(format!("another algorithm: {found}"))
                }
            });
        outcomes.record_positive(row, &name, actual);
    }
}

fn bytes(hex: &Value) -> Vec<u8> {
    hex::decode(hex.as_str().unwrap()).unwrap()
}
