//! Paths of certificates by x509-limbo and sigstore-python, judged as own authorities: without log,
//! timestamp and promise, at the time that a case names.
//!
//! Nearly all of these certificates are for servers. Ours have to be for code signing. So a good path of
//! theirs is refused for its purpose, and counted as what it is: not our profile.

use std::sync::Arc;

use serde_json::Value;
use sovverify::{Anchor, TrustRoot};

use super::bundles::NOW;
use super::manifest::{Manifest, Row};
use super::outcome::{Expected, Outcomes};
use super::{der, made};

/// How the refusal of a certificate for another purpose begins, as the borrowed path validation says it.
const PURPOSE: &str = "RequiredEku";

/// Every row of the family that is about certificates.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    for row in manifest.all("x509/limbo/") {
        limbo(manifest, row, outcomes);
    }
    for row in manifest.all("x509/sigstore-python") {
        bogus(manifest, row, outcomes);
    }
}

fn limbo(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let file: Value = serde_json::from_slice(&manifest.read(&row.path)).unwrap();
    let name = row.path.rsplit('/').next().unwrap();
    let family = format!("x509 {}", name.trim_end_matches(".json"));
    for case in file["testcases"].as_array().unwrap() {
        let pem = |value: &Value| der::certificates(value.as_str().unwrap().as_bytes());
        let all = |list: &Value| -> Vec<Vec<Vec<u8>>> {
            list.as_array().into_iter().flatten().map(pem).collect()
        };
        let mut chain = pem(&case["peer_certificate"]);
        chain.extend(all(&case["untrusted_intermediates"]).concat());
        let at = case["validation_time"].as_str().unwrap_or(NOW);
        let root = own(&all(&case["trusted_certs"]));
        let actual = root.and_then(|root| judge(&chain, &root, at));
        let how = case["id"].as_str().unwrap();
        if case["expected_result"] == "SUCCESS" {
            let actual = made::only_for(actual, |why| why.contains(PURPOSE));
            outcomes.case(row, &family, how, Expected::OtherProfile, actual);
        } else {
            // A root that cannot be trusted is never asked, and a path that is too long is not walked.
            let actual = made::only_for(actual, |why| {
                ["certificate/", "key/unsupported", "trust/", "limit/"]
                    .iter()
                    .any(|class| why.starts_with(class))
            });
            outcomes.case(row, &family, how, Expected::Invalid, actual.map_err(apart));
        }
    }
}

/// Tells the refusals apart that are about the purpose alone: behind them lies a fault that was not
/// reached.
fn apart(why: String) -> String {
    if why.contains(PURPOSE) {
        return format!("certificate/untrusted for its purpose: {why}");
    }
    why
}

/// Certificates that are no leaves for code signing, under each that calls itself a root.
fn bogus(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let read = |name: &str| der::certificates(&manifest.read(&format!("{}/{name}", row.path)));
    let names = manifest.files(&row.path);
    for anchor in names.iter().filter(|name| name.contains("-root-")) {
        let root = own(&[read(anchor)]);
        // An operator may trust any certificate: theirs do not, ours does not ask what it is for.
        let read_root = root.clone().map(|_| "read".to_owned());
        outcomes.record_as(row, anchor, Expected::Either, read_root);
        let Ok(root) = root else {
            continue;
        };
        for signer in &names {
            let actual = judge(&read(signer), &root, NOW);
            let actual = made::only_for(actual, |why| why.starts_with("certificate/"));
            let how = format!("{signer} under {anchor}");
            outcomes.record_negative(row, &how, actual);
        }
    }
}

fn own(chains: &[Vec<Vec<u8>>]) -> Result<Arc<TrustRoot>, String> {
    let json = made::authorities("certificateAuthorities", chains);
    made::root(&json, made::BARE)
}

/// Certificates are judged before the signature: what is refused for its signature, which is none, has a
/// good path.
fn judge(chain: &[Vec<u8>], root: &Arc<TrustRoot>, at: &str) -> Result<String, String> {
    let anchor = Anchor::Certificates(Arc::clone(root));
    let actual = made::verdict(&made::by_chain(chain), b"", anchor, at);
    made::good_until(actual, "signature/")
}
