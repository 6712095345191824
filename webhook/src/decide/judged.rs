//! A verdict as it is remembered: what to answer, and what it rests on.

use serde::{Deserialize, Serialize};
use sovverify::verdict::NamedDigest;
use sovverify::{Class, Code, Decision};

/// The answer about one image, without where in an object it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// May it run?
    pub decision: Decision,
    /// Why not; absent where it may.
    pub refusal: Option<Refusal>,
    /// What whoever sent the request should hear although it denies nothing.
    pub warnings: Vec<String>,
    /// What is only written down: findings of policies that audit.
    pub notes: Vec<String>,
    /// The policies that were asked, with the digests that the verdict rests on.
    pub policies: Vec<NamedDigest>,
    /// The trust roots that they start from.
    pub trust_roots: Vec<NamedDigest>,
}

/// Why an image may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code that leads.
    pub code: Code,
    /// The sentence after the image's name: which rule, what was expected and what was found.
    pub sentence: String,
}

impl Judged {
    /// What kind of news the denial is.
    pub fn class(&self) -> Option<Class> {
        self.refusal.as_ref().map(|refusal| refusal.code.class())
    }

    /// A denial that no policy made.
    pub fn refused(code: Code, sentence: String) -> Self {
        Self {
            decision: Decision::Deny,
            refusal: Some(Refusal { code, sentence }),
            ..Self::admitted()
        }
    }

    /// An admission that no policy made.
    pub(super) const fn admitted() -> Self {
        Self {
            decision: Decision::Admit,
            refusal: None,
            warnings: Vec::new(),
            notes: Vec::new(),
            policies: Vec::new(),
            trust_roots: Vec::new(),
        }
    }

    /// Bytes that it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        /// The structures themselves.
        const FIXED: usize = 256;
        /// A digest as it lies in memory.
        const DIGEST: usize = 96;
        let texts = self.warnings.iter().chain(&self.notes).map(String::len);
        let names = self.policies.iter().chain(&self.trust_roots);
        FIXED
            + texts.sum::<usize>()
            + names.map(|named| named.name.len() + DIGEST).sum::<usize>()
            + self
                .refusal
                .as_ref()
                .map_or(0, |refusal| refusal.sentence.len())
    }
}

/// An admission as it is kept in a file. Denials are not kept: after a restart they are found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    warnings: Vec<String>,
    notes: Vec<String>,
    policies: Vec<(String, String)>,
    trust_roots: Vec<(String, String)>,
}

impl Kept {
    pub(super) fn of(judged: &Judged) -> Option<Self> {
        let pairs = |list: &[NamedDigest]| {
            list.iter()
                .map(|named| (named.name.clone(), named.digest.to_string()))
                .collect()
        };
        (judged.decision == Decision::Admit).then(|| Self {
            warnings: judged.warnings.clone(),
            notes: judged.notes.clone(),
            policies: pairs(&judged.policies),
            trust_roots: pairs(&judged.trust_roots),
        })
    }

    pub(super) fn read(self) -> Option<Judged> {
        let named = |list: Vec<(String, String)>| {
            list.into_iter()
                .map(|(name, digest)| {
                    let digest = digest.parse().ok()?;
                    Some(NamedDigest { name, digest })
                })
                .collect::<Option<Vec<_>>>()
        };
        Some(Judged {
            decision: Decision::Admit,
            refusal: None,
            warnings: self.warnings,
            notes: self.notes,
            policies: named(self.policies)?,
            trust_roots: named(self.trust_roots)?,
        })
    }
}
