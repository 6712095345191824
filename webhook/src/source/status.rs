//! What the status of an object should say, and whether it says so already.
//!
//! Every replica writes, and all write the same: a status follows from the object and from what is loaded
//! with it, not from who looks. So there is no leader, and no lease to lose. Where replicas see different
//! things for a while, the last one writes; each writes the same thing again only after a pause.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sovverify::Code;
use sovverify::policy::API_VERSION;
use sovverify::report::escape;

use super::kind::Key;

/// Characters of one message: code, line, what was expected and found, and the line itself.
const MAX_MESSAGE: usize = 2000;

/// Whether a document counts.
pub(super) const ACCEPTED: &str = "Accepted";
/// Whether a trust root can still be relied on.
pub(super) const TRUST_VALID: &str = "TrustValid";

/// What the status of one object should say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Desired {
    /// The object that it is about, and not a later one of its name.
    pub(super) uid: String,
    /// The version that it is about.
    pub(super) generation: i64,
    /// The digest of what counts now, where something of the object does.
    pub(super) digest: Option<String>,
    /// When a trust root ends.
    pub(super) expires: Option<Timestamp>,
    /// In order of type.
    pub(super) conditions: Vec<Condition>,
}

/// One condition (Kubernetes API conventions, `metav1.Condition`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) kind: &'static str,
    pub(super) truth: Truth,
    pub(super) reason: String,
    pub(super) message: String,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Holds,
    Fails,
}

impl Truth {
    const fn name(self) -> &'static str {
        match self {
            Self::Holds => "True",
            Self::Fails => "False",
        }
    }
}

impl Condition {
    /// A condition with a message of one line.
    pub(super) fn new(
        kind: &'static str,
        truth: Truth,
        reason: impl Into<String>,
        message: &str,
    ) -> Self {
        let message = escape::escape(message);
        Self {
            kind,
            truth,
            reason: reason.into(),
            message: escape::shorten(&message, MAX_MESSAGE).into_owned(),
        }
    }

    /// The condition as it is written. `since` is when it came to hold or fail.
    fn json(&self, generation: i64, since: &str) -> Value {
        json!({
            "type": self.kind,
            "status": self.truth.name(),
            "reason": self.reason,
            "message": self.message,
            "observedGeneration": generation,
            "lastTransitionTime": since,
        })
    }
}

/// A code as a reason: `policy/file-missing` is `PolicyFileMissing`.
pub(super) fn reason(code: Code) -> String {
    code.name()
        .split(['/', '-'])
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}

impl Desired {
    /// Whether `observed` says something else. The times of transitions do not count: each replica has
    /// its own.
    pub(super) fn differs_from(&self, observed: &Value) -> bool {
        let timeless = |status: &Value| {
            let mut status = status.clone();
            let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
            for condition in conditions.into_iter().flatten() {
                if let Some(map) = condition.as_object_mut() {
                    map.remove("lastTransitionTime");
                }
            }
            status
        };
        timeless(&self.status(observed, Timestamp::UNIX_EPOCH)) != timeless(observed)
    }

    /// What is sent to the API server (server-side apply).
    pub(super) fn body(&self, key: &Key, observed: &Value, now: Timestamp) -> Value {
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), key.name.as_str().into());
        // Not for another object that took the name in the meantime.
        metadata.insert("uid".to_owned(), self.uid.as_str().into());
        if let Some(namespace) = &key.namespace {
            metadata.insert("namespace".to_owned(), namespace.as_str().into());
        }
        json!({
            "apiVersion": API_VERSION,
            "kind": key.kind.name(),
            "metadata": metadata,
            "status": self.status(observed, now),
        })
    }

    fn status(&self, observed: &Value, now: Timestamp) -> Value {
        let conditions: Vec<Value> = self
            .conditions
            .iter()
            .map(|condition| {
                let since = since(condition, observed);
                let now = || second(now).to_string();
                condition.json(self.generation, &since.unwrap_or_else(now))
            })
            .collect();
        let mut status = Map::new();
        status.insert("observedGeneration".to_owned(), self.generation.into());
        status.insert("conditions".to_owned(), conditions.into());
        if let Some(digest) = &self.digest {
            status.insert("digest".to_owned(), digest.as_str().into());
        }
        if let Some(expires) = self.expires {
            status.insert("expires".to_owned(), expires.to_string().into());
        }
        Value::Object(status)
    }
}

/// When a condition came to be what it is, where it was that already.
fn since(condition: &Condition, observed: &Value) -> Option<String> {
    let conditions = observed.get("conditions")?.as_array()?;
    let before = conditions.iter().find(|before| {
        before
            .get("type")
            .is_some_and(|kind| kind == condition.kind)
    })?;
    let unchanged = before
        .get("status")
        .is_some_and(|truth| truth == condition.truth.name());
    let time = before.get("lastTransitionTime")?.as_str()?;
    // What cannot be a time would be refused by the API server, again and again.
    (unchanged && time.parse::<Timestamp>().is_ok()).then(|| time.to_owned())
}

/// Kubernetes writes times in seconds.
fn second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::super::kind::Kind;
    use super::*;

    fn desired(truth: Truth) -> Desired {
        Desired {
            uid: "u".to_owned(),
            generation: 3,
            digest: Some("sha256:00".to_owned()),
            expires: None,
            conditions: vec![Condition::new(ACCEPTED, truth, "Accepted", "in force")],
        }
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_code_becomes_a_reason() {
        assert_eq!(reason(Code::PolicyInvalid), "PolicyInvalid");
        assert_eq!(reason(Code::PolicyFileMissing), "PolicyFileMissing");
        assert_eq!(reason(Code::ExceptionUnsigned), "ExceptionUnsigned");
        // `metav1.Condition`: ^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$
        for code in Code::ALL {
            let reason = reason(*code);
            assert!(
                reason.chars().all(|c| c.is_ascii_alphanumeric()),
                "{reason}"
            );
            assert!(
                reason.starts_with(|c: char| c.is_ascii_uppercase()),
                "{reason}"
            );
        }
    }

    #[test]
    fn what_was_written_is_not_written_again() {
        let key = Key {
            kind: Kind::ImagePolicy,
            namespace: Some("team".to_owned()),
            name: "strict".to_owned(),
        };
        let first = desired(Truth::Holds);
        assert!(first.differs_from(&Value::Null));
        let body = first.body(&key, &Value::Null, time("2026-03-01T10:00:00.5Z"));
        assert_eq!(
            body,
            json!({
                "apiVersion": "policy.sovverify.dev/v1alpha1",
                "kind": "ImagePolicy",
                "metadata": {"name": "strict", "namespace": "team", "uid": "u"},
                "status": {
                    "observedGeneration": 3,
                    "digest": "sha256:00",
                    "conditions": [{
                        "type": "Accepted",
                        "status": "True",
                        "reason": "Accepted",
                        "message": "in force",
                        "observedGeneration": 3,
                        "lastTransitionTime": "2026-03-01T10:00:00Z",
                    }],
                },
            })
        );
        let written = &body["status"];
        assert!(!first.differs_from(written));
        // Another replica wrote the same a moment later.
        let mut theirs = written.clone();
        theirs["conditions"][0]["lastTransitionTime"] = "2026-03-01T10:00:09Z".into();
        assert!(!first.differs_from(&theirs));
    }

    #[test]
    fn a_transition_keeps_its_time_until_the_next_one() {
        let key = Key {
            kind: Kind::TrustRoot,
            namespace: None,
            name: "root".to_owned(),
        };
        let at = |body: &Value| body["status"]["conditions"][0]["lastTransitionTime"].clone();
        let first = desired(Truth::Holds).body(&key, &Value::Null, time("2026-03-01T10:00:00Z"));
        let mut next = desired(Truth::Holds);
        next.generation = 4;
        let second = next.body(&key, &first["status"], time("2026-03-02T10:00:00Z"));
        assert_eq!(at(&second), "2026-03-01T10:00:00Z");
        assert!(next.differs_from(&first["status"]));
        let broken = desired(Truth::Fails);
        assert!(broken.differs_from(&second["status"]));
        let third = broken.body(&key, &second["status"], time("2026-03-03T10:00:00Z"));
        assert_eq!(at(&third), "2026-03-03T10:00:00Z");
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        let text = format!("a\nb\u{1b}[2J{}", "x".repeat(9000));
        let condition = Condition::new(ACCEPTED, Truth::Fails, "PolicyInvalid", &text);
        assert!(condition.message.starts_with("a\\nb\\u{1b}[2J"));
        assert!(condition.message.len() < 2100);
        let said =
            |text: &str| Condition::new(ACCEPTED, Truth::Fails, "PolicyInvalid", text).message;
        let whole = "x".repeat(MAX_MESSAGE);
        assert_eq!(said(&whole), whole);
        assert!(said(&format!("{whole}x")).contains("characters...]"));
    }
}
