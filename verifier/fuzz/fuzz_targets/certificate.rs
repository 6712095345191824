//! Any bytes as the certificate of an honest bundle, and as one more in its chain: another certificate
//! is never accepted in place of the signer's, and one that is put beside it changes nothing.

#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use sovverify_fuzz::honest::{Honest, World};

const LEAF: &str = "/verificationMaterial/certificate/rawBytes";
const CHAIN: &str = "/verificationMaterial/x509CertificateChain/certificates";

static WORLD: LazyLock<World> = LazyLock::new(World::of_cases);
static ALONE: LazyLock<Honest> = LazyLock::new(|| Honest::of_case("timestamped", &WORLD));
static CHAINED: LazyLock<Honest> = LazyLock::new(|| Honest::of_case("bundle-v01", &WORLD));

fuzz_target!(|certificate: &[u8]| {
    let accepted = ALONE.accepts(&WORLD, &ALONE.with_bytes(LEAF, certificate));
    assert_eq!(accepted, certificate == ALONE.bytes(LEAF));
    let leaf = CHAINED.bytes(&format!("{CHAIN}/0/rawBytes"));
    let raw = |der: &[u8]| json!({ "rawBytes": STANDARD.encode(der) });
    let chain = json!([raw(&leaf), raw(certificate)]);
    CHAINED.accepts(&WORLD, &CHAINED.with(CHAIN, chain));
});
