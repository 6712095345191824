//! `PolicyException`: a signed document that lets named images pass without a requirement.
//!
//! It travels as the predicate of an in-toto statement of type [`PREDICATE_TYPE`], so that it is
//! signed, logged, timestamped and verified like every other attestation, and so that a subject of
//! the statement binds it to the image.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use crate::code::Code;
use crate::content::ContentError;
use crate::digest::Digest;
use crate::json::{self, canonical};

/// The predicate type of signed exceptions.
pub const PREDICATE_TYPE: &str = "https://policy.sovverify.dev/PolicyException/v1alpha1";

/// Images that one exception may name, whatever a policy allows.
const MAX_IMAGES: usize = 256;
/// Requirements that one exception may name, whatever a policy allows.
const MAX_REQUIREMENTS: usize = 64;
/// Characters of one text in an exception: reason, ticket, names.
const MAX_TEXT: usize = 4096;

/// An exception, read from verified bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyException {
    /// Its name, for reports.
    pub name: String,
    /// The images that it is about, by digest only.
    pub images: BTreeSet<Digest>,
    /// The policies that give way; all that name its signers where empty.
    pub policies: BTreeSet<String>,
    /// The requirements that give way.
    pub requirements: BTreeSet<String>,
    /// Why.
    pub reason: String,
    /// Where the decision is written down.
    pub ticket: String,
    /// The last moment at which it counts.
    pub not_after: Timestamp,
    /// SHA-256 over what it says, in canonical form: two signers sign one exception where it is the same.
    pub digest: Digest,
}

/// The document as it is written.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExceptionDocument {
    /// Always `policy.sovverify.dev/v1alpha1`.
    api_version: String,
    /// Always `PolicyException`.
    kind: String,
    /// Names the document.
    metadata: ExceptionMetadata,
    /// What gives way, for which images, why, and until when.
    spec: ExceptionSpec,
}

/// Names an exception.
#[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionMetadata {
    /// The name.
    name: String,
}

/// What gives way, for which images, why, and until when.
#[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExceptionSpec {
    /// The images, by digest: `sha256:HEX`. Tags move, so none is taken.
    #[schemars(length(min = 1, max = 256))]
    images: Vec<String>,
    /// The policies that give way; all that name the signers where nothing is written.
    #[serde(default)]
    policies: Vec<String>,
    /// The requirements that give way, by name.
    #[schemars(length(min = 1, max = 64))]
    requirements: Vec<String>,
    /// Why.
    reason: String,
    /// Where the decision is written down.
    ticket: String,
    /// The last moment at which the exception counts (RFC 3339).
    #[schemars(extend("format" = "date-time"))]
    not_after: String,
}

impl PolicyException {
    /// Reads an exception from the bytes of a document.
    ///
    /// # Errors
    ///
    /// [`ContentError`]: `exception/malformed` for what is no such document, `exception/too-broad`
    /// for one that names tags, patterns, nothing, or too much.
    pub fn read(document: &[u8]) -> Result<Self, ContentError> {
        let raw: ExceptionDocument = json::read(document, Code::ExceptionMalformed)?;
        is(&raw.api_version, crate::policy::API_VERSION, "/apiVersion")?;
        is(&raw.kind, "PolicyException", "/kind")?;
        let spec = raw.spec;
        let not_after: Timestamp = spec.not_after.parse().map_err(|_| {
            let expected = "an RFC 3339 time such as `2027-06-30T00:00:00Z`";
            let found = format!("`{}`", spec.not_after);
            ContentError::new(Code::ExceptionMalformed, "/spec/notAfter", expected, found)
        })?;
        let texts = [
            ("/metadata/name", &raw.metadata.name),
            ("/spec/reason", &spec.reason),
            ("/spec/ticket", &spec.ticket),
        ];
        for (place, text) in texts {
            said(text, place)?;
        }
        let images = images(&spec.images)?;
        let policies = names(&spec.policies, "/spec/policies", MAX_REQUIREMENTS)?;
        let requirements = requirements(&spec.requirements)?;
        // Signing tools write the same document with other spaces and in another order.
        let digest = canonical::digest(&json!({
            "name": raw.metadata.name,
            "images": images.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "policies": policies,
            "requirements": requirements,
            "reason": spec.reason,
            "ticket": spec.ticket,
            "notAfter": not_after.to_string(),
        }));
        Ok(Self {
            name: raw.metadata.name,
            images,
            policies,
            requirements,
            reason: spec.reason,
            ticket: spec.ticket,
            not_after,
            digest,
        })
    }
}

fn is(found: &str, expected: &str, place: &str) -> Result<(), ContentError> {
    if found == expected {
        return Ok(());
    }
    let (expected, found) = (format!("`{expected}`"), format!("`{found}`"));
    Err(ContentError::new(
        Code::ExceptionMalformed,
        place,
        expected,
        found,
    ))
}

fn said(text: &str, place: &str) -> Result<(), ContentError> {
    let length = text.chars().count();
    if length > MAX_TEXT {
        return Err(ContentError::limit(place, "characters", MAX_TEXT, length));
    }
    if text.trim().is_empty() {
        let expected = "a text that an auditor can follow";
        return Err(ContentError::new(
            Code::ExceptionMalformed,
            place,
            expected,
            "an empty one",
        ));
    }
    Ok(())
}

fn images(written: &[String]) -> Result<BTreeSet<Digest>, ContentError> {
    if written.len() > MAX_IMAGES {
        return Err(ContentError::limit(
            "/spec/images",
            "images",
            MAX_IMAGES,
            written.len(),
        ));
    }
    let digest = |(number, text): (usize, &String)| {
        text.parse::<Digest>().map_err(|_| {
            let place = format!("/spec/images/{number}");
            let expected = "a digest as `sha256:HEX`: a tag or pattern is about images yet to come";
            ContentError::new(
                Code::ExceptionTooBroad,
                place,
                expected,
                format!("`{text}`"),
            )
        })
    };
    let images: BTreeSet<Digest> = written
        .iter()
        .enumerate()
        .map(digest)
        .collect::<Result<_, _>>()?;
    not_empty(&images, "/spec/images", "at least one image by digest")?;
    Ok(images)
}

fn requirements(written: &[String]) -> Result<BTreeSet<String>, ContentError> {
    let place = "/spec/requirements";
    let requirements = names(written, place, MAX_REQUIREMENTS)?;
    not_empty(&requirements, place, "at least one requirement by name")?;
    Ok(requirements)
}

fn names(written: &[String], place: &str, limit: usize) -> Result<BTreeSet<String>, ContentError> {
    if written.len() > limit {
        return Err(ContentError::limit(place, "names", limit, written.len()));
    }
    for (number, name) in written.iter().enumerate() {
        said(name, &format!("{place}/{number}"))?;
        if name.contains(['*', '?']) {
            let place = format!("{place}/{number}");
            let found = format!("`{name}`");
            let expected = "a name, not a pattern";
            return Err(ContentError::new(
                Code::ExceptionTooBroad,
                place,
                expected,
                found,
            ));
        }
    }
    Ok(written.iter().cloned().collect())
}

fn not_empty<T>(set: &BTreeSet<T>, place: &str, expected: &str) -> Result<(), ContentError> {
    if set.is_empty() {
        return Err(ContentError::new(
            Code::ExceptionTooBroad,
            place,
            expected,
            "none",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(spec: &str) -> String {
        format!(
            r#"{{"apiVersion":"policy.sovverify.dev/v1alpha1","kind":"PolicyException","metadata":{{"name":"sbom-of-legacy"}},"spec":{spec}}}"#
        )
    }

    fn spec(images: &str, requirements: &str) -> String {
        document(&format!(
            r#"{{"images":{images},"requirements":{requirements},"reason":"the vendor delivers no SBOM","ticket":"SEC-1","notAfter":"2026-04-01T00:00:00Z"}}"#
        ))
    }

    fn image() -> String {
        format!(r#"["{}"]"#, Digest::sha256(b"x"))
    }

    #[test]
    fn an_exception_is_what_it_says_however_it_is_written() {
        let read = |text: &str| PolicyException::read(text.as_bytes()).unwrap().digest;
        let compact = spec(&image(), r#"["sbom","signed"]"#);
        let spaced = spec(&image(), r#"["signed", "sbom"]"#).replace("\",\"", "\", \"");
        assert_ne!(compact, spaced);
        assert_eq!(read(&compact), read(&spaced));
        for (from, to) in [
            ("sbom-of-legacy", "other"),
            ("SEC-1", "SEC-2"),
            ("delivers", "sends"),
            ("2026-04-01", "2026-04-02"),
            (r#""signed""#, r#""scan""#),
            ("sha256:2d", "sha256:3d"),
        ] {
            let other = compact.replace(from, to);
            assert_ne!(other, compact, "{from}");
            assert_ne!(read(&other), read(&compact), "{from}");
        }
    }

    #[test]
    fn an_exception_names_digests_requirements_a_reason_and_an_end() {
        let exception = PolicyException::read(spec(&image(), r#"["sbom"]"#).as_bytes()).unwrap();
        assert!(exception.images.contains(&Digest::sha256(b"x")));
        assert!(exception.requirements.contains("sbom"));
        assert_eq!(exception.ticket, "SEC-1");
    }

    #[test]
    fn what_is_too_broad_is_refused_where_it_stands() {
        for (text, place) in [
            (
                spec(r#"["registry.example/app:v1"]"#, r#"["sbom"]"#),
                "/spec/images/0",
            ),
            (spec(r#"["**"]"#, r#"["sbom"]"#), "/spec/images/0"),
            (spec("[]", r#"["sbom"]"#), "/spec/images"),
            (spec(&image(), "[]"), "/spec/requirements"),
            (spec(&image(), r#"["signed","*"]"#), "/spec/requirements/1"),
        ] {
            let error = PolicyException::read(text.as_bytes()).unwrap_err();
            assert_eq!(
                (error.code, error.place.as_str()),
                (Code::ExceptionTooBroad, place),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_exception_is_refused() {
        let honest = spec(&image(), r#"["sbom"]"#);
        for (from, to) in [
            ("PolicyException", "ClusterImagePolicy"),
            ("v1alpha1", "v1"),
            ("\"SEC-1\"", "\" \""),
            ("2026-04-01T00:00:00Z", "never"),
            ("\"ticket\"", "\"tickets\""),
            ("\"reason\":", "\"reason\":\"twice\",\"reason\":"),
            ("\"notAfter\"", "\"notBefore\":\"x\",\"notAfter\""),
        ] {
            let text = honest.replacen(from, to, 1);
            let error = PolicyException::read(text.as_bytes()).unwrap_err();
            assert_eq!(error.code, Code::ExceptionMalformed, "{text}");
        }
    }

    #[test]
    fn what_no_auditor_reads_reaches_a_limit() {
        let names = |count: usize| {
            let names: Vec<String> = (0..count).map(|n| format!("\"n{n}\"")).collect();
            format!("[{}]", names.join(","))
        };
        let images = |count: usize| {
            let images: Vec<String> = (0..count)
                .map(|n| format!("\"{}\"", Digest::sha256(n.to_string().as_bytes())))
                .collect();
            format!("[{}]", images.join(","))
        };
        let honest = spec(&image(), r#"["a"]"#);
        for (more, expected) in [(0, None), (1, Some(Code::LimitExceeded))] {
            // Characters, and not bytes.
            let text = "é".repeat(MAX_TEXT + more);
            let policies = names(MAX_REQUIREMENTS + more);
            for document in [
                spec(&images(MAX_IMAGES + more), r#"["a"]"#),
                spec(&image(), &names(MAX_REQUIREMENTS + more)),
                spec(&image(), &format!("[\"{text}\"]")),
                honest.replacen(
                    "\"reason\"",
                    &format!("\"policies\":{policies},\"reason\""),
                    1,
                ),
                honest.replacen("the vendor delivers no SBOM", &text, 1),
                honest.replacen("SEC-1", &text, 1),
                honest.replacen("sbom-of-legacy", &text, 1),
            ] {
                let refused = PolicyException::read(document.as_bytes()).err();
                assert_eq!(refused.map(|error| error.code), expected, "{document:.200}");
            }
        }
    }
}
