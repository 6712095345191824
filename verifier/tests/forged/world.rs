//! A supply chain, the trust roots that know it, and one way to ask for a verdict.

use std::sync::Arc;

use jiff::Timestamp;
use sovverify::claim::Claim;
use sovverify::trust::{KeyHash, Requirements, TrustRoot, TrustRootOptions};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Anchor, Code, Limits, PublicKey, TrustStore, VerificationTime, Verified};
use sovverify_forge::Bundle;
use sovverify_forge::Forge;
use sovverify_forge::Key;
use sovverify_forge::{SIGNING_TIME, at, days};

/// What everything here is about.
pub(crate) const ARTIFACT: &[u8] = b"an artifact";

/// A supply chain and the moment at which things are signed.
pub(crate) struct World {
    pub(crate) forge: Forge,
    pub(crate) time: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        let time = at(SIGNING_TIME);
        Self {
            forge: Forge::new(days(time, -30)),
            time,
        }
    }

    pub(crate) fn root(&self, requirements: Requirements) -> Arc<TrustRoot> {
        let options = TrustRootOptions {
            requirements,
            expires: None,
        };
        let json = self.forge.trusted_root().text();
        Arc::new(TrustRoot::from_json("forge", &json, options).unwrap())
    }

    /// Certificates under the forge's trust root, with the default requirements.
    pub(crate) fn keyless(&self) -> Anchor {
        Anchor::Certificates(self.root(Requirements::default()))
    }

    /// A verdict a day later.
    pub(crate) fn judge(&self, bundle: &Bundle, anchor: Anchor) -> Result<Verified<Claim>, Code> {
        self.judge_at(bundle, anchor, days(self.time, 1))
    }

    #[expect(clippy::unused_self, reason = "it reads as the world's verdict")]
    pub(crate) fn judge_at(
        &self,
        bundle: &Bundle,
        anchor: Anchor,
        when: Timestamp,
    ) -> Result<Verified<Claim>, Code> {
        judge(&bundle.bytes(), &Artifact::Bytes(ARTIFACT), anchor, when)
    }
}

/// A verdict on bytes.
pub(crate) fn judge(
    bundle: &[u8],
    artifact: &Artifact<'_>,
    anchor: Anchor,
    when: Timestamp,
) -> Result<Verified<Claim>, Code> {
    let mut trust = TrustStore::default();
    let id = trust.add(anchor);
    let time = VerificationTime::at(when);
    verify_bundle(bundle, artifact, &trust, id, time, &Limits::default()).map_err(|no| no.code)
}

/// A key as an operator holds it.
pub(crate) fn public(key: &Key, hash: Option<KeyHash>) -> Arc<PublicKey> {
    Arc::new(PublicKey::from_pem(&key.public_pem(), hash).unwrap())
}

/// A key alone, without a log.
pub(crate) fn key_only(key: &Key) -> Anchor {
    Anchor::Key {
        key: public(key, None),
        root: None,
    }
}
