//! Parts of evidence for the targets that change one of them: what each wants is told at the head of
//! its file in `verifier/fuzz/fuzz_targets/`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Seeds, each with its target.
type Parts = Vec<(&'static str, Vec<u8>)>;

/// The object identifier of SCT lists in certificates (RFC 6962, section 3.3), as DER.
const SCT_LIST: [u8; 12] = [
    0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02,
];
/// What the target `sct` replaces by the identifier of its log.
const LOG: [u8; 32] = *b"<the identifier of the one log.>";
/// Where the identifier is in a list: behind two lengths and a version.
const LOG_PLACE: usize = 5;

/// The parts of a Sigstore bundle.
pub(super) fn of_bundle(bundle: &Value) -> Parts {
    let mut parts = Parts::new();
    let material = bundle.get("verificationMaterial").unwrap_or(&Value::Null);
    let chain = material.pointer("/x509CertificateChain/certificates");
    let chain = chain.and_then(Value::as_array).into_iter().flatten();
    for certificate in material.get("certificate").into_iter().chain(chain) {
        let der = bytes(certificate.get("rawBytes"));
        parts.extend(scts(&der));
        parts.push(("certificate", der));
    }
    let stamps = material.pointer("/timestampVerificationData/rfc3161Timestamps");
    for stamp in stamps.and_then(Value::as_array).into_iter().flatten() {
        parts.push(("timestamp", bytes(stamp.get("signedTimestamp"))));
    }
    let entries = material.get("tlogEntries").and_then(Value::as_array);
    for entry in entries.into_iter().flatten() {
        parts.extend(of_entry(entry));
    }
    if let Some(envelope) = bundle.get("dsseEnvelope") {
        let kind = envelope.get("payloadType").and_then(Value::as_str);
        let kind = kind.unwrap_or_default().as_bytes();
        let signature = bytes(envelope.pointer("/signatures/0/sig"));
        parts.push(("envelope", marked(b'j', envelope.to_string().as_bytes())));
        parts.push(("envelope", marked(b't', kind)));
        parts.push(("envelope", marked(b's', &signature)));
        parts.extend(of_payload(&bytes(envelope.get("payload"))));
    }
    parts
}

/// The parts of a log entry.
fn of_entry(entry: &Value) -> Parts {
    let part = |mark, found: &[u8]| ("log_entry", marked(mark, found));
    let note = entry.pointer("/inclusionProof/checkpoint/envelope");
    let note = note.and_then(Value::as_str).unwrap_or_default();
    let promise = entry.pointer("/inclusionPromise/signedEntryTimestamp");
    vec![
        part(b'c', note.as_bytes()),
        part(b'b', &bytes(entry.get("canonicalizedBody"))),
        part(b'h', &bytes(entry.pointer("/inclusionProof/hashes/0"))),
        part(b'p', &bytes(promise)),
        part(b'e', entry.to_string().as_bytes()),
    ]
}

/// A payload that stands in an envelope, and is signed there.
pub(super) fn of_payload(payload: &[u8]) -> Parts {
    [b'p', b'k']
        .map(|mark| ("envelope", marked(mark, payload)))
        .into()
}

/// A payload that stands by itself.
pub(super) fn of_simple_signing(payload: &[u8]) -> Parts {
    [b'l', b'm']
        .map(|mark| ("envelope", marked(mark, payload)))
        .into()
}

/// An envelope that stands by itself.
pub(super) fn of_envelope(envelope: &[u8]) -> Parts {
    vec![("envelope", marked(b'a', envelope))]
}

/// The PEM texts in the annotations of a layer.
pub(super) fn of_annotations<'a>(texts: impl Iterator<Item = &'a Value>) -> Parts {
    let pem = |text: &&str| text.starts_with("-----BEGIN ");
    let texts = texts.filter_map(Value::as_str).filter(pem);
    texts
        .map(|text| ("trust_root", text.as_bytes().to_vec()))
        .collect()
}

/// The SCT list of a certificate with the log's name replaced, and the fields that its log would sign.
fn scts(der: &[u8]) -> Parts {
    let Some(list) = sct_list(der) else {
        return Parts::new();
    };
    let mut named = list.to_vec();
    let end = LOG_PLACE + LOG.len();
    let Some(place) = named.get_mut(LOG_PLACE..end) else {
        return Parts::new();
    };
    place.copy_from_slice(&LOG);
    let time = list.get(end..end + 8).unwrap_or_default();
    // SHA-256 and ECDSA, and no extensions.
    let fields = [time, &[4, 3]].concat();
    vec![("sct", marked(0, &named)), ("sct", marked(1, &fields))]
}

/// The list in a certificate: the value of an OCTET STRING that is the value of another.
fn sct_list(der: &[u8]) -> Option<&[u8]> {
    let place = der
        .windows(SCT_LIST.len())
        .position(|window| window == SCT_LIST)?;
    let value = der.get(place + SCT_LIST.len()..)?;
    octets(octets(value)?)
}

/// The content of the OCTET STRING at the front, whose length has one byte or two.
fn octets(der: &[u8]) -> Option<&[u8]> {
    match der {
        [0x04, 0x81, length, rest @ ..] | [0x04, length @ 0..=0x7f, rest @ ..] => {
            rest.get(..usize::from(*length))
        }
        _ => None,
    }
}

/// The request of an API server to make this object.
pub(super) fn review(object: &Value) -> Vec<u8> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let version = text("apiVersion").unwrap_or("v1");
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "0f2c1c1e-7a3c-4f5e-9a51-5d1c5f1f6f10",
            "kind": { "group": group, "version": "v1", "kind": text("kind").unwrap_or("Pod") },
            "operation": "CREATE",
            "namespace": "team",
            "name": "app",
            "dryRun": false,
            "object": object,
            "oldObject": null,
        },
    });
    review.to_string().into_bytes()
}

fn bytes(value: Option<&Value>) -> Vec<u8> {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    STANDARD.decode(text).unwrap_or_default()
}

/// The bytes behind the one that says what they are; nothing where there are none.
fn marked(mark: u8, bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    [&[mark], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_taken_apart() {
        let bundle = json!({
            "verificationMaterial": {
                "certificate": { "rawBytes": STANDARD.encode("der") },
                "timestampVerificationData": {
                    "rfc3161Timestamps": [{ "signedTimestamp": STANDARD.encode("token") }],
                },
                "tlogEntries": [{ "canonicalizedBody": STANDARD.encode("body") }],
            },
            "dsseEnvelope": { "payload": STANDARD.encode("{}"), "payloadType": "x" },
        });
        let parts = of_bundle(&bundle);
        let has = |target: &str, input: &[u8]| {
            let is_it = |(name, seed): &(&str, Vec<u8>)| *name == target && seed == input;
            parts.iter().any(is_it)
        };
        assert!(has("certificate", b"der"));
        assert!(has("timestamp", b"token"));
        assert!(has("log_entry", b"bbody"));
        assert!(has("envelope", b"tx"));
        assert!(has("envelope", b"p{}"));
        assert!(has("envelope", b"k{}"));
    }

    #[test]
    fn the_log_of_an_sct_is_renamed() {
        let sct = [&[0, 44, 0, 42, 0][..], &[7; 32], &[1; 8], b"s"].concat();
        let length = u8::try_from(sct.len()).unwrap();
        let value = [&[0x04, length + 2, 0x04, length][..], &sct].concat();
        let der = [b"before", &SCT_LIST[..], &value, b"after"].concat();
        let list = [&[0, 0, 44, 0, 42, 0][..], &LOG, &[1; 8], b"s"].concat();
        let fields = [&[1][..], &[1; 8], &[4, 3]].concat();
        assert_eq!(scts(&der), [("sct", list), ("sct", fields)]);
        assert_eq!(scts(b"no certificate"), []);
    }

    #[test]
    fn an_object_is_asked_about_as_what_it_is() {
        let review = review(&json!({ "apiVersion": "apps/v1", "kind": "Deployment" }));
        let review: Value = serde_json::from_slice(&review).unwrap();
        assert_eq!(review["request"]["kind"]["group"], "apps");
        assert_eq!(review["request"]["kind"]["kind"], "Deployment");
        assert_eq!(review["request"]["object"]["apiVersion"], "apps/v1");
    }
}
