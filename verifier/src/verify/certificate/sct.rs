//! Embedded signed certificate timestamps (RFC 6962, sections 3.2 and 3.3).

use der::Decode;
use der::asn1::OctetStringRef;
use jiff::Timestamp;
use sigstore_crypto::{KeyAlgorithm, SigningScheme, VerificationKey};
use sigstore_types::{DerCertificate, SignatureBytes};

use super::precertificate::Precertificate;
use crate::code::Code;
use crate::digest::Digest;
use crate::trust::algorithm;
use crate::trust::material::TrustedCtLog;
use crate::trust::{AlgorithmUse, TrustRoot};
use crate::verify::rejected::{Checked, Rejected};

/// SCTs in one certificate. Fulcio embeds one.
const MAX_SCTS: usize = 4;

/// One timestamp, as it lies in the extension.
struct Sct<'a> {
    log_id: &'a [u8],
    timestamp: u64,
    extensions: &'a [u8],
    /// TLS `HashAlgorithm` and `SignatureAlgorithm` (RFC 5246, section 7.4.1.4.1).
    hash: u8,
    algorithm: u8,
    signature: &'a [u8],
}

/// Verifies that a log of the trust root signed one of the embedded timestamps, and says how.
pub(super) fn verify(
    leaf: &DerCertificate,
    issuer_spki: &[u8],
    root: &TrustRoot,
) -> Checked<AlgorithmUse> {
    let invalid = |found: String| {
        Rejected::new(
            Code::CertificateSctInvalid,
            "an embedded SCT by a log of the trust root",
            found,
        )
    };
    let precertificate =
        Precertificate::of(leaf.as_bytes()).map_err(|error| invalid(error.to_string()))?;
    let [list] = precertificate.lists.as_slice() else {
        let code = if precertificate.lists.is_empty() {
            Code::CertificateSctMissing
        } else {
            Code::CertificateSctInvalid
        };
        return Err(Rejected::new(
            code,
            "one SCT list in the certificate",
            precertificate.lists.len().to_string(),
        ));
    };
    let list = OctetStringRef::from_der(list).map_err(|error| invalid(error.to_string()))?;
    let scts =
        parse_list(list.as_bytes()).ok_or_else(|| invalid("a malformed SCT list".to_owned()))?;
    if scts.is_empty() {
        return Err(Rejected::new(
            Code::CertificateSctMissing,
            "at least one SCT",
            "an empty list",
        ));
    }
    let mut refusal = String::new();
    for sct in &scts {
        match sct.verify(&precertificate.tbs, issuer_spki, root) {
            Ok(algorithm) => {
                return Ok(AlgorithmUse {
                    algorithm,
                    place: format!("SCT of log {}", hex::encode(sct.log_id)),
                });
            }
            Err(found) => refusal = found,
        }
    }
    Err(invalid(refusal))
}

impl Sct<'_> {
    /// The name of the algorithm under which the log signed.
    fn verify(&self, tbs: &[u8], issuer_spki: &[u8], root: &TrustRoot) -> Result<String, String> {
        let time = i64::try_from(self.timestamp)
            .ok()
            .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
            .ok_or("an SCT with an impossible time")?;
        let log = root
            .material()
            .ct_logs
            .iter()
            .find(|log| log.id == self.log_id)
            .ok_or_else(|| format!("one by unknown log {}", hex::encode(self.log_id)))?;
        if !log.window.is_none_or(|window| window.contains(time)) {
            return Err(format!("one of {time}, outside the window of its log"));
        }
        let message = self
            .signed(tbs, issuer_spki)
            .ok_or("a certificate too large for an SCT")?;
        let signature = SignatureBytes::from_bytes(self.signature);
        let key = self.key(log)?;
        key.verify(&message, &signature)
            .map(|()| algorithm::of_key(&key))
            .map_err(|_| "one that does not verify".to_owned())
    }

    /// `digitally-signed` of section 3.2, for a `precert_entry`.
    fn signed(&self, tbs: &[u8], issuer_spki: &[u8]) -> Option<Vec<u8>> {
        const V1: u8 = 0;
        const CERTIFICATE_TIMESTAMP: u8 = 0;
        const PRECERT_ENTRY: u16 = 1;
        let tbs_length = u32::try_from(tbs.len())
            .ok()
            .filter(|length| *length < 1 << 24)?;
        let extensions_length = u16::try_from(self.extensions.len()).ok()?;
        let mut message = vec![V1, CERTIFICATE_TIMESTAMP];
        message.extend_from_slice(&self.timestamp.to_be_bytes());
        message.extend_from_slice(&PRECERT_ENTRY.to_be_bytes());
        message.extend_from_slice(Digest::sha256(issuer_spki).as_bytes());
        message.extend(tbs_length.to_be_bytes().into_iter().skip(1));
        message.extend_from_slice(tbs);
        message.extend_from_slice(&extensions_length.to_be_bytes());
        message.extend_from_slice(self.extensions);
        Some(message)
    }

    /// The log's key under the scheme that the SCT names, which must suit the key.
    fn key(&self, log: &TrustedCtLog) -> Result<VerificationKey, String> {
        const SHA256: u8 = 4;
        const SHA384: u8 = 5;
        const SHA512: u8 = 6;
        const RSA: u8 = 1;
        const ECDSA: u8 = 3;
        let p384 = matches!(
            KeyAlgorithm::from_spki(&log.key),
            Ok(KeyAlgorithm::EcdsaP384)
        );
        let scheme = match (self.algorithm, self.hash, p384) {
            (ECDSA, SHA256, false) => SigningScheme::EcdsaP256Sha256,
            (ECDSA, SHA384, false) => SigningScheme::EcdsaP256Sha384,
            (ECDSA, SHA256, true) => SigningScheme::EcdsaP384Sha256,
            (ECDSA, SHA384, true) => SigningScheme::EcdsaP384Sha384,
            (RSA, SHA256, _) => SigningScheme::RsaPkcs1Sha256,
            (RSA, SHA384, _) => SigningScheme::RsaPkcs1Sha384,
            (RSA, SHA512, _) => SigningScheme::RsaPkcs1Sha512,
            _ => {
                return Err(format!(
                    "one by unsupported algorithm {}/{}",
                    self.algorithm, self.hash
                ));
            }
        };
        VerificationKey::from_der(&log.key, scheme).map_err(|error| error.to_string())
    }
}

/// `SignedCertificateTimestampList` of section 3.3; `None` when one byte is out of place.
fn parse_list(bytes: &[u8]) -> Option<Vec<Sct<'_>>> {
    let mut outer = Reader(bytes);
    let length = outer.u16()?;
    let mut list = Reader(outer.take(usize::from(length))?);
    outer.end()?;
    let mut scts = Vec::new();
    while !list.0.is_empty() {
        let length = list.u16()?;
        scts.push(parse(list.take(usize::from(length))?)?);
        if scts.len() > MAX_SCTS {
            return None;
        }
    }
    Some(scts)
}

fn parse(bytes: &[u8]) -> Option<Sct<'_>> {
    let mut reader = Reader(bytes);
    if reader.u8()? != 0 {
        return None; // only v1 exists
    }
    let log_id = reader.take(32)?;
    let timestamp = u64::from_be_bytes(reader.take(8)?.try_into().ok()?);
    let length = reader.u16()?;
    let extensions = reader.take(usize::from(length))?;
    let (hash, algorithm) = (reader.u8()?, reader.u8()?);
    let length = reader.u16()?;
    let signature = reader.take(usize::from(length))?;
    reader.end()?;
    Some(Sct {
        log_id,
        timestamp,
        extensions,
        hash,
        algorithm,
        signature,
    })
}

/// Reads big-endian fields off the front of a slice.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use sigstore_types::DerPublicKey;

    use super::*;
    use crate::trust::PublicKey;

    #[test]
    fn a_list_holds_as_many_promises_as_there_may_be_and_no_more() {
        let length = |bytes: usize| u16::try_from(bytes).unwrap().to_be_bytes();
        // Version 1, a log, a time, no extensions, ECDSA over SHA-256, and an empty signature.
        let one = [&[0][..], &[7; 32], &[0; 8], &[0, 0], &[4, 3], &[0, 0]].concat();
        let list = |count: usize| {
            let all = [&length(one.len()), &one[..]].concat().repeat(count);
            let bytes = [&length(all.len()), &all[..]].concat();
            parse_list(&bytes).map(|list| list.len())
        };
        assert_eq!(list(MAX_SCTS), Some(MAX_SCTS));
        assert_eq!(list(MAX_SCTS + 1), None);
    }

    #[test]
    fn a_list_ends_where_it_says_and_so_does_each_promise_in_it() {
        let one = [&[0][..], &[7; 32], &[0; 8], &[0, 0], &[4, 3], &[0, 0]].concat();
        let sized = |bytes: &[u8]| {
            let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
            [&length, bytes].concat()
        };
        let list = |promise: &[u8]| sized(&sized(promise));
        assert!(parse_list(&list(&one)).is_some());
        assert!(parse_list(&list(&[&one[..], &[0]].concat())).is_none());
        assert!(parse_list(&[list(&one), vec![0]].concat()).is_none());
    }

    #[test]
    fn a_log_signs_as_its_key_can() {
        use sovverify_forge::{Key, KeyKind};
        let named = |kind: KeyKind, hash: u8, algorithm: u8| {
            let key = PublicKey::from_pem(&Key::generate(kind).public_pem(), None).unwrap();
            let log = TrustedCtLog {
                id: vec![7; 32],
                key: DerPublicKey::from_bytes(key.spki()),
                window: None,
            };
            let sct = Sct {
                log_id: &[7; 32],
                timestamp: 0,
                extensions: &[],
                hash,
                algorithm,
                signature: &[],
            };
            sct.key(&log).map(|key| algorithm::of_key(&key)).ok()
        };
        for (kind, hash, algorithm, expected) in [
            (KeyKind::EcdsaP256, 4, 3, Some("ecdsa-p256-sha256")),
            (KeyKind::EcdsaP256, 5, 3, Some("ecdsa-p256-sha384")),
            (KeyKind::EcdsaP384, 4, 3, Some("ecdsa-p384-sha256")),
            (KeyKind::EcdsaP384, 5, 3, Some("ecdsa-p384-sha384")),
            (KeyKind::EcdsaP256, 6, 3, None),
            (KeyKind::EcdsaP256, 2, 3, None),
            (KeyKind::EcdsaP256, 4, 7, None),
        ] {
            let found = named(kind, hash, algorithm);
            assert_eq!(found.as_deref(), expected, "{hash}/{algorithm}");
        }
    }
}
