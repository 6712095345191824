//! RFC 3161 tokens by other authorities, each as the only timestamp of a bundle whose signature is
//! what was stamped.
//!
//! Timestamps are judged before the signature. So a token is good when what is refused is the signature,
//! which is no signature, and bad when the refusal is about the timestamp. Responses go in as they are:
//! a bundle may carry a whole `TimeStampResp`, or the token in it.

use std::sync::Arc;

use serde_json::Value;
use sovverify::trust::Requirements;
use sovverify::{Anchor, PublicKey, TrustRoot};
use sovverify_forge::{Key, KeyKind};

use super::bundles::NOW;
use super::manifest::{Manifest, Row};
use super::outcome::{Expected, Outcomes};
use super::{der, made};

/// What the last authority of each suite stamped, by the beginning of the file's name.
const FREE_TSA: &str = "TimeStampTokenWithSigningCertificateV1NoCert";

/// Every row of the family.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    for row in manifest.all("tsa/") {
        match row.path.as_str() {
            "tsa/tspclient-go" => tspclient(manifest, row, outcomes),
            "tsa/rfc3161-client" => rfc3161_client(manifest, row, outcomes),
            "tsa/sigstore-java" => sigstore_java(manifest, row, outcomes),
            other => panic!("{other}: unknown"),
        }
    }
}

/// Tokens of `GlobalSign`, and one of `FreeTSA`, each but two with something broken in it.
fn tspclient(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let read = |name: &str| manifest.read(&format!("{}/{name}", row.path));
    let mut chain = der::certificates_in(&read("testdata__TimeStampToken.p7s")).unwrap();
    // The last one is the root, which lies beside the tokens too.
    let anchor = der::certificates(&read("testdata__GlobalSignRootCA.crt"));
    assert_eq!(chain.pop().as_slice(), anchor, "{}", row.path);
    chain.extend(anchor);
    let global_sign = authority(&chain);
    for name in manifest.files(&row.path) {
        if name.contains("RootCA") {
            continue;
        }
        let token = read(&name);
        let short = name.rsplit("__").next().unwrap();
        let (root, message) = if short.starts_with(FREE_TSA) {
            let own = der::certificates_in(&token).unwrap();
            (authority(&own), &b"test"[..])
        } else {
            (Arc::clone(&global_sign), &b"notation"[..])
        };
        let actual = judge(&token, message, &root);
        outcomes.record_as(row, &name, expected_by_name(short), actual);
    }
}

fn expected_by_name(name: &str) -> Expected {
    match name.split('.').next().unwrap() {
        "TimeStampToken" | "granted" => Expected::Valid,
        // Their suite looks at one attribute of each and does not say whether the rest is good.
        "TimeStampTokenWithSigningTime" | FREE_TSA => Expected::Either,
        _ => Expected::Invalid,
    }
}

/// Responses of a local authority with an elliptic key, and one of `IdenTrust`.
fn rfc3161_client(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    const STAMPED: &[u8] = b"hello";
    const OTHER: &[u8] = b"hallo";
    let read = |name: &str| manifest.read(&format!("{}/{name}", row.path));
    let chain = der::certificates(&read("test_tsa/ts_chain.pem"));
    let root = authority(&chain);
    for name in ["test_tsa/response.tsr", "test_tsa/other_response.tsr"] {
        let token = read(name);
        outcomes.record_positive(row, name, judge(&token, STAMPED, &root));
        let how = format!("{name}, over other bytes");
        outcomes.record_negative(row, &how, judge(&token, OTHER, &root));
        let mut changed = token;
        *changed.last_mut().unwrap() ^= 1;
        let how = format!("{name}, last bit flipped");
        outcomes.record_negative(row, &how, judge(&changed, STAMPED, &root));
    }
    // What was injected are certificates that nothing signs: a leaf by the name of the authority, and
    // one by a name that a careless verifier is told to look for.
    let name = "test_tsa/response-injected-certs.tsr";
    let token = read(name);
    outcomes.record_negative(row, name, judge(&token, STAMPED, &root));
    for (number, injected) in der::certificates_in(&token).unwrap().iter().enumerate() {
        if *injected == chain[0] {
            continue;
        }
        let mut spoofed = chain.clone();
        spoofed[0].clone_from(injected);
        let how = format!("{name}, trusting certificate {number}");
        outcomes.record_negative(row, &how, judge(&token, STAMPED, &authority(&spoofed)));
    }
    let name = "identrust/issue-104.tsr";
    let token = read(name);
    let mut chain = der::certificates_in(&token).unwrap();
    chain.extend(der::certificates(&read("identrust/ts_chain.pem")));
    outcomes.record_positive(row, name, judge(&token, STAMPED, &authority(&chain)));
}

/// Responses of `FreeTSA`, and of Sigstore's authorities under the trust roots that name them.
fn sigstore_java(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let published = |path: &str| {
        let root: Value = serde_json::from_slice(&manifest.read(path)).unwrap();
        let only = serde_json::json!({
            "mediaType": root["mediaType"],
            "timestampAuthorities": root["timestampAuthorities"],
        });
        made::root(&only, timed()).unwrap()
    };
    for name in manifest.files(&row.path) {
        let token = manifest.read(&format!("{}/{name}", row.path));
        let root = if name.contains("freetsa") {
            authority(&der::certificates_in(&token).unwrap())
        } else if name.contains("sigstage") {
            published("trust-roots/sigstore-staging/trusted_root.json")
        } else {
            published("trust-roots/sigstore-public-good/trusted_root.json")
        };
        // Their suite does not say what was stamped, and does not ask. For one it is found by its hash.
        let actual = judge(&token, b"test\n", &root);
        assert!(name.contains("__valid__"), "{name}");
        outcomes.record_positive(row, &name, actual);
    }
}

/// A trust root that knows one timestamp authority and nothing else.
fn authority(chain: &[Vec<u8>]) -> Arc<TrustRoot> {
    let json = made::authorities("timestampAuthorities", &[chain.to_vec()]);
    made::root(&json, timed()).unwrap()
}

fn timed() -> Requirements {
    Requirements {
        timestamps: 1,
        ..made::BARE
    }
}

fn judge(token: &[u8], stamped: &[u8], root: &Arc<TrustRoot>) -> Result<String, String> {
    let mut bundle = made::by_key(stamped);
    bundle["verificationMaterial"]["timestampVerificationData"] = serde_json::json!({
        "rfc3161Timestamps": [{ "signedTimestamp": made::base64(token) }],
    });
    let key = Key::generate(KeyKind::EcdsaP256);
    let anchor = Anchor::Key {
        key: Arc::new(PublicKey::from_pem(&key.public_pem(), None).unwrap()),
        root: Some(Arc::clone(root)),
    };
    made::good_until(made::verdict(&bundle, b"", anchor, NOW), "signature/")
}
