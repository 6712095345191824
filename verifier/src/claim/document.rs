//! The document inside a predicate: signing tools wrap it in three ways.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::Statement;
use crate::code::Code;
use crate::content::ContentError;

/// cosign's wrapper for documents that it does not know, and for all of them before v2.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapper<'a> {
    #[serde(rename = "Data", borrow)]
    data: &'a RawValue,
    #[serde(rename = "Timestamp")]
    _timestamp: Option<&'a RawValue>,
}

impl Statement {
    /// The bytes of the document that the predicate is, or carries: a JSON object as it is, the
    /// content of a JSON string (`cosign attest --type spdx`), or either of the two under `Data`.
    ///
    /// # Errors
    ///
    /// [`ContentError`] `attestation/predicate-malformed` where there is no predicate.
    pub fn document(&self) -> Result<Cow<'_, [u8]>, ContentError> {
        let Some(predicate) = &self.predicate else {
            let code = Code::AttestationPredicateMalformed;
            return Err(ContentError::new(code, "/predicate", "a predicate", "none"));
        };
        let text = predicate.get();
        let inner = serde_json::from_str::<Wrapper<'_>>(text).map_or(text, |w| w.data.get());
        if !inner.starts_with('"') {
            return Ok(Cow::Borrowed(inner.as_bytes()));
        }
        serde_json::from_str::<String>(inner)
            .map(|text| Cow::Owned(text.into_bytes()))
            .map_err(|error| {
                let code = Code::AttestationPredicateMalformed;
                ContentError::new(code, "/predicate", "a JSON string", error.to_string())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn a_document_is_found_however_it_is_wrapped() {
        for (predicate, document) in [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (r#""SPDXVersion: SPDX-2.3\n""#, "SPDXVersion: SPDX-2.3\n"),
            (
                r#"{"Data":{"a":1},"Timestamp":"2026-01-01T00:00:00Z"}"#,
                r#"{"a":1}"#,
            ),
            (r#"{"Data":"{\"a\":1}","Timestamp":""}"#, r#"{"a":1}"#),
            (
                r#"{"Data":{"a":1},"more":1}"#,
                r#"{"Data":{"a":1},"more":1}"#,
            ),
            ("[1]", "[1]"),
        ] {
            let payload = format!(
                r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"p","subject":[{{}}],"predicate":{predicate}}}"#
            );
            let statement = Statement::parse(payload.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(
                statement.document().unwrap(),
                document.as_bytes(),
                "{predicate}"
            );
        }
    }
}
