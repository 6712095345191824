//! What the verified bytes are about. The bytes that were verified are the bytes that are read.

use super::bundle::shorten;
use super::rejected::{Checked, Rejected};
use super::signature::VerifiedSignature;
use crate::claim::{Content, SimpleSigning, Statement};
use crate::code::Code;
use crate::digest::{Digest, DigestAlgorithm};
use crate::limits::Limits;

/// The only payload type whose subject we can bind to an artifact.
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// What evidence may be about: the artifact at hand, or for an image any of its own manifests.
pub(super) struct Subjects<'a> {
    /// The manifest to which the evidence is attached; preferred where several would match.
    pub(super) attached: &'a Digest,
    /// Every other digest that belongs to the same image.
    pub(super) others: &'a [Digest],
    /// The digest of one of them and its bytes, where they are at hand: then every strong digest is
    /// compared.
    pub(super) bytes: Option<(&'a Digest, &'a [u8])>,
}

/// Reads a statement from the verified envelope, and finds which subject it is about.
pub(super) fn statement(
    signature: &VerifiedSignature<'_>,
    subjects: &Subjects<'_>,
    limits: &Limits,
) -> Checked<(Content, Digest)> {
    let Some(envelope) = signature.envelope() else {
        return Ok((Content::Artifact, subjects.attached.clone()));
    };
    if envelope.payload_type != IN_TOTO {
        let found = shorten(&envelope.payload_type);
        return Err(Rejected::new(
            Code::SubjectMalformed,
            format!("payload type `{IN_TOTO}`"),
            found,
        ));
    }
    let statement = Statement::parse(envelope.payload.as_bytes(), limits).map_err(|error| {
        Rejected::new(
            Code::SubjectMalformed,
            "an in-toto statement",
            shorten(&error.to_string()),
        )
    })?;
    let about = std::iter::once(subjects.attached)
        .chain(subjects.others)
        .find(|digest| statement.is_about(digest))
        .cloned();
    let Some(about) = about else {
        return Err(Rejected::new(
            Code::SubjectMismatch,
            format!("a statement about {}", subjects.attached),
            shorten(&names(&statement)),
        ));
    };
    if let Some((_, bytes)) = subjects.bytes.filter(|(whose, _)| **whose == about) {
        no_contradiction(&statement, &about, bytes)?;
    }
    Ok((Content::Statement(statement), about))
}

/// A subject that matches by one digest and not by another names two artifacts at once (gauntlet 22).
fn no_contradiction(statement: &Statement, about: &Digest, bytes: &[u8]) -> Checked<()> {
    for algorithm in [
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
    ] {
        let matching = statement.subjects.iter().filter(|s| s.is(about));
        let mut named = matching
            .filter_map(|subject| subject.digest.get(algorithm.name()))
            .peekable();
        // Hashed once, whatever number of subjects there is, and only where one asks for it.
        if algorithm == about.algorithm() || named.peek().is_none() {
            continue;
        }
        let ours = algorithm.digest(bytes).hex();
        if let Some(theirs) = named.find(|theirs| **theirs != ours) {
            return Err(Rejected::new(
                Code::SubjectMismatch,
                format!("every digest of the subject to be that of {about}"),
                format!("{}:{}", algorithm.name(), shorten(theirs)),
            ));
        }
    }
    Ok(())
}

/// Subjects that a message names.
const SHOWN: usize = 3;

fn names(statement: &Statement) -> String {
    let mut shown: Vec<String> = statement
        .subjects
        .iter()
        .take(SHOWN)
        .map(|subject| {
            let digests: Vec<String> = subject
                .digest
                .iter()
                .map(|(name, value)| format!("{name}:{value}"))
                .collect();
            if digests.is_empty() {
                "a subject without digest".to_owned()
            } else {
                digests.join(" ")
            }
        })
        .collect();
    if statement.subjects.len() > SHOWN {
        shown.push(format!("and {} more", statement.subjects.len() - SHOWN));
    }
    format!("one about {}", shown.join(", "))
}

/// Reads a simple-signing payload whose signature was verified.
pub(super) fn simple_signing(
    signature: &VerifiedSignature<'_>,
    subjects: &Subjects<'_>,
) -> Checked<(Content, Digest)> {
    let payload =
        SimpleSigning::parse(signature.message().unwrap_or_default()).map_err(|error| {
            Rejected::new(
                Code::SubjectMalformed,
                "a simple-signing payload",
                shorten(&error.to_string()),
            )
        })?;
    let about = std::iter::once(subjects.attached)
        .chain(subjects.others)
        .find(|digest| **digest == payload.manifest_digest)
        .cloned();
    match about {
        Some(about) => Ok((Content::SimpleSigning(payload), about)),
        None => Err(Rejected::new(
            Code::SubjectMismatch,
            format!("a signature on {}", subjects.attached),
            format!("one on {}", payload.manifest_digest),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_a_few_subjects_and_counts_the_others() {
        let of = |count: usize| {
            let one = r#"{"digest":{"sha256":"00"}}"#;
            let subjects = vec![one; count].join(",");
            let text = format!(
                r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[{subjects}]}}"#
            );
            names(&Statement::parse(text.as_bytes(), &Limits::default()).unwrap())
        };
        assert_eq!(of(SHOWN).matches("sha256:00").count(), SHOWN);
        assert!(!of(SHOWN).contains("more"));
        let more = of(SHOWN + 1);
        assert_eq!(more.matches("sha256:00").count(), SHOWN);
        assert!(more.ends_with("and 1 more"), "{more}");
    }
}
