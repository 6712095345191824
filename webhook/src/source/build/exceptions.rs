//! Signed exceptions that are objects: each counts in its own namespace.

use std::collections::BTreeMap;

use serde_json::Value;
use sovverify::claim::exception::PolicyException;
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::policy::Diagnostic;
use sovverify::{Code, Digest, Evidence};

use super::super::kind::{Key, Kind};
use super::super::objects::{Object, Spec};
use super::outcome::Outcome;
use super::parsed;
use crate::state::GivenException;

/// Exceptions of one namespace: each is tried on every image there.
const MAX_IN_NAMESPACE: usize = 64;

/// The exceptions that can be tried, and what became of each object.
pub(super) fn given(
    objects: &BTreeMap<Key, Object>,
) -> (Vec<GivenException>, BTreeMap<Key, Outcome>) {
    let mut given = Vec::new();
    let mut outcomes = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let exceptions = objects
        .iter()
        .filter(|(key, _)| key.kind == Kind::PolicyException);
    for (key, object) in exceptions {
        let namespace = key.namespace.as_deref().unwrap_or_default();
        let count = counts.entry(namespace).or_default();
        *count += 1;
        let taken = if *count > MAX_IN_NAMESPACE {
            let expected = format!("at most {MAX_IN_NAMESPACE} in one namespace");
            let message = "too many exceptions in the namespace";
            Err(complaint(
                key,
                Code::LimitExceeded,
                message,
                &expected,
                "more",
            ))
        } else {
            of_object(key, &object.spec)
        };
        let outcome = match taken {
            Ok(exception) => {
                given.push(exception);
                Outcome::Accepted {
                    warnings: Vec::new(),
                }
            }
            Err(problem) => Outcome::Refused {
                code: problem.code,
                problem: problem.one_line(),
            },
        };
        outcomes.insert(key.clone(), outcome);
    }
    (given, outcomes)
}

fn of_object(key: &Key, spec: &Spec) -> Result<GivenException, Box<Diagnostic>> {
    match spec {
        Spec::Whole(json) => of_spec(key, &serde_json::from_str(json).unwrap_or_default()),
        Spec::Beyond(bound) => Err(Box::new(parsed::beyond(key, *bound))),
    }
}

/// The exception in `spec.signed`: a Sigstore bundle or a DSSE envelope, as text.
pub(in super::super) fn of_spec(
    key: &Key,
    spec: &Value,
) -> Result<GivenException, Box<Diagnostic>> {
    const EXPECTED: &str =
        "a Sigstore bundle or a DSSE envelope around an exception, as text in `spec.signed`";
    let signed = spec.get("signed").and_then(Value::as_str);
    let Some(signed) = signed.filter(|_| spec.as_object().is_some_and(|map| map.len() == 1)) else {
        let (code, found) = if signed.is_none() {
            (Code::ExceptionUnsigned, "none")
        } else {
            (Code::ExceptionMalformed, "other fields beside it")
        };
        return Err(complaint(
            key,
            code,
            "an exception without a signature",
            EXPECTED,
            found,
        ));
    };
    let form = Form::of_signed(signed.as_bytes().to_vec()).map_err(|bytes| {
        let found = match PolicyException::read(&bytes) {
            Ok(exception) => format!("the exception `{}`, unsigned", exception.name),
            Err(_) => "something else".to_owned(),
        };
        let mut problem = complaint(
            key,
            Code::ExceptionUnsigned,
            "an exception that nobody signed",
            EXPECTED,
            &found,
        );
        problem.hint = Some("sign it; docs/policy/exceptions.md says how".to_owned());
        problem
    })?;
    Ok(GivenException {
        namespace: Some(key.namespace.clone().unwrap_or_default()),
        evidence: Evidence {
            // Whoever judges an image sets it as the subject.
            subject: Digest::sha256(b""),
            origin: Origin {
                kind: OriginKind::File,
                place: key.to_string(),
                manifest: None,
                blob: Digest::sha256(form.bytes()),
            },
            form,
        },
    })
}

fn complaint(key: &Key, code: Code, message: &str, expected: &str, found: &str) -> Box<Diagnostic> {
    Box::new(parsed::complaint(key, code, message, expected, found))
}
