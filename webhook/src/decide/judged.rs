//! A verdict as it is remembered: what to answer, and what it rests on.

use serde::{Deserialize, Serialize};
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
    /// The code that leads warnings and notes, for numbers and logs.
    pub remark: Option<Code>,
    /// What it rests on: each policy and trust root with its digest, as the audit log shows it.
    pub basis: Vec<String>,
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
            remark: None,
            basis: Vec::new(),
        }
    }

    /// Bytes that it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        let texts = self.warnings.iter().chain(&self.notes).chain(&self.basis);
        let refusal = self.refusal.iter().map(|refusal| &refusal.sentence);
        let texts = texts.chain(refusal).map(|text| TEXT + text.len());
        FIXED + texts.sum::<usize>()
    }
}

/// Lets `news` lead where it is the worst so far; of two that are as bad the first one does.
pub(super) fn lead(code: &mut Option<Code>, news: Code) {
    if code.map(Code::rank) < Some(news.rank()) {
        *code = Some(news);
    }
}

/// Bytes of the structures themselves.
const FIXED: usize = 256;
/// Bytes of the beginning of a text.
const TEXT: usize = 32;

/// An admission as it is kept in a file. Denials are not kept: after a restart they are found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    warnings: Vec<String>,
    notes: Vec<String>,
    /// By its name; an older file has none.
    #[serde(default)]
    remark: Option<String>,
    basis: Vec<String>,
}

impl Kept {
    pub(super) fn of(judged: &Judged) -> Option<Self> {
        (judged.decision == Decision::Admit).then(|| Self {
            warnings: judged.warnings.clone(),
            notes: judged.notes.clone(),
            remark: judged.remark.map(|code| code.name().to_owned()),
            basis: judged.basis.clone(),
        })
    }

    pub(super) fn read(self) -> Judged {
        let named = |name: String| Code::ALL.iter().copied().find(|code| code.name() == name);
        Judged {
            decision: Decision::Admit,
            refusal: None,
            warnings: self.warnings,
            notes: self.notes,
            remark: self.remark.and_then(named),
            basis: self.basis,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_weighs_itself_and_each_of_its_texts() {
        let mut judged = Judged::refused(Code::SignatureMissing, "four".to_owned());
        assert_eq!(judged.weight(), FIXED + TEXT + 4);
        judged.notes.push(String::new());
        assert_eq!(judged.weight(), FIXED + 2 * TEXT + 4);
    }

    #[test]
    fn of_two_codes_as_bad_the_first_leads_and_a_worse_one_always() {
        for one in Code::ALL {
            for other in Code::ALL {
                let mut led = None;
                lead(&mut led, *one);
                lead(&mut led, *other);
                let worse = other.rank() > one.rank();
                assert_eq!(led, Some(if worse { *other } else { *one }));
            }
        }
    }
}
