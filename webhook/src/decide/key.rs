//! What a verdict is remembered under.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sovverify::{Digest, ImageName};
use sovverify_fetch::ScopeId;

/// Names a question whose answer is the same for everybody who asks it: SHA-256 over everything that
/// can change the verdict. A tag is no part of it, so a tag that moved never finds an old verdict.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key([u8; 32]);

/// Everything that can change a verdict, beside time.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The repository: the same bytes may have other evidence elsewhere.
    pub name: &'a ImageName,
    /// What will run.
    pub digest: &'a Digest,
    /// The policies that match, with their trust roots and the settings that decide
    /// ([`sovverify::policy::Matching::identity`]).
    pub policies: &'a [u8],
    /// The given exceptions that count here.
    pub exceptions: &'a Digest,
    /// With whose credentials the registry is asked.
    pub scope: ScopeId,
    /// The reference as written, where a policy has something to say about how it is written.
    pub written: Option<&'a str>,
}

impl Key {
    /// The key of a question.
    pub fn of(parts: &Parts<'_>) -> Self {
        hashed(
            b"verdict",
            &[
                parts.name.registry().as_bytes(),
                parts.name.repository().as_bytes(),
                parts.digest.algorithm().name().as_bytes(),
                parts.digest.as_bytes(),
                parts.policies,
                parts.exceptions.as_bytes(),
                parts.scope.as_bytes(),
                parts.written.unwrap_or_default().as_bytes(),
            ],
        )
    }

    /// The key of the same question in a request that is only tried: what becomes of it is not remembered, so
    /// that nobody who means it waits for it.
    pub(super) fn tried(&self) -> Self {
        hashed(b"tried", &[&self.0])
    }

    /// The key of one request.
    pub(super) fn of_request(uid: &str) -> Self {
        hashed(b"request", &[uid.as_bytes()])
    }

    /// The key of the question what a tag stands for right now.
    pub fn of_tag(reference: &str, scope: ScopeId) -> Self {
        hashed(b"tag", &[reference.as_bytes(), scope.as_bytes()])
    }
}

/// SHA-256 over parts, each with its length, so that no two lists read the same.
fn hashed(what: &[u8], parts: &[&[u8]]) -> Key {
    /// Bytes of most questions.
    const USUAL: usize = 512;
    let mut bytes = Vec::with_capacity(USUAL);
    for part in std::iter::once(&what).chain(parts) {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part);
    }
    let mut key = [0; 32];
    let digest = Digest::sha256(&bytes);
    key.copy_from_slice(digest.as_bytes());
    Key(key)
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for Key {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for Key {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut key = [0; 32];
        hex::decode_to_slice(text, &mut key)?;
        Ok(Self(key))
    }
}

#[cfg(test)]
mod tests {
    use sovverify_fetch::ScopeKey;

    use super::*;

    fn scope(text: &str) -> ScopeId {
        ScopeKey::new(&[7; 32]).name([text.as_bytes()])
    }

    #[test]
    fn every_part_changes_the_key_and_no_two_lists_read_the_same() {
        let name: ImageName = "registry.example/a".parse().unwrap();
        let other: ImageName = "registry.example/b".parse().unwrap();
        let (one, two) = (Digest::sha256(b"1"), Digest::sha256(b"2"));
        let parts = Parts {
            name: &name,
            digest: &one,
            policies: one.as_bytes(),
            exceptions: &one,
            scope: scope("s"),
            written: None,
        };
        let keys = [
            Key::of(&parts),
            Key::of(&Parts {
                name: &other,
                ..parts
            }),
            Key::of(&Parts {
                digest: &two,
                ..parts
            }),
            Key::of(&Parts {
                policies: two.as_bytes(),
                ..parts
            }),
            Key::of(&Parts {
                exceptions: &two,
                ..parts
            }),
            Key::of(&Parts {
                scope: scope("t"),
                ..parts
            }),
            Key::of(&Parts {
                written: Some("a:1"),
                ..parts
            }),
            Key::of_tag("ab", scope("s")),
            Key::of_tag("a", scope("s")),
            Key::of_tag("a", scope("t")),
        ];
        for (number, key) in keys.iter().enumerate() {
            assert!(!keys.iter().skip(number + 1).any(|other| other == key));
            assert_eq!(key.to_string().parse(), Ok(*key));
        }
    }
}
