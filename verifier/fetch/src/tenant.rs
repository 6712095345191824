//! Discovery for one of several tenants of a process.

use std::fmt;

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
    /// signature repositories included. `key` is a secret of the process.
    ///
    /// # Errors
    ///
    /// `registry/credentials-unusable` for a source that cannot be read: whoever cannot tell which
    /// credentials count must not share what was obtained with them. `registry/config-invalid` for a
    /// mirror that leads nowhere.
    pub async fn credential_scope(
        &self,
        name: &ImageName,
        key: &[u8],
    ) -> Result<ScopeId, FetchError> {
        let tag = self.registries.credential_hash(name, key).await?;
        let mut bytes = [0; 32];
        for (byte, found) in bytes.iter_mut().zip(tag.as_ref()) {
            *byte = *found;
        }
        Ok(ScopeId(bytes))
    }
}
