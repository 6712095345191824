//! What a timestamp token says about itself (RFC 3161, section 2.4.2; RFC 5652, section 5), where the
//! borrowed verifier keeps it to itself or does not look.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Tag, Tagged};

use crate::trust::algorithm::{elements, hash, identified};

/// `id-contentType` (RFC 5652, section 11.1).
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
/// `id-ct-TSTInfo` (RFC 3161, section 2.4.2).
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// The hashes of a token, by name.
pub(super) struct Hashes {
    /// Over what was stamped (`TSTInfo.messageImprint`).
    pub(super) imprint: String,
    /// Over what the authority signed (`SignerInfo.digestAlgorithm`).
    pub(super) digest: String,
}

/// The parts of a token.
struct Parts<'a> {
    /// The fields of its `TSTInfo`.
    info: Vec<AnyRef<'a>>,
    /// The fields of its one `SignerInfo`.
    signer: Vec<AnyRef<'a>>,
}

/// Reads a `TimeStampResp` or the `ContentInfo` in it.
///
/// The work is linear in the token's bytes: each level is read once, and the levels are fixed.
///
/// # Errors
///
/// What it is instead of a token.
pub(super) fn read(token: &[u8]) -> Result<Hashes, &'static str> {
    let parts = parts(token).ok_or("another structure")?;
    if !is_version_1(&parts) {
        return Err("a content of another version than 1");
    }
    if !says_what_it_is(&parts) {
        return Err("signed attributes that do not say that it is a timestamp");
    }
    hashes(&parts).ok_or("another structure")
}

fn hashes(parts: &Parts<'_>) -> Option<Hashes> {
    // version, sid, digestAlgorithm.
    let digest = *parts.signer.get(2)?;
    // version, policy, messageImprint.
    let imprint = *elements(parts.info.get(2)?.value())?.first()?;
    Some(Hashes {
        imprint: hash(identified(imprint)?),
        digest: hash(identified(digest)?),
    })
}

fn is_version_1(parts: &Parts<'_>) -> bool {
    let version = parts.info.first();
    version.is_some_and(|version| version.decode_as::<u8>() == Ok(1))
}

/// Whether the signature covers that the content is a `TSTInfo` (RFC 5652, sections 5.3 and 11.1): the
/// type beside the content is not signed, so that without this a signature of the authority over
/// something else could be shown as a timestamp.
fn says_what_it_is(parts: &Parts<'_>) -> bool {
    let types = types(&parts.signer);
    matches!(types.as_deref(), Some([only]) if *only == TST_INFO)
}

/// Every content type among the signed attributes.
fn types(signer: &[AnyRef<'_>]) -> Option<Vec<ObjectIdentifier>> {
    let mut found = Vec::new();
    // version, sid, digestAlgorithm, signedAttrs.
    for attribute in elements(signer.get(3)?.value())? {
        let fields = elements(attribute.value())?;
        let name: ObjectIdentifier = fields.first()?.decode_as().ok()?;
        if name == CONTENT_TYPE {
            for value in elements(fields.get(1)?.value())? {
                found.push(value.decode_as().ok()?);
            }
        }
    }
    Some(found)
}

fn parts(token: &[u8]) -> Option<Parts<'_>> {
    let outer = elements(AnyRef::from_der(token).ok()?.value())?;
    let content_info = match outer.as_slice() {
        // `PKIStatusInfo`, then the token itself.
        [status, token, ..] if status.tag() == Tag::Sequence => elements(token.value())?,
        _ => outer,
    };
    let signed_data = nested(*content_info.get(1)?)?;
    let fields = elements(signed_data.value())?;
    // version, digestAlgorithms, encapContentInfo, certificates and CRLs, signerInfos.
    let content = elements(fields.get(2)?.value())?;
    let signers = elements(fields.last()?.value())?;
    // Section 2.4.2: "MUST NOT contain any signatures other than the signature of the TSA".
    let [signer] = signers.as_slice() else {
        return None;
    };
    let info = AnyRef::from_der(nested(*content.get(1)?)?.value()).ok()?;
    Some(Parts {
        info: elements(info.value())?,
        signer: elements(signer.value())?,
    })
}

/// The one value under an explicit tag.
fn nested(tagged: AnyRef<'_>) -> Option<AnyRef<'_>> {
    elements(tagged.value())?.first().copied()
}
