//! The version of now of one policy or trust root.

use std::fmt::Write as _;

use serde_json::Value;
use sovverify::Code;
use sovverify::policy::{Diagnostic, Documents, Severity, Source};
use sovverify::verdict::Position;

use super::super::kind::Key;
use super::super::objects::{Bound, Object, Spec};
use super::super::text;

/// Complaints in one message; more are counted.
const MAX_TOLD: usize = 3;

/// One version of an object, parsed.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    object: Object,
    source: Option<Source>,
    documents: Result<Documents, Vec<Diagnostic>>,
}

impl Parsed {
    pub(super) fn new(key: &Key, object: &Object) -> Self {
        let source = match &object.spec {
            Spec::Whole(json) => Some(source(key, &spec(json))),
            Spec::Beyond(_) => None,
        };
        let documents = match (&source, &object.spec) {
            (Some(source), _) => Documents::parse_object(source)
                .map_err(|problems| problems.iter().cloned().collect()),
            (None, Spec::Beyond(bound)) => Err(vec![beyond(key, *bound)]),
            (None, Spec::Whole(_)) => Ok(Documents::default()),
        };
        Self {
            object: object.clone(),
            source,
            documents,
        }
    }

    /// Whether this is what `object` is.
    pub(super) fn is_of(&self, object: &Object) -> bool {
        self.object.is_version_of(object)
    }

    pub(super) const fn documents(&self) -> &Result<Documents, Vec<Diagnostic>> {
        &self.documents
    }

    pub(super) const fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    pub(super) fn uid(&self) -> &str {
        &self.object.uid
    }

    pub(super) const fn generation(&self) -> i64 {
        self.object.generation
    }

    /// What is wrong, on one line, with the path of the field for an author who sees no line numbers.
    pub(super) fn explain(&self, key: &Key, problems: &[Diagnostic]) -> String {
        let spec = match &self.object.spec {
            Spec::Whole(json) => spec(json),
            Spec::Beyond(_) => Value::Null,
        };
        explain(key, &spec, problems)
    }
}

/// Complaints about an object on one line.
fn explain(key: &Key, spec: &Value, problems: &[Diagnostic]) -> String {
    let told = problems.iter().take(MAX_TOLD);
    let told = told.map(|problem| located(key, spec, problem).one_line());
    let mut told = told.collect::<Vec<_>>().join(" | ");
    let rest = problems.len().saturating_sub(MAX_TOLD);
    if rest > 0 {
        // Writing to a String cannot fail.
        let _ = write!(told, " | {rest} more are not shown");
    }
    told
}

/// A complaint that names the field too.
pub(in super::super) fn located(key: &Key, spec: &Value, problem: &Diagnostic) -> Diagnostic {
    let mut located = problem.clone();
    if let Some(path) = text::path(key, spec, problem.position.line) {
        located.message = format!("{} (field `{path}`)", problem.message);
    }
    located
}

/// The document of an object.
pub(in super::super) fn source(key: &Key, spec: &Value) -> Source {
    Source {
        file: key.to_string(),
        text: text::document(key, spec),
    }
}

/// The `spec` as it was kept; what we wrote ourselves can be read.
fn spec(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// An object that is beyond a bound.
pub(in super::super) fn beyond(key: &Key, bound: Bound) -> Diagnostic {
    let message = "the object is larger than is taken";
    let expected = bound.describe();
    complaint(key, Code::LimitExceeded, message, &expected, "more")
}

/// A complaint about an object as a whole.
pub(in super::super) fn complaint(
    key: &Key,
    code: Code,
    message: &str,
    expected: &str,
    found: &str,
) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code,
        position: Position {
            file: key.to_string(),
            line: 1,
            column: 1,
            length: 1,
            source: String::new(),
            source_column: 1,
        },
        message: message.to_owned(),
        expected: Some(expected.to_owned()),
        found: Some(found.to_owned()),
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::Kind;
    use super::*;

    #[test]
    fn complaints_are_told_up_to_a_bound_and_the_rest_is_counted() {
        let key = Key {
            kind: Kind::ClusterImagePolicy,
            namespace: None,
            name: "a".to_owned(),
        };
        let problem = complaint(&key, Code::PolicyInvalid, "m", "e", "f");
        let told = |count: usize| explain(&key, &Value::Null, &vec![problem.clone(); count]);
        assert_eq!(told(MAX_TOLD).split(" | ").count(), MAX_TOLD);
        assert!(!told(MAX_TOLD).contains("not shown"));
        let more = told(MAX_TOLD + 1);
        assert_eq!(more, format!("{} | 1 more are not shown", told(MAX_TOLD)));
    }
}
