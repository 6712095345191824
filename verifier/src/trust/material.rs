//! The keys and authorities of a trusted root, prepared once so that no bundle pays for it again.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use serde_json::Value;
use sigstore_crypto::VerificationKey;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{DerCertificate, DerPublicKey, TimeRange, TsaAuthority};
use x509_cert::Certificate;

use super::algorithm::{self, AlgorithmUse, Link};
use super::key::only_key;
use super::root::{TrustError, TrustRootParts};
use crate::digest::Digest;
use crate::json::Strict;

/// Authorities, logs and timestampers in one trusted root, each.
pub(super) const MAX_PARTS: usize = 256;
/// Certificates in one authority's chain.
pub(super) const MAX_CHAIN: usize = 8;

/// Everything that verification needs from a trusted root.
pub(crate) struct Material {
    pub(crate) logs: Vec<TrustedLog>,
    pub(crate) ct_logs: Vec<TrustedCtLog>,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) timestampers: Vec<Timestamper>,
    /// The borrowed verifier over the same material, for the second opinion.
    pub(crate) borrowed: sigstore_verify::Verifier,
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Material")
            .field("logs", &self.logs.len())
            .field("ct_logs", &self.ct_logs.len())
            .field("authorities", &self.authorities.len())
            .field("timestampers", &self.timestampers.len())
            .finish_non_exhaustive()
    }
}

/// A transparency log (Rekor).
pub(crate) struct TrustedLog {
    /// Base URL, its name in reports.
    pub(crate) name: String,
    /// The log id as the trusted root declares it; its first four bytes are the checkpoint hint.
    pub(crate) id: Vec<u8>,
    /// SHA-256 of the key: what tells two logs apart, whatever they call themselves.
    pub(crate) key_digest: Digest,
    pub(crate) key: VerificationKey,
    /// What the key signs with.
    pub(crate) algorithm: String,
    pub(crate) window: Option<TimeRange>,
}

/// A certificate transparency log.
pub(crate) struct TrustedCtLog {
    pub(crate) id: Vec<u8>,
    pub(crate) key: DerPublicKey,
    pub(crate) window: Option<TimeRange>,
}

/// A certificate authority: every certificate of its chain may end a path, while it and all above
/// it are valid.
pub(crate) struct Authority {
    pub(crate) window: Option<TimeRange>,
    pub(crate) anchors: Vec<AuthorityAnchor>,
}

/// One certificate of an authority's chain.
pub(crate) struct AuthorityAnchor {
    pub(crate) anchor: TrustAnchor<'static>,
    /// Its name and key, as the end of a path.
    pub(crate) link: Link,
    /// The intersection of the validity of this certificate and of all above it.
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

/// A timestamp authority.
pub(crate) struct Timestamper {
    pub(crate) name: String,
    pub(crate) key_digest: Digest,
    pub(crate) authority: TsaAuthority,
    /// The name of the key that signs tokens.
    pub(crate) key: String,
    /// Every key and signature of the chain: all of it is the operator's choice, and a path from
    /// the leaf to the root uses no other.
    pub(crate) algorithms: BTreeSet<AlgorithmUse>,
}

impl Material {
    /// Parses every key and certificate, refusing the whole root when one is not usable.
    pub(crate) fn prepare(root: &TrustedRoot) -> Result<Self, TrustError> {
        let counts = [
            root.tlogs.len(),
            root.ctlogs.len(),
            root.certificate_authorities.len(),
            root.timestamp_authorities.len(),
        ];
        if counts.iter().all(|count| *count == 0) {
            return Err(TrustError::Empty);
        }
        if counts.iter().any(|count| *count > MAX_PARTS) {
            let detail = format!("expected at most {MAX_PARTS} of each, found {counts:?}");
            return Err(TrustError::Unusable {
                part: "trusted root",
                detail,
            });
        }
        // The borrowed verifier validates windows, duplicate log ids and every certificate.
        let borrowed = sigstore_verify::Verifier::new(root)
            .map_err(|error| unusable("trusted root", &error))?;
        Ok(Self {
            logs: logs(root)?,
            ct_logs: ct_logs(root),
            authorities: authorities(root)?,
            timestampers: timestampers(root)?,
            borrowed,
        })
    }
}

/// Reads a `trusted_root.json`. Protobuf JSON leaves out what is empty, which a private instance's
/// names often are; duplicate fields are refused.
pub(crate) fn parse(json: &str) -> Result<TrustedRoot, serde_json::Error> {
    let Strict(mut value) = serde_json::from_str(json)?;
    let mut name = |list: &str, field: &str| {
        let items = value
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten();
        for item in items.filter_map(Value::as_object_mut) {
            item.entry(field)
                .or_insert_with(|| Value::String(String::new()));
        }
    };
    name("tlogs", "baseUrl");
    name("ctlogs", "baseUrl");
    name("certificateAuthorities", "uri");
    crate::json::objects(value)
}

fn unusable(part: &'static str, detail: &dyn fmt::Display) -> TrustError {
    TrustError::Unusable {
        part,
        detail: detail.to_string(),
    }
}

fn logs(root: &TrustedRoot) -> Result<Vec<TrustedLog>, TrustError> {
    root.tlogs
        .iter()
        .map(|log| {
            let key = VerificationKey::from_spki(&log.public_key.raw_bytes)
                .map_err(|error| unusable("tlogs", &error))?;
            Ok(TrustedLog {
                name: log_name(&log.base_url, log.public_key.raw_bytes.as_bytes()),
                id: log.log_id.key_id.as_bytes().to_vec(),
                key_digest: Digest::sha256(log.public_key.raw_bytes.as_bytes()),
                algorithm: algorithm::of_key(&key),
                key,
                window: log.public_key.valid_for,
            })
        })
        .collect()
}

/// A log without a URL is known by its key.
fn log_name(url: &str, key: &[u8]) -> String {
    if url.is_empty() {
        format!("key {}", Digest::sha256(key))
    } else {
        url.to_owned()
    }
}

fn ct_logs(root: &TrustedRoot) -> Vec<TrustedCtLog> {
    root.ctlogs
        .iter()
        .map(|log| TrustedCtLog {
            id: log.log_id.key_id.as_bytes().to_vec(),
            key: log.public_key.raw_bytes.clone(),
            window: log.public_key.valid_for,
        })
        .collect()
}

fn authorities(root: &TrustedRoot) -> Result<Vec<Authority>, TrustError> {
    const PART: &str = "certificateAuthorities";
    root.certificate_authorities
        .iter()
        .map(|authority| {
            let chain: Vec<&DerCertificate> = authority
                .cert_chain
                .certificates
                .iter()
                .map(|cert| &cert.raw_bytes)
                .collect();
            if chain.len() > MAX_CHAIN {
                let detail = format!(
                    "expected at most {MAX_CHAIN} certificates, found {}",
                    chain.len()
                );
                return Err(TrustError::Unusable { part: PART, detail });
            }
            Ok(Authority {
                window: authority.valid_for,
                anchors: anchors(&chain, PART)?,
            })
        })
        .collect()
}

/// From the root down, so that each certificate's validity is bounded by those above it. Name
/// constraints bind whatever is below them: under such a certificate only it may end a path.
fn anchors(
    chain: &[&DerCertificate],
    part: &'static str,
) -> Result<Vec<AuthorityAnchor>, TrustError> {
    let mut anchors = Vec::with_capacity(chain.len());
    let mut window: Option<(Timestamp, Timestamp)> = None;
    for der in chain.iter().rev() {
        let parsed =
            Certificate::from_der(der.as_bytes()).map_err(|error| unusable(part, &error))?;
        let validity = &parsed.tbs_certificate.validity;
        let time = |time: &x509_cert::time::Time| {
            Timestamp::try_from(time.to_system_time()).map_err(|error| unusable(part, &error))
        };
        let (from, to) = (time(&validity.not_before)?, time(&validity.not_after)?);
        let (not_before, not_after) = window.map_or((from, to), |(above_from, above_to)| {
            (from.max(above_from), to.min(above_to))
        });
        window = Some((not_before, not_after));
        let der = CertificateDer::from(der.as_bytes());
        let anchor =
            webpki::anchor_from_trusted_cert(&der).map_err(|error| unusable(part, &error))?;
        let constrained = anchor.name_constraints.is_some();
        anchors.push(AuthorityAnchor {
            anchor: anchor.to_owned(),
            link: Link::certificate(der.as_ref()).ending_path(),
            not_before,
            not_after,
        });
        if constrained {
            break;
        }
    }
    Ok(anchors)
}

fn timestampers(root: &TrustedRoot) -> Result<Vec<Timestamper>, TrustError> {
    let mut timestampers = Vec::new();
    for tsa in &root.timestamp_authorities {
        let (leaf, intermediates, top) = match tsa.cert_chain.certificates.as_slice() {
            [] => {
                return Err(unusable(
                    "timestampAuthorities",
                    &"an authority has no certificate",
                ));
            }
            [only] => (only, &[][..], only),
            [leaf, intermediates @ .., top] => (leaf, intermediates, top),
        };
        let parsed = Certificate::from_der(leaf.raw_bytes.as_bytes())
            .map_err(|error| unusable("timestampAuthorities", &error))?;
        let below = std::iter::once(leaf).chain(intermediates);
        let mut path: Vec<Link> = below
            .map(|certificate| Link::certificate(certificate.raw_bytes.as_bytes()))
            .collect();
        path.push(Link::certificate(top.raw_bytes.as_bytes()).ending_path());
        let subject = parsed.tbs_certificate.subject.to_string();
        timestampers.push(Timestamper {
            key: path.first().map_or("unknown", Link::key).to_owned(),
            algorithms: algorithm::along(&path),
            name: tsa
                .uri
                .clone()
                .filter(|uri| !uri.is_empty())
                .unwrap_or(subject),
            key_digest: Digest::sha256(leaf.raw_bytes.as_bytes()),
            authority: TsaAuthority::new(
                leaf.raw_bytes.clone(),
                intermediates
                    .iter()
                    .map(|cert| cert.raw_bytes.clone())
                    .collect(),
                top.raw_bytes.clone(),
                tsa.valid_for,
            ),
        });
    }
    Ok(timestampers)
}

/// Writes PEM parts as a `trusted_root.json`, so that one parser reads all trust material.
pub(crate) fn trusted_root_from_parts(parts: &TrustRootParts) -> Result<String, TrustError> {
    let chain = |part: &'static str, pem: &String| -> Result<serde_json::Value, TrustError> {
        let certificates: Vec<serde_json::Value> = pem_certificates(pem)
            .map_err(|detail| TrustError::Unusable { part, detail })?
            .iter()
            .map(|der| serde_json::json!({ "rawBytes": STANDARD.encode(der) }))
            .collect();
        Ok(serde_json::json!({ "uri": "", "certChain": { "certificates": certificates } }))
    };
    let log = |part: &'static str, pem: &String| -> Result<serde_json::Value, TrustError> {
        let key = only_key(pem).map_err(|error| unusable(part, &error))?;
        let id = Digest::sha256(key.as_bytes());
        Ok(serde_json::json!({
            "baseUrl": "",
            "hashAlgorithm": "SHA2_256",
            "publicKey": { "rawBytes": STANDARD.encode(key.as_bytes()), "keyDetails": "from PEM" },
            "logId": { "keyId": STANDARD.encode(id.as_bytes()) },
        }))
    };
    let all =
        |part: &'static str,
         pems: &[String],
         one: &dyn Fn(&'static str, &String) -> Result<serde_json::Value, TrustError>| {
            let mut seen = BTreeSet::new();
            pems.iter()
                .filter(|pem| seen.insert(pem.trim().to_owned()))
                .map(|pem| one(part, pem))
                .collect::<Result<Vec<_>, _>>()
        };
    Ok(serde_json::json!({
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": all("transparencyLogs", &parts.transparency_logs, &log)?,
        "certificateAuthorities": all("certificateAuthorities", &parts.certificate_authorities, &chain)?,
        "ctlogs": all("ctLogs", &parts.ct_logs, &log)?,
        "timestampAuthorities": all("timestampAuthorities", &parts.timestamp_authorities, &chain)?,
    })
    .to_string())
}

/// The certificates of a PEM chain, in order; at least one, and nothing but certificates.
pub(crate) fn pem_certificates(pem: &str) -> Result<Vec<Vec<u8>>, String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut certificates = Vec::new();
    let mut rest = pem;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        if before.contains("-----BEGIN") {
            return Err("expected only CERTIFICATE blocks".to_owned());
        }
        let (body, tail) = after
            .split_once(END)
            .ok_or("a CERTIFICATE block has no end")?;
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        certificates.push(
            STANDARD
                .decode(body)
                .map_err(|error| format!("base64: {error}"))?,
        );
        if certificates.len() > MAX_CHAIN {
            return Err(format!("expected at most {MAX_CHAIN} certificates"));
        }
        rest = tail;
    }
    if certificates.is_empty() {
        return Err("expected at least one PEM CERTIFICATE block, found none".to_owned());
    }
    Ok(certificates)
}
