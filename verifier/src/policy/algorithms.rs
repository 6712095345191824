//! Which algorithms may count under a trust root, separately for the four parts that they play: the
//! signature on the artefact, certificates, logs, timestamps.
//!
//! **When a date counts.** A date from which an algorithm is *forbidden* is about its use. For the
//! artefact signature and the certificates the use is proven: it was no later than the latest
//! verified time, so what was signed before the date stays good after it. Nothing older than
//! itself vouches for a log or a timestamp, so these are judged at the verification time, as is a
//! signature without any proven time. A date from which an algorithm is *deprecated* is a message
//! to whoever reads the verdict, and is always compared with the verification time.

mod name;
mod profile;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::claim::Claim;
use crate::code::Code;
use crate::time::VerificationTime;
use name::Named;
pub(super) use name::{Listable, NAMES};
pub(super) use profile::Profile;
use profile::Row;

/// The part that an algorithm plays in a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// It signed the artefact.
    Signature,
    /// It signed a certificate, or is the algorithm of a certified key.
    Certificate,
    /// A transparency log signs with it, or a certificate transparency log.
    Log,
    /// A timestamp authority, or its chain, signs with it, or hashes what it stamps.
    Timestamp,
}

impl Role {
    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Certificate => "certificate",
            Self::Log => "log",
            Self::Timestamp => "timestamp",
        }
    }

    /// The refusal of an algorithm in this role.
    const fn refusal(self) -> Code {
        match self {
            Self::Signature => Code::KeyAlgorithmForbidden,
            Self::Certificate => Code::CertificateAlgorithmForbidden,
            Self::Log => Code::TransparencyAlgorithmForbidden,
            Self::Timestamp => Code::TimestampAlgorithmForbidden,
        }
    }

    /// Where, for messages; nothing for the signature, which is what people think of first.
    const fn place(self) -> &'static str {
        match self {
            Self::Signature => "",
            Self::Certificate => " in certificates",
            Self::Log => " of logs",
            Self::Timestamp => " in timestamps",
        }
    }
}

/// The algorithms that may count, for each role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Algorithms {
    pub(super) signature: Rule,
    pub(super) certificate: Rule,
    pub(super) log: Rule,
    pub(super) timestamp: Rule,
}

/// The algorithms that may count in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Those of a profile.
    Profile(Profile),
    /// Those that are listed.
    Listed(BTreeSet<Listable>),
}

impl Default for Rule {
    fn default() -> Self {
        Self::Profile(Profile::Default)
    }
}

/// Why a claim may not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forbidden {
    pub(super) code: Code,
    pub(super) expected: String,
    pub(super) found: String,
}

/// A use of an algorithm that still counts, and that its profile wants to see gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Deprecation {
    /// The part that the algorithm plays.
    pub role: Role,
    /// The algorithm, as the claim names it.
    pub algorithm: String,
    /// The name of the profile.
    pub profile: &'static str,
    /// The first day of the deprecation.
    pub since: Date,
    /// Whether a quantum-safe signature on the same artefact lifts it.
    pub alone_only: bool,
    /// What the profile rests on: document and section.
    pub source: &'static str,
}

/// What a rule says about one use.
enum Standing {
    Allowed,
    Deprecated(Profile, Date, &'static Row),
    Forbidden(Option<Date>),
}

/// The two moments that dates are compared with.
#[derive(Clone, Copy)]
struct Moments {
    used: Date,
    read: Date,
}

impl Algorithms {
    /// The same rule for every role.
    pub(super) fn everywhere(rule: Rule) -> Self {
        Self {
            signature: rule.clone(),
            certificate: rule.clone(),
            log: rule.clone(),
            timestamp: rule,
        }
    }

    /// The first thing in `claim` that may not count as of `at`.
    pub(super) fn forbidden(&self, claim: &Claim, at: VerificationTime) -> Option<Forbidden> {
        uses(claim).find_map(|(role, algorithm, place)| {
            let moments = Moments::of(role, claim, at);
            let rule = self.rule(role);
            let Standing::Forbidden(since) = rule.judge(role, algorithm, moments) else {
                return None;
            };
            let place = place.map_or_else(String::new, |place| format!(" ({place})"));
            let since = since.map_or_else(String::new, |since| {
                format!(", forbidden from {since}, used {}", moments.used)
            });
            Some(Forbidden {
                code: role.refusal(),
                expected: format!("{}{}", rule.describe(), role.place()),
                found: format!("{algorithm}{place}{since}"),
            })
        })
    }

    /// Everything in `claim` that counts as of `at` and is deprecated, each once, in order.
    ///
    /// What is forbidden is not among it: such a claim does not count at all.
    pub fn deprecations(&self, claim: &Claim, at: VerificationTime) -> Vec<Deprecation> {
        let found: BTreeSet<Deprecation> = uses(claim)
            .filter_map(|(role, algorithm, _)| {
                let moments = Moments::of(role, claim, at);
                match self.rule(role).judge(role, algorithm, moments) {
                    Standing::Deprecated(profile, since, row) => Some(Deprecation {
                        role,
                        algorithm: algorithm.to_owned(),
                        profile: profile.name(),
                        since,
                        alone_only: row.alone_only,
                        source: row.source,
                    }),
                    Standing::Allowed | Standing::Forbidden(_) => None,
                }
            })
            .collect();
        found.into_iter().collect()
    }

    /// The rules as they are written in documents: one for all roles where they are the same.
    pub(super) fn canonical(&self) -> serde_json::Value {
        let rules = [&self.certificate, &self.log, &self.timestamp];
        if rules.iter().all(|rule| **rule == self.signature) {
            return self.signature.canonical();
        }
        serde_json::json!({
            "signature": self.signature.canonical(),
            "certificate": self.certificate.canonical(),
            "log": self.log.canonical(),
            "timestamp": self.timestamp.canonical(),
        })
    }

    const fn rule(&self, role: Role) -> &Rule {
        match role {
            Role::Signature => &self.signature,
            Role::Certificate => &self.certificate,
            Role::Log => &self.log,
            Role::Timestamp => &self.timestamp,
        }
    }
}

/// Whether the artefact signature of `claim` withstands quantum computers.
pub(super) fn is_quantum_safe(claim: &Claim) -> bool {
    Named::parse(&claim.algorithms.signature).is_some_and(|named| named.family.is_quantum_safe())
}

/// Every use of an algorithm in `claim`, and where it is.
fn uses(claim: &Claim) -> impl Iterator<Item = (Role, &str, Option<&str>)> {
    let used = &claim.algorithms;
    let parts = [
        (Role::Certificate, &used.certificates),
        (Role::Log, &used.logs),
        (Role::Timestamp, &used.timestamps),
    ];
    let signature = (Role::Signature, used.signature.as_str(), None);
    let others = parts.into_iter().flat_map(|(role, uses)| {
        uses.iter()
            .map(move |used| (role, used.algorithm.as_str(), Some(used.place.as_str())))
    });
    std::iter::once(signature).chain(others)
}

impl Moments {
    fn of(role: Role, claim: &Claim, at: VerificationTime) -> Self {
        let read = at.timestamp();
        let latest = claim.times.iter().map(|time| time.time).max();
        let used = match role {
            Role::Signature | Role::Certificate => latest.unwrap_or(read),
            Role::Log | Role::Timestamp => read,
        };
        Self {
            used: day(used),
            read: day(read),
        }
    }
}

/// The day in UTC.
fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

impl Rule {
    fn judge(&self, role: Role, algorithm: &str, moments: Moments) -> Standing {
        let named = Named::parse(algorithm);
        let profile = match self {
            // Whatever was verified is implemented.
            Self::Profile(Profile::Default) => return Standing::Allowed,
            Self::Profile(profile) => *profile,
            Self::Listed(list) if named.is_some_and(|named| named.is_listed(list)) => {
                return Standing::Allowed;
            }
            Self::Listed(_) => return Standing::Forbidden(None),
        };
        let Some(row) = named.and_then(|named| Row::of(profile.rows(), role, named)) else {
            return Standing::Forbidden(None);
        };
        if row.forbidden.is_some_and(|date| date <= moments.used) {
            return Standing::Forbidden(row.forbidden);
        }
        match row.deprecated.filter(|date| *date <= moments.read) {
            Some(since) => Standing::Deprecated(profile, since, row),
            None => Standing::Allowed,
        }
    }

    /// The rule in words.
    fn describe(&self) -> String {
        match self {
            Self::Profile(Profile::Default) => "any implemented algorithm".to_owned(),
            Self::Profile(profile) => format!("an algorithm of `{}`", profile.name()),
            Self::Listed(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.name()).collect();
                names.join(", ")
            }
        }
    }

    fn canonical(&self) -> serde_json::Value {
        match self {
            Self::Profile(profile) => profile.name().into(),
            Self::Listed(names) => names.iter().map(|name| name.name()).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
