//! What a policy demands of the dependencies of a build.

use serde_json::{Value, json};

use super::{Unmet, condition, quoted};
use crate::claim::provenance::Dependency;
use crate::policy::matcher::Matcher;

/// Things that one message lists.
const LISTED: usize = 3;

/// Which dependencies must be there, and which may.
#[derive(Clone, Debug, Default)]
pub(in crate::policy) struct DependencyRule {
    /// For each of these some dependency must be there.
    pub(in crate::policy) contains: Vec<DependencyPattern>,
    /// Each dependency must be one of these, and there must be some.
    pub(in crate::policy) only: Vec<DependencyPattern>,
}

/// A dependency by its address.
#[derive(Clone, Debug)]
pub(in crate::policy) struct DependencyPattern {
    pub(in crate::policy) uri: Matcher,
    /// Whether a digest must fix its content.
    pub(in crate::policy) digest: bool,
}

impl DependencyRule {
    /// Every condition that `dependencies` do not meet.
    pub(super) fn check(&self, dependencies: &[Dependency]) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        for wanted in &self.contains {
            if !dependencies.iter().any(|found| wanted.matches(found)) {
                let expected = format!("a dependency {}", wanted.describe());
                let found = format!("none such among {}", dependencies.len());
                unmet.push(condition("dependencies.contains", expected, found));
            }
        }
        if self.only.is_empty() {
            return unmet;
        }
        let is_other = |found: &&Dependency| !self.only.iter().any(|wanted| wanted.matches(found));
        let others: Vec<&Dependency> = dependencies.iter().filter(is_other).collect();
        if others.is_empty() && !dependencies.is_empty() {
            return unmet;
        }
        let patterns: Vec<String> = self.only.iter().map(DependencyPattern::describe).collect();
        let listed = others.iter().take(LISTED);
        let mut listed: Vec<String> = listed.map(|found| quoted(found.uri.as_deref())).collect();
        match others.len().checked_sub(LISTED) {
            _ if listed.is_empty() => listed.push("no dependency".to_owned()),
            Some(more) if more > 0 => listed.push(format!("{more} more")),
            _ => {}
        }
        let expected = format!("only dependencies {}", patterns.join(" or "));
        unmet.push(condition("dependencies.only", expected, listed.join(", ")));
        unmet
    }

    /// The rule as a part of the policy's identity.
    pub(super) fn canonical(&self) -> Value {
        let patterns = |list: &[DependencyPattern]| -> Vec<Value> {
            list.iter().map(DependencyPattern::canonical).collect()
        };
        json!({ "contains": patterns(&self.contains), "only": patterns(&self.only) })
    }
}

impl DependencyPattern {
    fn matches(&self, found: &Dependency) -> bool {
        let uri = found.uri.as_deref();
        uri.is_some_and(|uri| self.uri.matches(uri)) && (!self.digest || is_fixed(found))
    }

    fn canonical(&self) -> Value {
        json!({ "uri": self.uri.canonical(), "digest": self.digest })
    }

    fn describe(&self) -> String {
        let digest = if self.digest { " with a digest" } else { "" };
        format!("{}{digest}", self.uri.describe())
    }
}

/// Whether a digest fixes the content: a strong one, or the name of a Git object.
fn is_fixed(found: &Dependency) -> bool {
    const STRONG: [&str; 7] = [
        "sha256",
        "sha384",
        "sha512",
        "sha3_256",
        "sha3_512",
        "gitCommit",
        "gitTree",
    ];
    let git = found
        .uri
        .as_deref()
        .is_some_and(|uri| uri.starts_with("git+"));
    found.digests.iter().any(|(name, value)| {
        let known = STRONG.contains(&name.as_str()) || (git && name == "sha1");
        let hex = value.len() >= 40 && value.bytes().all(|b| b.is_ascii_hexdigit());
        known && hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::document::common::MatchKind;

    #[test]
    fn a_message_lists_so_many_dependencies_and_counts_the_others() {
        let rule = DependencyRule {
            contains: Vec::new(),
            only: vec![DependencyPattern {
                uri: Matcher::new(MatchKind::Exact, "good").unwrap(),
                digest: false,
            }],
        };
        let found = |count: usize| {
            let others: Vec<Dependency> = (0..count)
                .map(|n| Dependency {
                    uri: Some(format!("bad{n}").into()),
                    ..Dependency::default()
                })
                .collect();
            rule.check(&others).remove(0).found
        };
        assert_eq!(found(LISTED).matches("bad").count(), LISTED);
        assert!(!found(LISTED).contains("more"));
        let more = found(LISTED + 1);
        assert_eq!(more.matches("bad").count(), LISTED);
        assert!(more.ends_with("1 more"), "{more}");
    }
}
