//! Log entry bodies, and their binding to the signature that they travel with.
//!
//! A log entry that is about another signature, key or artifact proves nothing (CVE-2022-36056,
//! CVE-2026-22703), so every field is compared with ours, in every mode.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;

use super::spec::{
    Body, DsseV001, Hash, HashedRekordV001, HashedRekordV002, HashedV002, IntotoEnvelope,
    IntotoV001, IntotoV002,
};
use crate::code::Code;
use crate::digest::Digest;
use crate::trust::PublicKey;
use crate::verify::artifact::Hashed;
use crate::verify::bundle::shorten;
use crate::verify::material::{EntryKind, LogEntry, Material, SignedContent, SignerMaterial};
use crate::verify::rejected::{Checked, Rejected};

/// Binds every log entry of `material` to its signature, its key and its artifact.
pub(in crate::verify) fn bind(
    material: &Material,
    key: &PublicKey,
    artifact: &Hashed<'_>,
) -> Checked<()> {
    let ours = Ours {
        material,
        key,
        artifact,
    };
    material
        .entries
        .iter()
        .try_for_each(|entry| ours.bind(entry))
}

/// Whether a hashedrekord entry names its artifact by SHA-256, as nearly all do.
pub(in crate::verify) fn names_sha256(entry: &LogEntry) -> bool {
    match entry.kind {
        EntryKind::HashedRekordV001 => {
            parse::<HashedRekordV001>(entry).is_ok_and(|spec| spec.data.hash.algorithm == "sha256")
        }
        _ => true,
    }
}

/// What an entry must be about.
struct Ours<'a> {
    material: &'a Material,
    key: &'a PublicKey,
    artifact: &'a Hashed<'a>,
}

impl Ours<'_> {
    fn bind(&self, entry: &LogEntry) -> Checked<()> {
        match (entry.kind, &self.material.content) {
            (EntryKind::HashedRekordV001, _) => self.hashedrekord_v001(&parse(entry)?),
            (EntryKind::HashedRekordV002, _) => self.hashedrekord_v002(&parse(entry)?),
            (EntryKind::DsseV001, SignedContent::Envelope { .. }) => self.dsse_v001(&parse(entry)?),
            (EntryKind::IntotoV001, SignedContent::Envelope { .. }) => {
                self.intoto_v001(&parse(entry)?)
            }
            (EntryKind::IntotoV002, SignedContent::Envelope { .. }) => {
                self.intoto_v002(&parse(entry)?)
            }
            (kind, SignedContent::Message { .. }) => Err(Rejected::new(
                Code::TransparencyEntryMismatch,
                "an entry of kind hashedrekord for a message signature",
                kind.kind(),
            )),
        }
    }

    fn hashedrekord_v001(&self, spec: &HashedRekordV001) -> Checked<()> {
        self.signature_is(&decode(&spec.signature.content)?)?;
        self.verifier_is_pem(&spec.signature.public_key.content)?;
        self.signed_bytes_are(&digest(&spec.data.hash)?)
    }

    fn hashedrekord_v002(&self, spec: &HashedRekordV002) -> Checked<()> {
        let HashedV002 { data, signature } = &spec.inner;
        self.signature_is(&decode(&signature.content)?)?;
        match (
            &signature.verifier.x509_certificate,
            &signature.verifier.public_key,
        ) {
            (Some(certificate), None) => {
                self.verifier_is_certificate(&decode(&certificate.raw_bytes)?)?;
            }
            (None, Some(key)) => self.verifier_is_key(&decode(&key.raw_bytes)?)?,
            _ => {
                return Err(malformed(
                    "one certificate or one public key",
                    "both or neither",
                ));
            }
        }
        let name = match data.algorithm.as_str() {
            "SHA2_256" => "sha256",
            "SHA2_384" => "sha384",
            "SHA2_512" => "sha512",
            other => {
                return Err(malformed(
                    "a digest of SHA2_256, SHA2_384 or SHA2_512",
                    other,
                ));
            }
        };
        let value = hex::encode(decode(&data.digest)?);
        self.signed_bytes_are(&digest(&Hash {
            algorithm: name.to_owned(),
            value,
        })?)
    }

    fn dsse_v001(&self, spec: &DsseV001) -> Checked<()> {
        let [signature] = spec.signatures.as_slice() else {
            return Err(malformed(
                "one signature",
                &spec.signatures.len().to_string(),
            ));
        };
        self.signature_is(&decode(&signature.signature)?)?;
        self.verifier_is_pem(&signature.verifier)?;
        self.payload_is(&digest(&spec.payload_hash)?)
    }

    /// This kind holds no signature; the hash of the whole envelope binds it instead.
    fn intoto_v001(&self, spec: &IntotoV001) -> Checked<()> {
        self.verifier_is_pem(&spec.public_key)?;
        self.payload_is(&digest(&spec.content.payload_hash)?)?;
        let SignedContent::Envelope {
            bytes_digest: Some(ours),
            ..
        } = &self.material.content
        else {
            return Err(mismatch(
                "an envelope published as the bytes that were logged",
                "another form",
            ));
        };
        let logged = digest(&spec.content.hash)?;
        same("the envelope", &logged.to_string(), &ours.to_string())
    }

    fn intoto_v002(&self, spec: &IntotoV002) -> Checked<()> {
        let IntotoEnvelope {
            payload_type,
            signatures,
        } = &spec.content.envelope;
        let [signature] = signatures.as_slice() else {
            return Err(malformed("one signature", &signatures.len().to_string()));
        };
        // The canonical body holds the envelope's base64 text as bytes: it is encoded twice.
        let once = decode(&signature.sig)?;
        let text = String::from_utf8(once).map_err(|_| malformed("base64 text", "other bytes"))?;
        self.signature_is(&decode(&text)?)?;
        self.verifier_is_pem(&signature.public_key)?;
        if let SignedContent::Envelope { envelope, .. } = &self.material.content {
            same("the payload type", payload_type, &envelope.payload_type)?;
        }
        self.payload_is(&digest(&spec.content.payload_hash)?)
    }

    fn signature_is(&self, logged: &[u8]) -> Checked<()> {
        let ours = self.material.content.signature().as_bytes();
        if logged == ours {
            return Ok(());
        }
        let text = |bytes: &[u8]| format!("signature {}", shorten(&hex::encode(bytes)));
        Err(mismatch(&text(ours), &text(logged)))
    }

    fn payload_is(&self, logged: &Digest) -> Checked<()> {
        let SignedContent::Envelope { envelope, .. } = &self.material.content else {
            return Err(mismatch("a payload", "a message signature"));
        };
        let ours = logged.algorithm().digest(envelope.payload.as_bytes());
        same("the payload", &logged.to_string(), &ours.to_string())
    }

    /// hashedrekord names what the signature is over: the artifact, or the DSSE pre-authentication
    /// encoding.
    fn signed_bytes_are(&self, logged: &Digest) -> Checked<()> {
        let pae;
        let ours = match &self.material.content {
            SignedContent::Envelope { envelope, .. } => {
                pae = logged.algorithm().digest(&envelope.pae());
                Some(&pae)
            }
            SignedContent::Message { .. } => self.artifact.digest(logged.algorithm()),
        };
        let Some(ours) = ours else {
            let expected = format!(
                "the artifact itself, or its {} digest",
                logged.algorithm().name()
            );
            return Err(mismatch(&expected, "a digest of another algorithm"));
        };
        same("the artifact", &logged.to_string(), &ours.to_string())
    }

    fn verifier_is_pem(&self, encoded: &str) -> Checked<()> {
        let pem = String::from_utf8(decode(encoded)?)
            .map_err(|_| malformed("a PEM verifier", "other bytes"))?;
        match pem_block(&pem) {
            Some(("CERTIFICATE", der)) => self.verifier_is_certificate(&decode(&der)?),
            Some(("PUBLIC KEY", der)) => self.verifier_is_key(&decode(&der)?),
            _ => {
                let expected = "one PEM block with a certificate or public key";
                Err(malformed(expected, "something else"))
            }
        }
    }

    fn verifier_is_certificate(&self, logged: &[u8]) -> Checked<()> {
        match &self.material.signer {
            SignerMaterial::Certificate { leaf, .. } if leaf.as_bytes() == logged => Ok(()),
            SignerMaterial::Certificate { leaf, .. } => Err(mismatch(
                &format!("certificate {}", Digest::sha256(leaf.as_bytes())),
                &format!("certificate {}", Digest::sha256(logged)),
            )),
            SignerMaterial::PublicKey => Err(mismatch("a public key", "a certificate")),
        }
    }

    fn verifier_is_key(&self, logged: &[u8]) -> Checked<()> {
        same(
            "the key",
            &Digest::sha256(logged).to_string(),
            &self.key.fingerprint().to_string(),
        )
    }
}

/// The label and the base64 of the one PEM block (RFC 7468) that is all of `text`.
fn pem_block(text: &str) -> Option<(&str, String)> {
    let (label, rest) = text
        .trim_ascii()
        .strip_prefix("-----BEGIN ")?
        .split_once("-----")?;
    let base64 = rest
        .strip_suffix("-----")?
        .strip_suffix(label)?
        .strip_suffix("-----END ")?;
    Some((label, base64.split_ascii_whitespace().collect()))
}

fn parse<S: DeserializeOwned>(entry: &LogEntry) -> Checked<S> {
    let body: Body<S> = crate::json::from_slice(&entry.body)
        .map_err(|error| malformed("a log entry body (JSON)", &error.to_string()))?;
    let (kind, version) = (entry.kind.kind(), entry.kind.version());
    if body.kind == kind && body.api_version == version {
        return Ok(body.spec);
    }
    Err(malformed(
        &format!("{kind}/{version}"),
        &format!("{}/{}", body.kind, body.api_version),
    ))
}

fn digest(hash: &Hash) -> Checked<Digest> {
    let text = format!("{}:{}", hash.algorithm, hash.value.to_ascii_lowercase());
    text.parse()
        .map_err(|error: crate::digest::DigestError| malformed("a digest", &error.to_string()))
}

fn decode(text: &str) -> Checked<Vec<u8>> {
    STANDARD
        .decode(text)
        .map_err(|error| malformed("base64", &error.to_string()))
}

fn same(what: &str, logged: &str, ours: &str) -> Checked<()> {
    if logged == ours {
        return Ok(());
    }
    Err(mismatch(
        &format!("{what} {}", shorten(ours)),
        &format!("{what} {}", shorten(logged)),
    ))
}

fn mismatch(expected: &str, found: &str) -> Rejected {
    Rejected::new(
        Code::TransparencyEntryMismatch,
        format!("a log entry about {expected}"),
        format!("one about {found}"),
    )
}

fn malformed(expected: &str, found: &str) -> Rejected {
    Rejected::new(Code::TransparencyEntryMalformed, expected, shorten(found))
}
