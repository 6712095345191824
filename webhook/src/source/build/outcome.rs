//! What became of each object, and what its status should say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sovverify::Code;
use sovverify::policy::{PolicySet, Scope};

use super::super::kind::{Key, Kind};
use super::super::objects::Object;
use super::super::status::{self, ACCEPTED, Condition, Desired, TRUST_VALID, Truth};
use crate::state::State;

/// A state, and what became of each object.
#[derive(Debug)]
pub(in super::super) struct Built {
    pub(in super::super) state: State,
    pub(in super::super) outcomes: BTreeMap<Key, Outcome>,
}

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Outcome {
    /// It counts.
    Accepted {
        /// What its author should look at again.
        warnings: Vec<String>,
    },
    /// It is broken, and the last good version counts.
    Kept {
        code: Code,
        problem: String,
        generation: i64,
    },
    /// It does not count.
    Refused { code: Code, problem: String },
}

impl Outcome {
    /// Whether the version of now counts.
    pub(in super::super) const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// What is wrong with the version of now.
    pub(in super::super) fn problem(&self) -> Option<&str> {
        match self {
            Self::Accepted { .. } => None,
            Self::Kept { problem, .. } | Self::Refused { problem, .. } => Some(problem),
        }
    }
}

/// What the status of each object should say at `now`.
pub(in super::super) fn statuses(
    policies: &PolicySet,
    outcomes: &BTreeMap<Key, Outcome>,
    objects: &BTreeMap<Key, Object>,
    now: Timestamp,
) -> BTreeMap<Key, Desired> {
    let facts = Facts::of(policies);
    let desired = outcomes.iter().filter_map(|(key, outcome)| {
        let object = objects.get(key)?;
        let counts = !matches!(outcome, Outcome::Refused { .. });
        let mut conditions = vec![accepted(key, outcome)];
        let term = facts.terms.get(key).filter(|_| counts);
        conditions.extend(term.map(|term| term.condition(now)));
        let desired = Desired {
            uid: object.uid.clone(),
            generation: object.generation,
            digest: facts.digests.get(key).filter(|_| counts).cloned(),
            expires: term.and_then(|term| term.expires),
            conditions,
        };
        Some((key.clone(), desired))
    });
    desired.collect()
}

fn accepted(key: &Key, outcome: &Outcome) -> Condition {
    match outcome {
        Outcome::Accepted { warnings } if warnings.is_empty() => {
            Condition::new(ACCEPTED, Truth::Holds, "Accepted", in_force(key.kind))
        }
        Outcome::Accepted { warnings } => {
            let message = format!("{}; {}", in_force(key.kind), warnings.join(" | "));
            Condition::new(ACCEPTED, Truth::Holds, "AcceptedWithWarnings", &message)
        }
        Outcome::Kept {
            code,
            problem,
            generation,
        } => {
            let message = format!("{problem}; until it is mended, generation {generation} counts");
            Condition::new(ACCEPTED, Truth::Fails, status::reason(*code), &message)
        }
        Outcome::Refused { code, problem } => {
            let message = format!("{problem}; {}", instead(key.kind));
            Condition::new(ACCEPTED, Truth::Fails, status::reason(*code), &message)
        }
    }
}

const fn in_force(kind: Kind) -> &'static str {
    match kind {
        Kind::PolicyException => {
            "signed; whether it counts is decided for each image that it names"
        }
        Kind::TrustRoot | Kind::ClusterImagePolicy | Kind::ImagePolicy => "in force",
    }
}

/// What happens in place of a document that does not count.
const fn instead(kind: Kind) -> &'static str {
    match kind {
        Kind::ClusterImagePolicy | Kind::ImagePolicy => {
            "until it is mended or deleted, every image that it may be about is denied"
        }
        Kind::TrustRoot => "policies that name it deny what they are about",
        Kind::PolicyException => "it excuses nothing",
    }
}

/// What is known of the documents that count.
struct Facts {
    digests: BTreeMap<Key, String>,
    terms: BTreeMap<Key, Term>,
}

/// How long a trust root lasts.
struct Term {
    expires: Option<Timestamp>,
    warns_from: Option<Timestamp>,
}

impl Facts {
    fn of(policies: &PolicySet) -> Self {
        let root = |name: String| Key {
            kind: Kind::TrustRoot,
            namespace: None,
            name,
        };
        let roots = policies.trust_roots().into_iter();
        let mut digests: BTreeMap<Key, String> = roots
            .map(|named| (root(named.name), named.digest.to_string()))
            .collect();
        for policy in policies.policies() {
            let name = policy.name();
            let key = match policy.scope() {
                Scope::Namespace(namespace) => Key {
                    kind: Kind::ImagePolicy,
                    namespace: Some(namespace.clone()),
                    // `Policy::name` is `namespace/name`.
                    name: name
                        .split_once('/')
                        .map_or(name.as_str(), |(_, name)| name)
                        .to_owned(),
                },
                _ => Key {
                    kind: Kind::ClusterImagePolicy,
                    namespace: None,
                    name,
                },
            };
            digests.insert(key, policy.digest().to_string());
        }
        let terms = policies.trust_terms().into_iter().map(|term| {
            let (expires, warns_from) = (term.expires, term.warns_from);
            (
                root(term.name),
                Term {
                    expires,
                    warns_from,
                },
            )
        });
        Self {
            digests,
            terms: terms.collect(),
        }
    }
}

impl Term {
    fn condition(&self, now: Timestamp) -> Condition {
        let kind = TRUST_VALID;
        match (self.expires, self.warns_from) {
            (None, _) => Condition::new(kind, Truth::Holds, "NeverExpires", "it has no end"),
            (Some(end), _) if now >= end => {
                let message = format!(
                    "expired at {end}; policies that name it deny what they are about until it is renewed"
                );
                Condition::new(kind, Truth::Fails, "Expired", &message)
            }
            (Some(end), Some(start)) if now >= start => {
                let message = format!("expires at {end}; renew it before that");
                Condition::new(kind, Truth::Holds, "ExpiresSoon", &message)
            }
            (Some(end), _) => {
                let message = format!("until {end}");
                Condition::new(kind, Truth::Holds, "InForce", &message)
            }
        }
    }
}
