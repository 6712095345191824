//! `ClusterImagePolicy` and `ImagePolicy` documents.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Compiler;
use super::rules::Signers;
use crate::image::Platform;
use crate::policy::decode::{List, Spanned};
use crate::policy::document::Document;
use crate::policy::document::image_policy::{ImagePolicySpec, ModeWord, NamespaceSelector};
use crate::policy::document::trust_root::TrustRootSpec;
use crate::policy::image_pattern::ImagePattern;
use crate::policy::set::{Policy, PolicyParts, Scope};
use crate::verdict::Mode;

impl Compiler<'_> {
    pub(super) fn policy(
        &mut self,
        document: &Document<ImagePolicySpec>,
        trust_roots: &[Document<TrustRootSpec>],
    ) -> Option<Policy> {
        let spec = &document.spec;
        let before = self.complaints.len();
        let images = self.images(&spec.matches.images);
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
        let namespace = document.metadata.namespace.as_ref();
        let parts = PolicyParts {
            name: document.metadata.name.value.clone(),
            scope: namespace.map_or(Scope::Cluster, |name| Scope::Namespace(name.value.clone())),
            mode: match spec.mode {
                None | Some(ModeWord::Enforce) => Mode::Enforce,
                Some(ModeWord::Warn) => Mode::Warn,
                Some(ModeWord::Audit) => Mode::Audit,
            },
            images,
            namespaces: spec.matches.namespaces.as_ref().map(selector),
            platforms,
            signers,
            requirements,
            exceptions,
            position: Some(document.metadata.name.mark.position()),
        };
        Some(Policy::new(parts, &self.roots))
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

/// The selector as a part of the policy's identity; it is judged in a cluster only.
fn selector(selector: &NamespaceSelector) -> Value {
    use crate::policy::document::image_policy::LabelOperator;
    let labels: BTreeMap<&str, &str> = selector
        .match_labels
        .iter()
        .flat_map(|map| &map.entries)
        .map(|(name, value)| (name.value.as_str(), value.as_str()))
        .collect();
    let expressions: Vec<Value> = selector
        .match_expressions
        .iter()
        .flat_map(|list| &list.items)
        .map(|expression| {
            let operator = match expression.operator {
                LabelOperator::In => "In",
                LabelOperator::NotIn => "NotIn",
                LabelOperator::Exists => "Exists",
                LabelOperator::DoesNotExist => "DoesNotExist",
            };
            let values = expression.values.as_ref().map(|list| &list.items);
            json!({ "key": expression.key, "operator": operator, "values": values })
        })
        .collect();
    json!({ "matchLabels": labels, "matchExpressions": expressions })
}
