//! Policies that cannot be used: what they may be about is denied, and nothing else is.
//!
//! **Invariant**: what cannot be read counts as the widest that could stand there.

use serde_json::{Value, json};

use super::diagnostic::Diagnostic;
use super::image_pattern::ImagePattern;
use super::reach::Reach;
use super::set::{Scope, full_name};
use crate::code::Code;
use crate::verdict::Finding;

/// A policy that was never good: everything that it may be about is denied.
#[derive(Clone, Debug)]
pub struct Unusable {
    pub(super) name: String,
    pub(super) reach: Reach,
    pub(super) problem: Diagnostic,
}

impl Unusable {
    /// A policy of which nothing can be read but its name: everything in its scope is denied.
    pub fn new(scope: Scope, name: impl Into<String>, problem: Diagnostic) -> Self {
        Self {
            name: name.into(),
            reach: Reach::everything(scope),
            problem,
        }
    }

    /// A policy of which it is known what it may be about.
    pub(super) fn within(reach: Reach, name: impl Into<String>, problem: Diagnostic) -> Self {
        Self {
            name: name.into(),
            reach,
            problem,
        }
    }

    /// Its name, with its namespace where it has one.
    pub fn name(&self) -> String {
        full_name(&self.reach.scope, &self.name)
    }

    /// Whom it belongs to.
    pub const fn scope(&self) -> &Scope {
        &self.reach.scope
    }

    /// The first thing that is wrong with it.
    pub const fn problem(&self) -> &Diagnostic {
        &self.problem
    }

    /// Why an image is denied.
    pub(super) fn finding(&self) -> Finding {
        let kind = match self.scope() {
            Scope::Cluster => "ClusterImagePolicy",
            Scope::Namespace(_) => "ImagePolicy",
        };
        Finding {
            code: Code::PolicyUnusable,
            subject: None,
            expected: format!("a {kind} `{}` that can be used", self.name()),
            found: self.problem.one_line(),
            position: Some(self.problem.position.clone()),
            hint: Some(
                "mend it or delete it; until then what it may be about is denied".to_owned(),
            ),
            because: Vec::new(),
            omitted: 0,
        }
    }

    /// What decides, for digests.
    pub(super) fn canonical(&self) -> Value {
        let images: Vec<&str> = self.reach.images.iter().map(ImagePattern::text).collect();
        let selector = |selector: &Option<super::selector::Selector>| {
            selector.as_ref().map(|selector| selector.canonical.clone())
        };
        json!({
            "unusable": self.name(),
            "images": images,
            "namespaces": selector(&self.reach.namespaces),
            "objects": selector(&self.reach.objects),
            "problem": self.problem.one_line(),
        })
    }
}
