//! JSON by others: what every parser must accept and refuse (`JSONTestSuite`), the canonical form
//! (RFC 8785), and what a DSSE envelope signs.

use std::sync::Arc;

use serde_json::Value;
use sovverify::workload::Json;
use sovverify::{Digest, PinnedImage, PublicKey, TrustRoot};
use sovverify_forge::{Forge, IN_TOTO, Key, KeyKind, SIGNING_TIME, at, digest_of};

use super::bundles::{self, NOW};
use super::manifest::{Manifest, Row};
use super::outcome::{Expected, Outcomes};
use super::{der, made};

/// Every row of the family.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    for row in manifest.all("json/") {
        match row.path.as_str() {
            "json/JSONTestSuite" => suite(manifest, row, outcomes),
            "json/jcs" => canonical(manifest, row, outcomes),
            "json/dsse/protocol.md" => envelope(manifest, row, outcomes),
            other => panic!("{other}: unknown"),
        }
    }
}

/// Each document through every reader: those that take any JSON accept and refuse as the suite says, and
/// those that want a certain document refuse all. None panics.
fn suite(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let attester = Attester::new();
    for name in manifest.files(&row.path) {
        let text = manifest.read(&format!("{}/{name}", row.path));
        let expected = match name.split('_').next() {
            Some("y") => Expected::Valid,
            Some("n") => Expected::Invalid,
            Some("i") => Expected::Either,
            _ => panic!("{name}: unknown"),
        };
        let object = std::str::from_utf8(&text)
            .map_err(|error| format!("not UTF-8: {error}"))
            .and_then(|text| match serde_json::from_str::<Json<'_>>(text) {
                Ok(_) => Ok("read".to_owned()),
                Err(error) => Err(format!("malformed: {error}")),
            });
        let how = format!("{name}, as an object of a cluster");
        outcomes.case(row, "json as an object", &how, expected, object);
        let how = format!("{name}, in a predicate");
        let read = attester.judge(&text);
        outcomes.case(row, "json in a predicate", &how, expected, read);
        for (reader, read) in READERS {
            let family = format!("json as a {reader}");
            let how = format!("{name}, as a {reader}");
            outcomes.case(row, &family, &how, Expected::Invalid, read(&text));
        }
    }
}

type Reader = fn(&[u8]) -> Result<String, String>;

/// Readers of a certain document. None of these documents is one.
const READERS: [(&str, Reader); 4] = [
    ("bundle", |text| {
        let key = Key::generate(KeyKind::Ed25519);
        let key = Arc::new(PublicKey::from_pem(&key.public_pem(), None).unwrap());
        let artifact = sovverify::verify::Artifact::Bytes(b"");
        bundles::verify(text, &artifact, made::key_alone(&key), NOW).map(|who| who.to_string())
    }),
    ("manifest", |text| {
        PinnedImage::pin("image".into(), None, Digest::sha256(text), text, None)
            .map(|image| image.digest().to_string())
            .map_err(|error| format!("image/not-an-image: {error}"))
    }),
    ("trust root", |text| {
        let text = String::from_utf8_lossy(text);
        TrustRoot::from_json(
            "suite",
            &text,
            sovverify::trust::TrustRootOptions::default(),
        )
        .map(|root| root.digest().to_string())
        .map_err(|error| format!("trust/malformed: {error}"))
    }),
    ("VEX document", |text| {
        sovverify::vex::read(text)
            .map(|_| "read".to_owned())
            .map_err(|error| format!("{}: {}", error.code, error.found))
    }),
];

/// Somebody who attests to anything.
struct Attester {
    forge: Forge,
    key: Key,
    held: Arc<PublicKey>,
}

impl Attester {
    const ARTIFACT: &[u8] = b"an artifact";

    fn new() -> Self {
        let key = Key::generate(KeyKind::Ed25519);
        let held = Arc::new(PublicKey::from_pem(&key.public_pem(), None).unwrap());
        Self {
            forge: Forge::new(at(SIGNING_TIME)),
            key,
            held,
        }
    }

    /// The verdict on a statement whose predicate holds `text` as it is.
    fn judge(&self, text: &[u8]) -> Result<String, String> {
        let digest = digest_of(Self::ARTIFACT);
        let before = serde_json::json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "digest": { "sha256": digest.trim_start_matches("sha256:") } }],
            "predicateType": "https://forge.example/any",
        });
        let before = before.to_string();
        let before = before.strip_suffix('}').unwrap();
        let payload = [
            format!("{before},\"predicate\":{{\"value\":").as_bytes(),
            text,
            b"}}",
        ]
        .concat();
        let signing = self.forge.keyed(&self.key, at(SIGNING_TIME)).unlogged();
        let bundle = signing.envelope(IN_TOTO, &payload).json();
        made::verdict(&bundle, Self::ARTIFACT, made::key_alone(&self.held), NOW)
    }
}

/// The canonical form by the crate that the second opinion calls for signed entry timestamps. Our own
/// first opinion writes its four members down in order, and needs no canonical form of anything else.
fn canonical(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    for name in manifest.files(&format!("{}/input", row.path)) {
        let read =
            |folder: &str, name: &str| manifest.read(&format!("{}/{folder}/{name}", row.path));
        let input: Value = serde_json::from_slice(&read("input", &name)).unwrap();
        let ours = serde_json_canonicalizer::to_vec(&input).unwrap();
        let compare = |theirs: &[u8]| {
            if ours == theirs {
                Ok("the same bytes".to_owned())
            } else {
                Err(format!("other bytes: {}", String::from_utf8_lossy(&ours)))
            }
        };
        outcomes.record_positive(row, &name, compare(&read("output", &name)));
        let hex = String::from_utf8(read("outhex", &name.replace(".json", ".txt"))).unwrap();
        let hex: String = hex.split_whitespace().collect();
        let how = format!("{name}, by its bytes");
        outcomes.record_positive(row, &how, compare(&hex::decode(hex).unwrap()));
    }
}

/// The example of the specification: its envelope verifies with its key when the bytes that we hash are
/// the encoding that it shows, and no other.
///
/// Its payload is no in-toto statement, so that a later check refuses it. Its signature is a bare pair
/// of numbers, which is no form that we claim, and is written as DER here.
fn envelope(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let text = String::from_utf8(manifest.read(&row.path)).unwrap();
    let vectors = text.split_once("## Test Vectors").unwrap().1;
    let block = |title: &str| -> &str {
        let rest = vectors.split_once(title).unwrap().1;
        let (_, rest) = rest.split_once("```").unwrap();
        let (_, rest) = rest.split_once('\n').unwrap();
        rest.split_once("\n```").unwrap().0
    };
    let envelope: Value = serde_json::from_str(block("Result")).unwrap();
    let encoding = block("PAE:");
    let shown = sovverify_forge::Envelope {
        payload_type: block("PAYLOAD_TYPE:").to_owned(),
        payload: block("SERIALIZED_BODY:").as_bytes().to_vec(),
        signatures: Vec::new(),
    };
    assert_eq!(String::from_utf8(shown.pae()).unwrap(), encoding);

    let coordinate = |name: &str| {
        let keys = block("Cryptographic keys:");
        let line = keys.lines().find(|line| line.starts_with(name)).unwrap();
        number(line.trim_start_matches(name).trim())
    };
    // A point on P-256, not compressed (RFC 5480, section 2.2).
    let mut spki = hex::decode("3059301306072a8648ce3d020106082a8648ce3d03010703420004").unwrap();
    spki.extend(coordinate("X:"));
    spki.extend(coordinate("Y:"));
    let key = Arc::new(PublicKey::from_spki(&spki, None).unwrap());

    let judge = |change: &dyn Fn(&mut Value)| {
        let mut envelope = envelope.clone();
        change(&mut envelope);
        let bundle = serde_json::json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": { "publicKey": { "hint": "" }, "tlogEntries": [] },
            "dsseEnvelope": envelope,
        });
        let actual = made::verdict(&bundle, b"", made::key_alone(&key), NOW);
        made::good_until(actual, "subject/malformed: expected payload type")
    };
    let as_der = |envelope: &mut Value| {
        let pair = envelope["signatures"][0]["sig"].as_str().unwrap();
        let pair = made::decode(pair);
        envelope["signatures"][0]["sig"] = made::base64(&der::ecdsa(&pair)).into();
    };
    outcomes.record_positive(row, "as DER", judge(&as_der));
    outcomes.record_negative(row, "as a pair of numbers", judge(&|_| ()));
    for (how, field, value) in [
        ("another payload", "payload", made::base64(b"hello world!")),
        ("another type", "payloadType", "http://example.com/".into()),
    ] {
        let actual = judge(&|envelope| {
            as_der(envelope);
            envelope[field] = value.clone().into();
        });
        let actual = made::only_for(actual, |why| why.starts_with("signature/invalid"));
        outcomes.record_negative(row, how, actual);
    }
}

/// A decimal number as 32 bytes.
fn number(decimal: &str) -> [u8; 32] {
    let mut bytes = [0_u8; 32];
    for digit in decimal.chars() {
        let mut carry = digit.to_digit(10).unwrap();
        for byte in bytes.iter_mut().rev() {
            let sum = u32::from(*byte) * 10 + carry;
            *byte = u8::try_from(sum % 256).unwrap();
            carry = sum / 256;
        }
        assert_eq!(carry, 0, "{decimal}: too large");
    }
    bytes
}
