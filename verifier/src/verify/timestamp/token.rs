//! The two hashes in a timestamp token (RFC 3161, section 2.4.2; RFC 5652, section 5).

use der::asn1::AnyRef;
use der::{Decode, Tag, Tagged};

use crate::trust::algorithm::{elements, hash, identified};

/// The hashes of a token, by name.
pub(super) struct Hashes {
    /// Over what was stamped (`TSTInfo.messageImprint`).
    pub(super) imprint: String,
    /// Over what the authority signed (`SignerInfo.digestAlgorithm`).
    pub(super) digest: String,
}

/// Reads a `TimeStampResp` or the `ContentInfo` in it; `None` when the token is something else.
///
/// The work is linear in the token's bytes: each level is read once, and the levels are fixed.
pub(super) fn read(token: &[u8]) -> Option<Hashes> {
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
    // version, sid, digestAlgorithm.
    let digest = *elements(signer.value())?.get(2)?;
    let info = AnyRef::from_der(nested(*content.get(1)?)?.value()).ok()?;
    // version, policy, messageImprint.
    let imprint = *elements(info.value())?.get(2)?;
    let imprint = *elements(imprint.value())?.first()?;
    Some(Hashes {
        imprint: hash(identified(imprint)?),
        digest: hash(identified(digest)?),
    })
}

/// The one value under an explicit tag.
fn nested(tagged: AnyRef<'_>) -> Option<AnyRef<'_>> {
    elements(tagged.value())?.first().copied()
}
