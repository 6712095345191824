//! Discovery for one of several tenants of a process.

use std::fmt;

use aws_lc_rs::hmac;
use sovverify::ImageName;

use crate::Discovery;
use crate::config::CredentialSources;
use crate::error::FetchError;

/// Which credentials a question was asked with, without anything of them in it.
///
/// Two are equal when exactly the same credentials would be tried for a repository, in the same
/// order; none at all is a value like any other. It is a keyed hash (HMAC-SHA-256): without the key
/// nobody can even test a guess.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId([u8; 32]);

impl ScopeId {
    fn of(hash: hmac::Context) -> Self {
        let mut bytes = [0; 32];
        for (byte, found) in bytes.iter_mut().zip(hash.sign().as_ref()) {
            *byte = *found;
        }
        Self(bytes)
    }

    /// The hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ScopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScopeId(")?;
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// A secret of the process, under which credentials are told apart without being kept.
#[derive(Clone)]
pub struct ScopeKey {
    key: hmac::Key,
    /// The name of no credentials at all, made once: most images are asked for without any.
    nothing: ScopeId,
}

impl ScopeKey {
    /// The key with these bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let nothing = ScopeId::of(hmac::Context::with_key(&key));
        Self { key, nothing }
    }

    /// Names whatever `parts` say, in this order, to those who have the key.
    pub fn name<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> ScopeId {
        let mut hash = self.context();
        for part in parts {
            hash.update(&part.len().to_be_bytes());
            hash.update(part);
        }
        ScopeId::of(hash)
    }

    fn context(&self) -> hmac::Context {
        hmac::Context::with_key(&self.key)
    }
}

impl fmt::Debug for ScopeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScopeKey(…)")
    }
}

impl Discovery {
    /// The same discovery for one tenant: `sources` (pull secrets) are tried before the process's
    /// own credentials, as the kubelet does it.
    ///
    /// Connections, limits and request slots are shared; access tokens are shared only with tenants
    /// that gave exactly the same sources. Cheap: nothing is read or parsed before a registry asks
    /// who we are. Credential helpers are looked up in the directories of `sources` alone, and never
    /// for documents.
    pub fn scoped(&self, sources: CredentialSources) -> Self {
        Self {
            config: std::sync::Arc::clone(&self.config),
            held: std::sync::Arc::clone(&self.held),
            registries: self.registries.scoped(sources),
        }
    }

    /// With which credentials the image `name` and its evidence would be asked for, mirrors and
    /// signature repositories included.
    ///
    /// # Errors
    ///
    /// `registry/credentials-unusable` for a source that cannot be read: whoever cannot tell which
    /// credentials count must not share what was obtained with them. `registry/config-invalid` for a
    /// mirror that leads nowhere.
    pub async fn credential_scope(
        &self,
        name: &ImageName,
        key: &ScopeKey,
    ) -> Result<ScopeId, FetchError> {
        let choices = self.registries.choices(name).await?;
        if choices.is_empty() {
            return Ok(key.nothing);
        }
        let mut hash = key.context();
        choices.add_to(&mut hash);
        Ok(ScopeId::of(hash))
    }
}
