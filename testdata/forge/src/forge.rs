//! The whole supply chain: authority, logs, timestamper.

use jiff::Timestamp;

use crate::authority::Authority;
use crate::clock::Window;
use crate::keys::Key;
use crate::rekor_v1::RekorV1;
use crate::rekor_v2::RekorV2;
use crate::sct::CtLog;
use crate::signing::Signing;
use crate::timestamper::Timestamper;
use crate::trusted_root::{TrustedAuthority, TrustedLog, TrustedRoot};

/// A toy supply chain in memory. Two forges share names, and no key.
pub struct Forge {
    /// When everything in it became valid.
    pub founded: Timestamp,
    /// The authority that certifies identities for ten minutes.
    pub fulcio: Authority,
    /// The log of certificates.
    pub ct_log: CtLog,
    /// The log that works like Rekor v1.
    pub rekor: RekorV1,
    /// The log that works like Rekor v2.
    pub rekor_v2: RekorV2,
    /// The timestamp authority.
    pub timestamper: Timestamper,
}

impl Forge {
    /// A new supply chain, with new keys, valid for ten years from `founded`.
    pub fn new(founded: Timestamp) -> Self {
        let validity = Window::decade(founded);
        Self {
            founded,
            fulcio: Authority::fulcio("fulcio.forge.example", validity),
            ct_log: CtLog::new(),
            rekor: RekorV1::new("rekor.forge.example"),
            rekor_v2: RekorV2::new("log2026.rekor.forge.example"),
            timestamper: Timestamper::new("tsa.forge.example", validity),
        }
    }

    /// The trusted root that names all of it.
    pub fn trusted_root(&self) -> TrustedRoot {
        let validity = Window::decade(self.founded);
        TrustedRoot {
            certificate_authorities: vec![trusted(&self.fulcio)],
            logs: vec![
                TrustedLog {
                    host: self.rekor.host.clone(),
                    key: self.rekor.key.clone(),
                    id: self.rekor.id(),
                    validity,
                },
                TrustedLog {
                    host: self.rekor_v2.host.clone(),
                    key: self.rekor_v2.key.clone(),
                    id: self.rekor_v2.id(),
                    validity,
                },
            ],
            ct_logs: vec![TrustedLog {
                host: "ct.forge.example".to_owned(),
                key: self.ct_log.key.clone(),
                id: self.ct_log.key.fingerprint(),
                validity,
            }],
            timestamp_authorities: vec![TrustedAuthority {
                organisation: self.timestamper.authority.organisation.clone(),
                chain: self.timestamper.chain(),
                validity,
            }],
        }
    }

    /// Signs as the release workflow at `time`, logged in Rekor v1.
    pub fn keyless(&self, time: Timestamp) -> Signing<'_> {
        Signing::keyless(self, time)
    }

    /// Signs with a managed key at `time`, logged in Rekor v1.
    pub fn keyed(&self, key: &Key, time: Timestamp) -> Signing<'_> {
        Signing::keyed(self, key, time)
    }
}

/// An authority as a trusted root names it, for as long as its certificates are valid.
pub fn trusted(authority: &Authority) -> TrustedAuthority {
    TrustedAuthority {
        organisation: authority.organisation.clone(),
        chain: authority.chain(),
        validity: authority.validity,
    }
}
