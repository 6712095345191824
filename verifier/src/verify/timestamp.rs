//! RFC 3161 timestamps over the signature, each by an authority of the trust root.

use super::material::Material;
use super::rejected::{Checked, Rejected};
use crate::claim::{TimeSource, VerifiedTime};
use crate::code::Code;
use crate::digest::Digest;
use crate::trust::TrustRoot;

/// A proven time, and which key vouches for it.
pub(super) struct Timed {
    pub(super) time: VerifiedTime,
    /// SHA-256 of the log's key or of the authority's certificate: what tells two sources apart,
    /// whatever they call themselves.
    pub(super) by: Digest,
}

/// Verifies every timestamp; one bad timestamp condemns the evidence.
pub(super) fn verify(material: &Material, root: &TrustRoot) -> Checked<Vec<Timed>> {
    let signature = material.content.signature();
    material
        .timestamps
        .iter()
        .map(|token| one(token, signature, root))
        .collect()
}

fn one(
    token: &sigstore_types::TimestampToken,
    signature: &sigstore_types::SignatureBytes,
    root: &TrustRoot,
) -> Checked<Timed> {
    let mut outside = None;
    let mut last = "no timestamp authority in the trust root".to_owned();
    for timestamper in &root.material().timestampers {
        let authority = &timestamper.authority;
        match sigstore_tsa::verify_timestamp_for_authority(token, signature, authority) {
            Ok(time) => {
                let source = TimeSource::TimestampAuthority {
                    authority: timestamper.name.clone(),
                };
                let time = VerifiedTime { time, source };
                return Ok(Timed {
                    time,
                    by: timestamper.key_digest.clone(),
                });
            }
            Err(sigstore_tsa::Error::TimestampOutsideValidity { time }) => outside = Some(time),
            Err(error) => last = error.to_string(),
        }
    }
    Err(match outside {
        Some(time) => Rejected::new(
            Code::TimestampOutsideAuthority,
            "a time within the window of the authority that signed it",
            time.to_string(),
        ),
        None => Rejected::new(
            Code::TimestampInvalid,
            format!(
                "a timestamp by an authority of trust root `{}` over this signature",
                root.name()
            ),
            last,
        ),
    })
}
