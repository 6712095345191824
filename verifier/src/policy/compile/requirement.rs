//! Requirements: what evidence, by whom, where.

use std::collections::{BTreeMap, BTreeSet};

use super::Compiler;
use super::rules::Signers;
use crate::code::Code;
use crate::policy::decode::{List, Map, Spanned, nearest, one_of};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::common::TextMatch;
use crate::policy::document::image_policy::{OnWord, Requirement as Written, SignatureRule};
use crate::policy::matcher::Matcher;
use crate::policy::requirement::{Kind, On, Requirement};
use crate::policy::signer::Holder;
use crate::policy::source::Mark;

/// What a requirement asks for, before it has a name and a place.
pub(super) struct Demand {
    pub(super) kind: Kind,
    pub(super) by: Vec<String>,
    pub(super) at_least: usize,
}

impl Compiler<'_> {
    pub(super) fn requirement(
        &mut self,
        written: &Spanned<Written>,
        signers: &Signers<'_>,
    ) -> Option<Requirement> {
        let Written {
            name,
            on,
            signature,
            attestation,
            sbom,
            vulnerabilities,
        } = &written.value;
        let marks: Vec<&Mark> = [
            signature.as_ref().map(|rule| &rule.mark),
            attestation.as_ref().map(|rule| &rule.mark),
            sbom.as_ref().map(|rule| &rule.mark),
            vulnerabilities.as_ref().map(|rule| &rule.mark),
        ]
        .into_iter()
        .flatten()
        .collect();
        let [mark] = marks.as_slice() else {
            let found = if marks.is_empty() {
                "none of them"
            } else {
                "more than one of them"
            };
            let expected =
                "exactly one of `signature`, `attestation`, `sbom` and `vulnerabilities`";
            let message = format!("contradictory requirement `{}`", name.value);
            self.invalid(&name.mark, &message, expected, found.to_owned());
            return None;
        };
        let demand = match (signature, attestation, sbom, vulnerabilities) {
            (Some(rule), ..) => self.signature(&rule.value, signers),
            (_, Some(rule), ..) => self.attestation(&rule.value, &rule.mark, signers),
            (_, _, Some(rule), _) => self.sbom(&rule.value, &rule.mark, signers),
            (.., Some(rule)) => self.vulnerabilities(&rule.value, &rule.mark, signers),
            (None, None, None, None) => None,
        }?;
        Some(Requirement {
            name: name.value.clone(),
            on: match on {
                None | Some(OnWord::Any) => On::Any,
                Some(OnWord::Index) => On::Index,
                Some(OnWord::Platform) => On::Platform,
            },
            kind: demand.kind,
            by: demand.by,
            at_least: demand.at_least,
            position: Some(mark.position()),
        })
    }

    fn signature(&mut self, rule: &SignatureRule, signers: &Signers<'_>) -> Option<Demand> {
        let SignatureRule {
            by,
            at_least,
            annotations,
            max_age,
            cel,
        } = rule;
        let annotations = self.annotations(annotations.as_ref());
        let mut rules = Vec::new();
        rules.extend(self.max_age(max_age.as_ref(), Code::AttestationTooOld));
        let conditions = self.conditions(cel.as_ref(), &[]);
        let at_least = self.threshold(by, at_least.as_ref(), signers);
        rules.extend(conditions?);
        Some(Demand {
            kind: Kind::Signature { annotations, rules },
            by: names(by),
            at_least: at_least?,
        })
    }

    fn annotations(&mut self, written: Option<&Map<TextMatch>>) -> BTreeMap<String, Matcher> {
        let mut annotations = BTreeMap::new();
        for (name, wanted) in written.iter().flat_map(|map| &map.entries) {
            if let Some(matcher) = self.matcher(wanted) {
                annotations.insert(name.value.clone(), matcher.value);
            }
        }
        annotations
    }

    /// The number of distinct signers that are needed, if they can ever be had.
    pub(super) fn threshold(
        &mut self,
        by: &List<Spanned<String>>,
        at_least: Option<&Spanned<u32>>,
        signers: &Signers<'_>,
    ) -> Option<usize> {
        let Signers {
            known,
            rules: signers,
        } = signers;
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

    pub(super) fn double_requirements(&mut self, list: &List<Spanned<Written>>) {
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

/// The names in a list of signers.
pub(super) fn names(by: &List<Spanned<String>>) -> Vec<String> {
    by.items.iter().map(|name| name.value.clone()).collect()
}
