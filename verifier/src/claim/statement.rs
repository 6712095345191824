//! What was signed: in-toto statements and simple-signing payloads, read from verified bytes only.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::code::Code;
use crate::digest::Digest;
use crate::json;
use crate::limits::Limits;

/// An in-toto Statement, v0.1 or v1 (in-toto attestation framework, `spec/v1/statement.md`).
#[derive(Clone, Debug)]
pub struct Statement {
    /// `_type`, one of the two known ones.
    pub statement_type: String,
    /// The predicate type URI.
    pub predicate_type: String,
    /// The subjects; never empty.
    pub subjects: Vec<Subject>,
    /// The predicate, exactly as signed; absent for statements without one.
    pub predicate: Option<Box<RawValue>>,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Subject {
    /// A name, unique within the statement; never matched, only shown.
    #[serde(default)]
    pub name: Option<String>,
    /// Digests by algorithm, as written.
    #[serde(default)]
    pub digest: BTreeMap<String, String>,
}

/// Why signed bytes are not a statement or payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// The payload is not JSON of the expected shape.
    #[error("expected a JSON document of the right shape: {detail}")]
    Malformed {
        /// What the parser said.
        detail: String,
    },
    /// The statement type is unknown.
    #[error("expected in-toto Statement v0.1 or v1, found `_type` `{found}`")]
    UnknownType {
        /// The type found.
        found: String,
    },
    /// The statement has no subject.
    #[error("expected at least one subject, found none")]
    NoSubject,
    /// The statement has too many subjects.
    #[error("expected at most {limit} subjects, found {found}")]
    TooManySubjects {
        /// The bound.
        limit: usize,
        /// Subjects found.
        found: usize,
    },
}

#[derive(serde::Deserialize)]
struct RawStatement {
    #[serde(rename = "_type")]
    statement_type: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    subject: Vec<Subject>,
    predicate: Option<Box<RawValue>>,
}

const STATEMENT_TYPES: [&str; 2] = [
    "https://in-toto.io/Statement/v0.1",
    "https://in-toto.io/Statement/v1",
];

/// Reads signed bytes in which no name stands twice in one object.
fn read<'a, T: serde::Deserialize<'a>>(payload: &'a [u8]) -> Result<T, StatementError> {
    json::read(payload, Code::SubjectMalformed).map_err(|error| StatementError::Malformed {
        detail: format!("{} ({})", error.found, error.place),
    })
}

impl Statement {
    /// Reads a statement from signed bytes. The caller has verified the signature over exactly
    /// these bytes.
    ///
    /// # Errors
    ///
    /// [`StatementError`] when the bytes are no statement; duplicate fields are refused.
    pub fn parse(payload: &[u8], limits: &Limits) -> Result<Self, StatementError> {
        // Two readers of a document with a name twice would see two documents, in the predicate too.
        let raw: RawStatement = read(payload)?;
        if !STATEMENT_TYPES.contains(&raw.statement_type.as_str()) {
            return Err(StatementError::UnknownType {
                found: raw.statement_type,
            });
        }
        if raw.subject.is_empty() {
            return Err(StatementError::NoSubject);
        }
        if raw.subject.len() > limits.subjects {
            let found = raw.subject.len();
            return Err(StatementError::TooManySubjects {
                limit: limits.subjects,
                found,
            });
        }
        Ok(Self {
            statement_type: raw.statement_type,
            predicate_type: raw.predicate_type,
            subjects: raw.subject,
            predicate: raw.predicate,
        })
    }

    /// Whether some subject is `digest`.
    pub fn is_about(&self, digest: &Digest) -> bool {
        self.subjects.iter().any(|subject| subject.is(digest))
    }
}

impl Subject {
    /// Whether this subject names `digest` by its own strong algorithm. A name, or a weak digest
    /// such as `sha1`, never makes a match.
    pub fn is(&self, digest: &Digest) -> bool {
        self.digest
            .get(digest.algorithm().name())
            .is_some_and(|value| *value == digest.hex())
    }
}

/// A simple-signing payload (containers/image `docs/containers-signature.5.md`, as cosign writes it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimpleSigning {
    /// `critical.identity.docker-reference`: the name that the signer gave the image.
    pub docker_reference: String,
    /// `critical.image.docker-manifest-digest`: the manifest that was signed.
    pub manifest_digest: Digest,
    /// `optional`: annotations that the signer added.
    pub optional: BTreeMap<String, String>,
}

#[derive(serde::Deserialize)]
struct RawSimpleSigning {
    critical: Critical,
    #[serde(default)]
    optional: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(serde::Deserialize)]
struct Critical {
    #[serde(default)]
    identity: Option<Identity>,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(serde::Deserialize)]
struct Identity {
    #[serde(rename = "docker-reference", default)]
    docker_reference: String,
}

#[derive(serde::Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    docker_manifest_digest: Digest,
}

impl SimpleSigning {
    /// Reads a payload from signed bytes.
    ///
    /// # Errors
    ///
    /// [`StatementError`] when the bytes are no cosign simple-signing payload.
    pub fn parse(payload: &[u8]) -> Result<Self, StatementError> {
        // An annotation that stands twice would be two annotations to two readers.
        let raw: RawSimpleSigning = read(payload)?;
        if !matches!(
            raw.critical.kind.as_str(),
            "cosign container image signature"
                | "https://sigstore.dev/cosign/sign/v1"
                | "atomic container signature"
        ) {
            return Err(StatementError::UnknownType {
                found: raw.critical.kind,
            });
        }
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(Self {
            docker_reference: raw
                .critical
                .identity
                .map(|i| i.docker_reference)
                .unwrap_or_default(),
            manifest_digest: raw.critical.image.docker_manifest_digest,
            optional: raw
                .optional
                .unwrap_or_default()
                .into_iter()
                .map(|(k, v)| (k, text(v)))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(subject: &str) -> Vec<u8> {
        format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"p","subject":{subject},"predicate":{{"a": 1}}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn a_subject_matches_by_strong_digest_only() {
        let digest = Digest::sha256(b"x");
        let limits = Limits::default();
        let named = statement(&format!(
            r#"[{{"name":"{digest}","digest":{{"sha1":"00"}}}}]"#
        ));
        assert!(!Statement::parse(&named, &limits).unwrap().is_about(&digest));
        let right = statement(&format!(
            r#"[{{"digest":{{"sha256":"{}"}}}}]"#,
            digest.hex()
        ));
        let right = Statement::parse(&right, &limits).unwrap();
        assert!(right.is_about(&digest));
        assert_eq!(right.predicate.unwrap().get(), r#"{"a": 1}"#);
    }

    #[test]
    fn a_statement_without_subject_proves_nothing() {
        let limits = Limits {
            subjects: 2,
            ..Limits::default()
        };
        assert_eq!(
            Statement::parse(&statement("[]"), &limits).unwrap_err(),
            StatementError::NoSubject
        );
        for subject in ["null", "[null]", r#"[{"digest":null}]"#, "[{},{},{}]"] {
            assert!(
                Statement::parse(&statement(subject), &limits).is_err(),
                "{subject}"
            );
        }
    }

    #[test]
    fn duplicate_fields_are_refused() {
        let text = r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"p","predicateType":"q","subject":[{}]}"#;
        assert!(Statement::parse(text.as_bytes(), &Limits::default()).is_err());
        let deep = r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"p","subject":[{}],"predicate":{"a":[{"b":1,"b":2}]}}"#;
        let error = Statement::parse(deep.as_bytes(), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("duplicate field `b`"), "{error}");
        let once = deep.replace(r#","b":2"#, "");
        assert!(Statement::parse(once.as_bytes(), &Limits::default()).is_ok());
    }

    #[test]
    fn a_simple_signing_payload_must_say_what_it_is() {
        let digest = Digest::sha256(b"x");
        let payload = |kind: &str| {
            format!(
                r#"{{"critical":{{"identity":{{"docker-reference":"r/a"}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"{kind}"}},"optional":{{"k":"v","n":1}}}}"#
            )
        };
        let parsed =
            SimpleSigning::parse(payload("cosign container image signature").as_bytes()).unwrap();
        assert_eq!(parsed.manifest_digest, digest);
        assert_eq!(parsed.optional.get("n").unwrap(), "1");
        assert!(SimpleSigning::parse(payload("other").as_bytes()).is_err());
    }
}
