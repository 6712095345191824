//! From mounted files and objects to a state that can decide.
//!
//! ```text
//! mounted documents (good as a whole, or the last ones that were)
//!   + each object: the version of now, else its last good one, else what denies in its scope
//!   ─► one set of policies ─► State, and for each object what its status should say
//! ```
//!
//! **Invariant**: a broken version never replaces a good one of the same object, and an object that was never
//! good denies what it may be about. What was deleted is gone: only what still exists has a last good
//! version. An exception loosens, so of exceptions only the version of now counts.

mod exceptions;
mod outcome;
mod parsed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sovverify::policy::{Diagnostic, Documents, Lenient, PolicySet, Scope, Unusable};

pub(super) use exceptions::of_spec as exception;
pub(super) use outcome::{Built, Outcome, statuses};
use parsed::Parsed;
pub(super) use parsed::{beyond, complaint, located, source};

use super::files::Mounted;
use super::kind::{Key, Kind};
use super::objects::Object;
use super::problem::Problem;
use crate::state::State;

/// Turns documents into states, and remembers the last good version of every object.
#[derive(Debug, Default)]
pub(super) struct Builder {
    /// The version of now of each policy and trust root, parsed.
    parsed: BTreeMap<Key, Parsed>,
    /// The last version of each that could be used.
    kept: BTreeMap<Key, Kept>,
}

/// A version that could be used.
#[derive(Clone, Debug)]
struct Kept {
    uid: String,
    generation: i64,
    documents: Documents,
}

/// Which version of an object is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Current,
    Kept,
    /// None can be read.
    None,
}

/// The versions that are taken, and what is wrong with those of now that are not.
#[derive(Debug, Default)]
struct Choice {
    versions: BTreeMap<Key, Version>,
    problems: BTreeMap<Key, Vec<Diagnostic>>,
}

impl Builder {
    /// Builds a state of everything that can be used.
    ///
    /// # Errors
    ///
    /// [`Problem`] where the mounted documents contradict themselves; they were read by themselves
    /// before, so that this does not happen.
    pub(super) fn build(
        &mut self,
        mounted: &Mounted,
        objects: &BTreeMap<Key, Object>,
    ) -> Result<Built, Problem> {
        self.take(objects);
        let mut choice = self.first_choice();
        // Each time around, at least one object falls back to its last good version, and none returns.
        let (policies, broken) = loop {
            let compiled = self.compile(mounted, &choice)?;
            if !self.fall_back(&mut choice, &compiled.1) {
                break compiled;
            }
        };
        let unusable = self.unreadable(&choice);
        let policies = policies.with_unusable(unusable);
        self.keep(&choice, &broken);
        for (key, problems) in broken {
            // A last good version may be broken by now too: what it rested on is gone.
            choice.versions.insert(key.clone(), Version::None);
            choice.problems.entry(key).or_insert(problems);
        }
        let (exceptions, refused) = exceptions::given(objects);
        let mut outcomes = self.outcomes(&choice, &policies);
        outcomes.extend(refused);
        let own = mounted.exceptions.iter().cloned();
        Ok(Built {
            state: State {
                exceptions: own.chain(exceptions).collect(),
                discovery: Arc::clone(&mounted.discovery),
                limits: mounted.limits,
                workloads: policies.configuration().workloads.clone(),
                generation: 0,
                policies,
            },
            outcomes,
        })
    }

    /// Parses what changed, and forgets what is gone.
    fn take(&mut self, objects: &BTreeMap<Key, Object>) {
        let same = |key: &Key, uid: &str| objects.get(key).is_some_and(|object| object.uid == uid);
        self.kept.retain(|key, kept| same(key, &kept.uid));
        self.parsed.retain(|key, _| objects.contains_key(key));
        for (key, object) in objects {
            let known = self.parsed.get(key);
            if key.kind != Kind::PolicyException && !known.is_some_and(|known| known.is_of(object))
            {
                self.parsed.insert(key.clone(), Parsed::new(key, object));
            }
        }
    }

    /// The version of now wherever it can be read.
    fn first_choice(&self) -> Choice {
        let mut choice = Choice::default();
        for (key, parsed) in &self.parsed {
            let version = match parsed.documents() {
                Ok(_) => Version::Current,
                Err(problems) => {
                    choice.problems.insert(key.clone(), problems.clone());
                    self.kept_or_none(key)
                }
            };
            choice.versions.insert(key.clone(), version);
        }
        choice
    }

    fn kept_or_none(&self, key: &Key) -> Version {
        if self.kept.contains_key(key) {
            Version::Kept
        } else {
            Version::None
        }
    }

    /// Compiles the chosen versions beside the mounted documents.
    fn compile(
        &self,
        mounted: &Mounted,
        choice: &Choice,
    ) -> Result<(PolicySet, BTreeMap<Key, Vec<Diagnostic>>), Problem> {
        let chosen = choice
            .versions
            .iter()
            .filter_map(|(key, version)| match version {
                Version::Current => self.parsed.get(key)?.documents().as_ref().ok().cloned(),
                Version::Kept => Some(self.kept.get(key)?.documents.clone()),
                Version::None => None,
            });
        // Mounted documents come first: of two with one name the object is the second one.
        let parts = std::iter::once(mounted.documents().clone()).chain(chosen);
        let documents = Documents::join(parts).map_err(|error| Problem::from(&error))?;
        let compiled = documents.compile_lenient(&mounted.loaded.files, &mounted.loaded.databases);
        let Lenient { policies, broken } = compiled.map_err(|error| Problem::from(&error))?;
        let broken = broken.into_iter().filter_map(|broken| {
            let key = Key {
                kind: Kind::of(broken.kind)?,
                namespace: broken.namespace,
                name: broken.name,
            };
            let problems = broken.problems.iter().cloned().collect();
            (broken.file == key.to_string()).then_some((key, problems))
        });
        Ok((policies, broken.collect()))
    }

    /// Takes the last good version of what is broken, trust roots first: a policy may be broken for no
    /// other reason than its trust root. Whether anything was changed.
    fn fall_back(&self, choice: &mut Choice, broken: &BTreeMap<Key, Vec<Diagnostic>>) -> bool {
        let can = |key: &&Key| {
            let current = choice.versions.get(*key) == Some(&Version::Current);
            current && self.kept_is_another(key)
        };
        let fallible: BTreeSet<&Key> = broken.keys().filter(can).collect();
        let is_root = |key: &&Key| key.kind == Kind::TrustRoot;
        let some_root = fallible.iter().any(is_root);
        let fallen: Vec<Key> = fallible
            .into_iter()
            .filter(|key| !some_root || is_root(key))
            .cloned()
            .collect();
        for key in &fallen {
            choice.versions.insert(key.clone(), Version::Kept);
            if let Some(problems) = broken.get(key) {
                choice.problems.insert(key.clone(), problems.clone());
            }
        }
        !fallen.is_empty()
    }

    /// Whether there is a last good version, and it is not the one of now.
    fn kept_is_another(&self, key: &Key) -> bool {
        let current = self.parsed.get(key).map(Parsed::generation);
        self.kept
            .get(key)
            .is_some_and(|kept| Some(kept.generation) != current)
    }

    /// What denies for policies of which no version can be read.
    fn unreadable(&self, choice: &Choice) -> Vec<Unusable> {
        let none = choice
            .versions
            .iter()
            .filter(|(_, version)| **version == Version::None);
        none.filter_map(|(key, _)| {
            let problem = choice.problems.get(key)?.first()?.clone();
            let scope = scope(key)?;
            Some(match self.parsed.get(key).and_then(Parsed::source) {
                Some(source) => Unusable::read(source, scope, key.name.clone(), problem),
                None => Unusable::new(scope, key.name.clone(), problem),
            })
        })
        .collect()
    }

    /// Remembers the versions of now that were used.
    fn keep(&mut self, choice: &Choice, broken: &BTreeMap<Key, Vec<Diagnostic>>) {
        for (key, version) in &choice.versions {
            let (Version::Current, None) = (version, broken.get(key)) else {
                continue;
            };
            let Some(parsed) = self.parsed.get(key) else {
                continue;
            };
            if let Ok(documents) = parsed.documents() {
                let kept = Kept {
                    uid: parsed.uid().to_owned(),
                    generation: parsed.generation(),
                    documents: documents.clone(),
                };
                self.kept.insert(key.clone(), kept);
            }
        }
    }

    fn outcomes(&self, choice: &Choice, policies: &PolicySet) -> BTreeMap<Key, Outcome> {
        let mut warnings: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for warning in policies.warnings() {
            let of_file = warnings.entry(&warning.position.file).or_default();
            of_file.push(warning.one_line());
        }
        let outcome = |(key, version): (&Key, &Version)| {
            let parsed = self.parsed.get(key)?;
            let problems = choice.problems.get(key);
            let told = problems.and_then(|problems| {
                let code = problems.first()?.code;
                Some((code, parsed.explain(key, problems)))
            });
            let kept = self.kept.get(key).filter(|_| *version == Version::Kept);
            let outcome = match (told, kept) {
                (None, _) => Outcome::Accepted {
                    warnings: warnings
                        .remove(key.to_string().as_str())
                        .unwrap_or_default(),
                },
                (Some((code, problem)), Some(kept)) => Outcome::Kept {
                    code,
                    problem,
                    generation: kept.generation,
                },
                (Some((code, problem)), None) => Outcome::Refused { code, problem },
            };
            Some((key.clone(), outcome))
        };
        choice.versions.iter().filter_map(outcome).collect()
    }
}

/// The scope of a policy; nothing for other kinds.
fn scope(key: &Key) -> Option<Scope> {
    match (key.kind, &key.namespace) {
        (Kind::ClusterImagePolicy, _) => Some(Scope::Cluster),
        (Kind::ImagePolicy, Some(namespace)) => Some(Scope::Namespace(namespace.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
