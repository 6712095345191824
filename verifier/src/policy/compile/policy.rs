//! `ClusterImagePolicy` and `ImagePolicy` documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Compiler;
use crate::code::Code;
use crate::image::Platform;
use crate::policy::decode::{List, Map, Spanned, nearest, one_of};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::Document;
use crate::policy::document::common::TextMatch;
use crate::policy::document::image_policy::{
    AttestationRule, ImagePolicySpec, ModeWord, NamespaceSelector, OnWord, Requirement as Written,
    SignatureRule,
};
use crate::policy::document::trust_root::TrustRootSpec;
use crate::policy::image_pattern::ImagePattern;
use crate::policy::requirement::{ALIASES, Kind, On, Requirement, predicate_types};
use crate::policy::set::{Policy, PolicyParts, Scope};
use crate::policy::signer::{Holder, SignerRule};
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
        let mut requirements = Vec::new();
        for written in &spec.require.items {
            requirements.extend(self.requirement(written, &known, &signers));
        }
        self.double_requirements(&spec.require);
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

    fn requirement(
        &mut self,
        written: &Spanned<Written>,
        known: &[&str],
        signers: &BTreeMap<String, SignerRule>,
    ) -> Option<Requirement> {
        let Written {
            name,
            on,
            signature,
            attestation,
        } = &written.value;
        let (kind, by, at_least, mark) = match (signature, attestation) {
            (Some(rule), None) => {
                let SignatureRule {
                    by,
                    at_least,
                    annotations,
                } = &rule.value;
                let annotations = self.annotations(annotations.as_ref());
                (Kind::Signature { annotations }, by, at_least, &rule.mark)
            }
            (None, Some(rule)) => {
                let AttestationRule {
                    predicate,
                    by,
                    at_least,
                } = &rule.value;
                (self.predicate(predicate)?, by, at_least, &rule.mark)
            }
            (both, _) => {
                let found = if both.is_some() { "both" } else { "neither" };
                let expected = "exactly one of `signature` and `attestation`";
                let message = format!("contradictory requirement `{}`", name.value);
                self.invalid(&name.mark, &message, expected, found.to_owned());
                return None;
            }
        };
        let at_least = self.threshold(by, at_least.as_ref(), known, signers)?;
        Some(Requirement {
            name: name.value.clone(),
            on: match on {
                None | Some(OnWord::Any) => On::Any,
                Some(OnWord::Index) => On::Index,
                Some(OnWord::Platform) => On::Platform,
            },
            kind,
            by: by.items.iter().map(|name| name.value.clone()).collect(),
            at_least,
            position: Some(mark.position()),
        })
    }

    fn annotations(
        &mut self,
        written: Option<&Map<TextMatch>>,
    ) -> BTreeMap<String, crate::policy::matcher::Matcher> {
        let mut annotations = BTreeMap::new();
        for (name, wanted) in written.iter().flat_map(|map| &map.entries) {
            if let Some(matcher) = self.matcher(wanted) {
                annotations.insert(name.value.clone(), matcher.value);
            }
        }
        annotations
    }

    fn predicate(&mut self, written: &Spanned<String>) -> Option<Kind> {
        if let Some(types) = predicate_types(&written.value) {
            let written = written.value.clone();
            return Some(Kind::Attestation { written, types });
        }
        let message = format!("unknown predicate type `{}`", written.value);
        let mut complaint =
            Diagnostic::error(Code::PolicyInvalid, written.mark.position(), message)
                .expected(format!("a URI, or {}", one_of(&ALIASES)));
        if let Some(near) = nearest(&written.value, &ALIASES) {
            complaint = complaint.hint(format!("did you mean `{near}`?"));
        }
        self.report(complaint);
        None
    }

    /// The number of distinct signers that are needed, if they can ever be had.
    fn threshold(
        &mut self,
        by: &List<Spanned<String>>,
        at_least: Option<&Spanned<u32>>,
        known: &[&str],
        signers: &BTreeMap<String, SignerRule>,
    ) -> Option<usize> {
        let mut seen = BTreeSet::new();
        let mut whole = true;
        for name in &by.items {
            if !known.contains(&name.value.as_str()) {
                let message = format!("unknown signer `{}`", name.value);
                let mut complaint =
                    Diagnostic::error(Code::PolicyInvalid, name.mark.position(), message)
                        .expected(one_of(known));
                if let Some(near) = nearest(&name.value, known) {
                    complaint = complaint.hint(format!("did you mean `{near}`?"));
                }
                self.report(complaint);
                whole = false;
            } else if !seen.insert(name.value.as_str()) {
                let message = format!("the signer `{}` is listed twice", name.value);
                let found = "it counts once, however often it is listed".to_owned();
                self.invalid(&name.mark, &message, "each signer once", found);
                whole = false;
            }
        }
        let Some(at_least) = at_least else {
            return whole.then_some(1);
        };
        let wanted = usize::try_from(at_least.value).unwrap_or(usize::MAX);
        let message = "a number of signers that cannot be had";
        if wanted == 0 {
            let expected = "at least 1: nothing is never enough";
            self.invalid(&at_least.mark, message, expected, "0".to_owned());
            return None;
        }
        // One key under two names is one signer.
        let keys = seen
            .iter()
            .filter_map(|name| match &signers.get(*name)?.holder {
                Holder::Key { fingerprint, .. } => Some(fingerprint),
                Holder::Certificate(_) => None,
            });
        let (count, unique): (usize, BTreeSet<_>) =
            keys.fold((0, BTreeSet::new()), |(count, mut unique), key| {
                unique.insert(key);
                (count + 1, unique)
            });
        let distinct = seen.len() - (count - unique.len());
        if whole && wanted > distinct {
            let expected = format!("at most {distinct}, the distinct signers in `by`");
            self.invalid(&at_least.mark, message, &expected, wanted.to_string());
            return None;
        }
        whole.then_some(wanted)
    }

    fn double_requirements(&mut self, list: &List<Spanned<Written>>) {
        let mut seen = BTreeSet::new();
        for requirement in &list.items {
            let name = &requirement.value.name;
            if !seen.insert(name.value.as_str()) {
                let message = format!("a second requirement with the name `{}`", name.value);
                let found = format!("`{}` twice", name.value);
                self.invalid(&name.mark, &message, "each name once", found);
            }
        }
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
