//! Where we differ from all referees on purpose, each with its reason.

use serde::Deserialize;

use crate::case::{Answer, Case, Verdict};

/// What is known, and how often it was met.
pub struct Exceptions(Vec<(Exception, usize)>);

/// One known difference.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Mutations that it is about: names, in which `*` stands for anything.
    pub mutations: Vec<String>,
    /// Bases that it is about, in the same way; all of them where it is not given.
    #[serde(default)]
    pub base: Option<String>,
    /// What we say: `accept` or `reject`.
    pub ours: Ours,
    /// The code with which we refuse, or `*` where the place decides which one it is.
    #[serde(default)]
    pub code: Option<String>,
    /// Why.
    pub reason: String,
}

/// What we say.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Ours {
    /// We accept what all referees refuse.
    Accept,
    /// We refuse what all referees accept.
    Reject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exception: Vec<Exception>,
}

impl Exceptions {
    /// The list beside this crate.
    pub fn load() -> Self {
        Self::parse(include_str!("../exceptions.toml"))
    }

    fn parse(text: &str) -> Self {
        let file: File = toml::from_str(text).expect("exceptions.toml");
        let whole = |known: &Exception| {
            let says_why = known.reason.ends_with('.') && known.reason.len() > 20;
            says_why && (known.ours == Ours::Reject) == known.code.is_some()
        };
        assert!(
            file.exception.iter().all(whole),
            "each has a reason, and a code where we refuse"
        );
        Self(file.exception.into_iter().map(|known| (known, 0)).collect())
    }

    /// Whether this difference is known; then it is counted.
    pub fn knows(&mut self, case: &Case, ours: &Verdict) -> bool {
        let found = self
            .0
            .iter_mut()
            .find(|(known, _)| known.is_about(case, ours));
        if let Some((_, met)) = found {
            *met += 1;
            return true;
        }
        false
    }

    /// All of them, with how often each was met.
    pub fn all(&self) -> &[(Exception, usize)] {
        &self.0
    }
}

impl Exception {
    fn is_about(&self, case: &Case, ours: &Verdict) -> bool {
        let says = match ours.answer {
            Answer::Accept => Ours::Accept,
            Answer::Reject => Ours::Reject,
            Answer::Abstain => return false,
        };
        let same_code = self.code.as_ref().is_none_or(|code| {
            let found = ours.reason.split(':').next().unwrap_or_default();
            fits(code, found)
        });
        let same_base = self.base.as_ref().is_none_or(|base| fits(base, &case.base));
        let told = |pattern: &String| told(pattern, &case.mutation);
        says == self.ours && same_code && same_base && self.mutations.iter().any(told)
    }
}

/// Whether a mutation, or one of two, is what the pattern means.
fn told(pattern: &str, mutation: &str) -> bool {
    let lies = mutation.strip_prefix("two/").unwrap_or(mutation);
    lies.split(" + ").any(|lie| fits(pattern, lie))
}

/// Whether a name is the pattern, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((beginning, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(beginning) else {
        return false;
    };
    let starts = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    starts.into_iter().any(|at| fits(rest, &name[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_name_with_stars_for_anything() {
        assert!(fits("*b*d", "abcd") && fits("a*", "a") && !fits("*b", "abc"));
        assert!(fits("json/*", "json/bom") && fits("json/bom", "json/bom"));
        assert!(told("json/*", "two/flip/sig + json/bom") && !told("sig", "two/flip/sig"));
        assert!(!fits("json/bom", "json/bomb") && !fits("json/*", "base64/json/x"));
    }

    #[test]
    fn the_list_can_be_read() {
        for (known, _) in Exceptions::load().all() {
            assert!(!known.mutations.is_empty());
        }
    }
}
