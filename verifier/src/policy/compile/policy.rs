//! `ClusterImagePolicy` and `ImagePolicy` documents.

use std::collections::BTreeMap;

use super::Compiler;
use super::rules::Signers;
use crate::image::Platform;
use crate::policy::decode::{List, Spanned};
use crate::policy::document::Document;
use crate::policy::document::image_policy::{
    DigestWord, ImagePolicySpec, LabelSelector, Match, ModeWord,
};
use crate::policy::document::trust_root::TrustRootSpec;
use crate::policy::image_pattern::ImagePattern;
use crate::policy::reach::Reach;
use crate::policy::selector::Selector;
use crate::policy::set::{DigestDemand, Policy, PolicyParts, RequireDigest, Scope};
use crate::verdict::Mode;

impl Compiler<'_> {
    pub(super) fn policy(
        &mut self,
        document: &Document<ImagePolicySpec>,
        trust_roots: &[Document<TrustRootSpec>],
    ) -> Option<Policy> {
        let spec = &document.spec;
        let before = self.complaints.len();
        let namespace = document.metadata.namespace.as_ref();
        let scope = namespace.map_or(Scope::Cluster, |name| Scope::Namespace(name.value.clone()));
        let reach = self.reach(scope, &spec.matches);
        let platforms = self.platforms(spec.platforms.as_ref());
        let mut signers = BTreeMap::new();
        for (name, signer) in &spec.signers.entries {
            if let Some(rule) = self.signer(name, signer, trust_roots) {
                signers.insert(name.value.clone(), rule);
            }
        }
        let known: Vec<&str> = spec
            .signers
            .entries
            .iter()
            .map(|(name, _)| name.value.as_str())
            .collect();
        let whom = Signers {
            known: &known,
            rules: &signers,
        };
        let mut requirements = Vec::new();
        for written in &spec.require.items {
            requirements.extend(self.requirement(written, &whom));
        }
        self.double_requirements(&spec.require);
        let exceptions = spec
            .exceptions
            .as_ref()
            .and_then(|rule| self.exceptions(rule, &spec.require, &whom));
        if self.complaints.len() > before {
            return None;
        }
        let parts = PolicyParts {
            name: document.metadata.name.value.clone(),
            mode: match spec.mode {
                None | Some(ModeWord::Enforce) => Mode::Enforce,
                Some(ModeWord::Warn) => Mode::Warn,
                Some(ModeWord::Audit) => Mode::Audit,
            },
            reach: reach?,
            require_digest: spec.require_digest.as_ref().map(|word| RequireDigest {
                demand: match word.value {
                    DigestWord::Deny => DigestDemand::Deny,
                    DigestWord::Warn => DigestDemand::Warn,
                },
                position: Some(word.mark.position()),
            }),
            platforms,
            signers,
            requirements,
            exceptions,
            position: Some(document.metadata.name.mark.position()),
        };
        Some(Policy::new(parts, &self.roots))
    }

    /// What the policy is about.
    pub(super) fn reach(&mut self, scope: Scope, written: &Match) -> Option<Reach> {
        let before = self.errors();
        let images = self.images(&written.images);
        if let (Some(namespaces), Scope::Namespace(own)) = (&written.namespaces, &scope) {
            let message = "a policy of one namespace that selects namespaces";
            let expected = format!("no `namespaces`: an `ImagePolicy` is about `{own}` alone");
            let found = "`namespaces`".to_owned();
            self.invalid(&namespaces.mark, message, &expected, found);
        }
        let namespaces = self.optional_selector(written.namespaces.as_ref());
        let objects = self.optional_selector(written.objects.as_ref());
        (self.errors() == before).then_some(Reach {
            scope,
            images,
            namespaces,
            objects,
        })
    }

    fn optional_selector(&mut self, written: Option<&Spanned<LabelSelector>>) -> Option<Selector> {
        written.and_then(|written| self.selector(written))
    }

    fn images(&mut self, written: &List<Spanned<String>>) -> Vec<ImagePattern> {
        let mut patterns = Vec::new();
        for text in &written.items {
            if self.count_pattern(&text.mark).is_none() {
                break;
            }
            match ImagePattern::new(&text.value) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.pattern_error(&text.mark, error),
            }
        }
        patterns
    }

    fn platforms(&mut self, written: Option<&List<Spanned<String>>>) -> Vec<Platform> {
        let mut platforms = Vec::new();
        for text in written.iter().flat_map(|list| &list.items) {
            if let Ok(platform) = text.value.parse::<Platform>() {
                platforms.push(platform);
            } else {
                let expected = "`os/architecture` or `os/architecture/variant`";
                let found = format!("`{}`", text.value);
                self.invalid(&text.mark, "not a platform", expected, found);
            }
        }
        platforms.sort();
        platforms.dedup();
        platforms
    }
}
