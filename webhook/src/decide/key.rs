//! What a verdict is remembered under.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sovverify::{Digest, ImageName};

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
    /// The policies that match, with their trust roots and the settings that decide.
    pub policies: &'a Digest,
    /// The given exceptions that count here.
    pub exceptions: &'a Digest,
    /// With whose credentials the registry is asked.
    pub scope: &'a str,
    /// The reference as written, where a policy has something to say about how it is written.
    pub written: Option<&'a str>,
}

impl Key {
    /// The key of a question.
    pub fn of(parts: &Parts<'_>) -> Self {
        let (digest, policies) = (parts.digest.to_string(), parts.policies.to_string());
        let (name, exceptions) = (parts.name.to_string(), parts.exceptions.to_string());
        hashed(
            "verdict",
            &[
                &name,
                &digest,
                &policies,
                &exceptions,
                parts.scope,
                parts.written.unwrap_or_default(),
            ],
        )
    }

    /// The key of the same question in a request that is only tried: what becomes of it is not remembered, so
    /// that nobody who means it waits for it.
    pub(super) fn tried(&self) -> Self {
        hashed("tried", &[&self.to_string()])
    }

    /// The key of one request.
    pub(super) fn of_request(uid: &str) -> Self {
        hashed("request", &[uid])
    }

    /// The key of the question what a tag stands for right now.
    pub fn of_tag(reference: &str, scope: &str) -> Self {
        hashed("tag", &[reference, scope])
    }
}

/// SHA-256 over texts, each with its length, so that no two lists read the same.
fn hashed(what: &str, texts: &[&str]) -> Key {
    let mut bytes = Vec::new();
    for text in std::iter::once(&what).chain(texts) {
        bytes.extend_from_slice(&text.len().to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
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
    use super::*;

    #[test]
    fn every_part_changes_the_key_and_no_two_lists_read_the_same() {
        let name: ImageName = "registry.example/a".parse().unwrap();
        let other: ImageName = "registry.example/b".parse().unwrap();
        let (one, two) = (Digest::sha256(b"1"), Digest::sha256(b"2"));
        let parts = Parts {
            name: &name,
            digest: &one,
            policies: &one,
            exceptions: &one,
            scope: "s",
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
                policies: &two,
                ..parts
            }),
            Key::of(&Parts {
                exceptions: &two,
                ..parts
            }),
            Key::of(&Parts {
                scope: "t",
                ..parts
            }),
            Key::of(&Parts {
                written: Some("a:1"),
                ..parts
            }),
            Key::of_tag("ab", "c"),
            Key::of_tag("a", "bc"),
        ];
        for (number, key) in keys.iter().enumerate() {
            assert!(!keys.iter().skip(number + 1).any(|other| other == key));
            assert_eq!(key.to_string().parse(), Ok(*key));
        }
    }
}
