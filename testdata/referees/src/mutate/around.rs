//! Lies about what stands around the signature: version, form, artifact, signer, trusted root.

use serde_json::{Value, json};

use super::Draft;
use super::bytes::put;
use crate::case::{Signer, Subject};
use crate::random::Random;

/// Another version of the bundle, which nothing signs, or a spelling of one.
pub(super) fn media_type(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    const NAMES: [&str; 16] = [
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dev.sigstore.bundle.v0.2+json",
        "application/vnd.dev.sigstore.bundle.v0.1+json",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.dev.sigstore.bundle.v1.0+json",
        "application/vnd.dev.sigstore.bundle.v0.3.1+json",
        "application/vnd.dev.sigstore.bundle.v0.3.0+json",
        "application/vnd.dev.sigstore.bundle+json; version=0.3",
        "application/vnd.dev.sigstore.bundle+json;version=0.4",
        "Application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dev.sigstore.bundle.v0.3+json ",
        "application/json",
        "",
    ];
    let name = *random.pick(&NAMES);
    (draft.tree["mediaType"] != name).then_some(())?;
    put(draft, "/mediaType", name.to_owned())?;
    let told = name.strip_prefix("application/vnd.dev.sigstore.bundle");
    Some(told.unwrap_or(name).to_owned())
}

/// Another form for the same, or two forms at once.
pub(super) fn form(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let way = if random.once_in(2) {
        signer_form(draft, random)?
    } else {
        content_form(draft, random)?
    };
    Some(way.to_owned())
}

const MATERIAL: &str = "/verificationMaterial";

/// Another form of the certificate.
fn signer_form(draft: &mut Draft<'_>, random: &mut Random) -> Option<&'static str> {
    let authorities = certificates_of(&draft.case.root);
    let own = leaf(draft.tree.pointer(MATERIAL)?);
    let foreign = draft.donated.pointer(MATERIAL).and_then(leaf);
    let chain = |certificates: Vec<Value>| {
        let chain = json!({"certificates": certificates});
        ("x509CertificateChain", chain)
    };
    let key = ("publicKey", json!({"hint": "x"}));
    let (way, (name, value)) = match random.below(7) {
        0 => ("chain of the leaf", chain(vec![own?])),
        1 => ("certificate alone", ("certificate", own?)),
        2 => {
            let all = [own?].into_iter().chain(authorities).collect();
            ("chain with the authorities", chain(all))
        }
        3 => ("chain with a foreign leaf", chain(vec![own?, foreign?])),
        4 => ("chain after a foreign leaf", chain(vec![foreign?, own?])),
        5 => ("certificate and key", key),
        _ => ("key and no certificate", key),
    };
    let material = draft.tree.pointer_mut(MATERIAL)?.as_object_mut()?;
    if way != "certificate and key" {
        for signer in ["certificate", "x509CertificateChain", "publicKey"] {
            material.remove(signer);
        }
    }
    material.insert(name.to_owned(), value);
    Some(way)
}

/// Another form of what is signed, or of its times.
fn content_form(draft: &mut Draft<'_>, random: &mut Random) -> Option<&'static str> {
    const STAMPS: &str = "timestampVerificationData";
    let bundle = draft.tree.as_object_mut()?;
    Some(match random.below(4) {
        0 => {
            let contents = ["messageSignature", "dsseEnvelope"];
            let name = contents.iter().find(|name| !bundle.contains_key(**name))?;
            bundle.insert((*name).to_owned(), draft.donated.get(name)?.clone());
            "two contents"
        }
        1 => {
            let signature = draft.tree.pointer_mut("/dsseEnvelope/signatures/0")?;
            let signature = signature.as_object_mut()?;
            signature.insert("keyid".to_owned(), json!("x"));
            "name of a key, which nothing signs"
        }
        way => {
            let material = draft.tree.pointer_mut(MATERIAL)?.as_object_mut()?;
            if way == 2 {
                let stamps = draft.donated.pointer(MATERIAL)?.get(STAMPS)?;
                material.insert(STAMPS.to_owned(), stamps.clone());
                "foreign timestamps"
            } else {
                material.entry(STAMPS).or_insert(json!({}));
                "no timestamps, said aloud"
            }
        }
    })
}

fn leaf(material: &Value) -> Option<Value> {
    let chain = "/x509CertificateChain/certificates/0";
    let found = material
        .get("certificate")
        .or_else(|| material.pointer(chain));
    found.cloned()
}

/// The chain of the first authority in a trusted root.
fn certificates_of(root: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read(root).unwrap_or_default();
    let root: Value = serde_json::from_slice(&text).unwrap_or_default();
    let authorities = root["certificateAuthorities"].as_array();
    let last = authorities.and_then(|list| list.last());
    let chain = last.and_then(|authority| authority.pointer("/certChain/certificates"));
    chain.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Another artifact, or the same one named in another way.
pub(super) fn artifact(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let donor = draft.donor.subject.clone();
    let (way, subject) = match &draft.case.subject {
        Subject::Bytes(bytes) => {
            let mut bytes = bytes.clone();
            let way = match random.below(4) {
                0 => {
                    let at = random.below(bytes.len());
                    *bytes.get_mut(at)? ^= 1_u8 << random.below(8);
                    "one bit"
                }
                1 => {
                    bytes.push(b'\n');
                    "line end"
                }
                2 => {
                    bytes.clear();
                    "nothing"
                }
                _ => {
                    let digest = sovverify_forge::digest_of(&bytes);
                    draft.case.subject = Subject::digest(&digest)?;
                    return Some("its digest".to_owned());
                }
            };
            (way, Subject::Bytes(bytes))
        }
        Subject::Digest { algorithm, hex } => {
            let (mut algorithm, mut hex) = (algorithm.clone(), hex.clone());
            let way = match random.below(3) {
                0 => {
                    let other = if hex.starts_with('0') { "1" } else { "0" };
                    hex.replace_range(..1, other);
                    "one digit"
                }
                1 => {
                    hex.truncate(hex.len() - 2);
                    "a byte less"
                }
                _ => {
                    "sha384".clone_into(&mut algorithm);
                    "other algorithm"
                }
            };
            (way, Subject::Digest { algorithm, hex })
        }
    };
    if random.once_in(4) && donor != draft.case.subject {
        draft.case.subject = donor;
        return Some("of another".to_owned());
    }
    (subject != draft.case.subject).then_some(())?;
    draft.case.subject = subject;
    Some(way.to_owned())
}

/// Another signer, or the right one nearly.
pub(super) fn signer(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    if random.once_in(4) && draft.donor.signer != draft.case.signer {
        draft.case.signer = draft.donor.signer.clone();
        return Some("of another".to_owned());
    }
    let Signer::Identity { identity, issuer } = &mut draft.case.signer else {
        return None;
    };
    let what = if random.once_in(2) {
        "issuer"
    } else {
        "identity"
    };
    let text = if what == "issuer" { issuer } else { identity };
    let (way, changed) = match random.below(8) {
        0 => ("upper case", text.to_uppercase()),
        1 => ("beginning", text[..text.len() - 1].to_owned()),
        2 => ("end", text[1..].to_owned()),
        3 => ("slash after", format!("{text}/")),
        4 => ("pattern", ".*".to_owned()),
        5 => ("dots for anything", text.replace(['/', '-'], ".")),
        6 => ("space after", format!("{text} ")),
        _ => ("zero byte", format!("{text}%00")),
    };
    (changed != *text).then(|| *text = changed)?;
    Some(format!("{what}, {way}"))
}

/// The trusted root of another instance, or an older one.
pub(super) fn root(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let other = random.among(&draft.bases.roots)?.clone();
    (other != draft.case.root).then(|| draft.case.root = other)?;
    Some("of another instance".to_owned())
}
