//! RFC 3161 timestamps over the signature, each by an authority of the trust root.

mod token;

use std::collections::BTreeSet;

use super::material::Material;
use super::rejected::{Checked, Rejected};
use crate::claim::{TimeSource, VerifiedTime};
use crate::code::Code;
use crate::digest::Digest;
use crate::trust::material::Timestamper;
use crate::trust::{AlgorithmUse, TrustRoot};

/// A proven time, and which key vouches for it.
pub(super) struct Timed {
    pub(super) time: VerifiedTime,
    /// SHA-256 of the log's key or of the authority's certificate: what tells two sources apart,
    /// whatever they call themselves.
    pub(super) by: Digest,
}

/// The times that authorities vouch for, and what that rests on.
#[derive(Default)]
pub(super) struct Stamped {
    pub(super) times: Vec<Timed>,
    pub(super) algorithms: BTreeSet<AlgorithmUse>,
}

/// Verifies every timestamp; one bad timestamp condemns the evidence.
pub(super) fn verify(material: &Material, root: &TrustRoot) -> Checked<Stamped> {
    let signature = material.content.signature();
    let mut stamped = Stamped::default();
    for (number, token) in material.timestamps.iter().enumerate() {
        let mut before = material.timestamps.iter().take(number);
        if before.any(|known| known.as_bytes() == token.as_bytes()) {
            let expected = "each timestamp once";
            let found = "one that stands twice";
            return Err(Rejected::new(Code::TimestampInvalid, expected, found));
        }
        let (timed, timestamper) = one(token, signature, root)?;
        // The verifier looks at the first signature of a token and at no other (gauntlet 105).
        let hashes = token::read(token.as_bytes()).map_err(|found| {
            let expected = "a timestamp token with one signature (RFC 3161, section 2.4.2)";
            Rejected::new(Code::TimestampInvalid, expected, found)
        })?;
        stamped.times.push(timed);
        stamped.algorithms.extend(algorithms(hashes, timestamper));
    }
    Ok(stamped)
}

fn one<'r>(
    token: &sigstore_types::TimestampToken,
    signature: &sigstore_types::SignatureBytes,
    root: &'r TrustRoot,
) -> Checked<(Timed, &'r Timestamper)> {
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
                let by = timestamper.key_digest.clone();
                return Ok((Timed { time, by }, timestamper));
            }
            Err(sigstore_tsa::Error::TimestampOutsideValidity { time }) => outside = Some(time),
            Err(error) => last = error.to_string(),
        }
    }
    Err(refused(token, root, outside, last))
}

/// Why no authority of the trust root vouches for the token.
fn refused(
    token: &sigstore_types::TimestampToken,
    root: &TrustRoot,
    outside: Option<jiff::Timestamp>,
    last: String,
) -> Rejected {
    if let Some(time) = outside {
        return Rejected::new(
            Code::TimestampOutsideAuthority,
            "a time within the window of the authority that signed it",
            time.to_string(),
        );
    }
    // Whoever finds two inputs with one hash has a timestamp for both, so this is no matter of
    // trust roots: SHA-1 is refused under all of them.
    let imprint = token::read(token.as_bytes()).map(|hashes| hashes.imprint);
    if imprint.is_ok_and(|imprint| imprint == "sha1") {
        return Rejected::new(
            Code::TimestampAlgorithmForbidden,
            "a message imprint of SHA-256, SHA-384 or SHA-512",
            "sha1",
        );
    }
    Rejected::new(
        Code::TimestampInvalid,
        format!(
            "a timestamp by an authority of trust root `{}` over this signature",
            root.name()
        ),
        last,
    )
}

/// What a verified token rests on. Its hashes are read a second time, because the verifier keeps
/// them to itself.
fn algorithms(hashes: token::Hashes, timestamper: &Timestamper) -> BTreeSet<AlgorithmUse> {
    let token::Hashes { imprint, digest } = hashes;
    let by = |algorithm: String, what: &str| AlgorithmUse {
        algorithm,
        place: format!("{what} of `{}`", timestamper.name),
    };
    let mut uses = timestamper.algorithms.clone();
    uses.insert(by(format!("{}-{digest}", timestamper.key), "timestamp"));
    uses.insert(by(imprint, "message imprint in a timestamp"));
    uses
}
