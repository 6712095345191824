//! `sbom:` of a requirement.

use super::Compiler;
use super::requirement::{Demand, names};
use super::rules::Signers;
use crate::code::Code;
use crate::package::{LicenseSet, PackagePattern};
use crate::policy::decode::{List, Spanned};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::rules::{
    Contents, CoverageRule, FormatWord, ProfileName, Profiles, SbomRule as Written,
};
use crate::policy::predicate::Types;
use crate::policy::requirement::Kind;
use crate::policy::rule::sbom::{Check, SbomRule};
use crate::policy::rule::{Rule, Variable};
use crate::policy::signer::Placed;
use crate::policy::source::Mark;
use crate::sbom::Family;
use crate::sbom::profile::Profile;
use crate::sbom::rule::{Coverage, HashRule, LicenseRule, PackageRule};

/// The hash algorithms that may be asked for, strong ones only.
pub(in crate::policy) const HASHES: [&str; 8] = [
    "sha256",
    "sha384",
    "sha512",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "blake2b-512",
    "blake3",
];

impl Compiler<'_> {
    pub(super) fn sbom(
        &mut self,
        rule: &Written,
        mark: &Mark,
        signers: &Signers<'_>,
    ) -> Option<Demand> {
        let before = self.errors();
        let mut checks = Vec::new();
        if let Some(formats) = &rule.formats {
            let families = formats.items.iter().map(|word| match word {
                FormatWord::Spdx => Family::Spdx,
                FormatWord::CycloneDx => Family::CycloneDx,
            });
            checks.push(placed(Check::Formats(families.collect()), mark));
        }
        checks.extend(self.profiles(rule.profile.as_ref()));
        let deny = self.contents(rule.deny.as_ref());
        let allow = self.contents(rule.allow.as_ref());
        checks.extend(self.packages(deny, allow));
        checks.extend(self.licenses(deny, allow));
        checks.extend(rule.hashes.as_ref().and_then(|hashes| self.hashes(hashes)));
        checks.extend(
            rule.coverage
                .as_ref()
                .and_then(|coverage| self.coverage(coverage)),
        );
        checks.extend(
            rule.subject
                .as_ref()
                .map(|word| placed(Check::Subject, &word.mark)),
        );
        if let Some(max_age) = self.age(rule.max_age.as_ref(), Code::SbomTooOld) {
            let position = max_age.position.clone();
            checks.push(Placed {
                value: Check::MaxAge(max_age),
                position,
            });
        }
        let position = Some(mark.position());
        let mut rules = vec![Rule::Sbom(Box::new(SbomRule { checks, position }))];
        let variables = [Variable::Statement, Variable::Predicate, Variable::Sbom];
        let conditions = self.conditions(rule.cel.as_ref(), &variables);
        let at_least = self.threshold(&rule.by, rule.at_least.as_ref(), signers)?;
        rules.extend(conditions?);
        (self.errors() == before).then(|| Demand {
            kind: Kind::Attestation {
                types: Types::sboms(),
                rules,
            },
            by: names(&rule.by),
            at_least,
        })
    }

    fn contents<'w>(&mut self, written: Option<&'w Spanned<Contents>>) -> Option<&'w Contents> {
        let Spanned { value, mark } = written?;
        if value.packages.is_none() && value.licenses.is_none() {
            let (message, expected) = (
                "an empty condition",
                "at least one of `packages` and `licenses`",
            );
            self.invalid(mark, message, expected, "neither".to_owned());
        }
        Some(value)
    }

    fn profiles(&mut self, written: Option<&Profiles>) -> Vec<Placed<Check>> {
        let mut checks = Vec::new();
        for name in written.iter().flat_map(|profiles| &profiles.0) {
            let (profile, mark) = match name {
                ProfileName::Named(name) => (self.named_profile(name), &name.mark),
                ProfileName::File(content) => {
                    let text = self.content(&content.value, &content.mark);
                    (text.and_then(|text| self.own_profile(&text)), &content.mark)
                }
            };
            checks.extend(profile.map(|profile| placed(Check::Profile(Box::new(profile)), mark)));
        }
        checks
    }

    fn named_profile(&mut self, name: &Spanned<String>) -> Option<Profile> {
        let profile = Profile::named(&name.value);
        if profile.is_none() {
            let message = format!("unknown profile `{}`", name.value);
            let expected = crate::policy::decode::one_of(&Profile::NAMES);
            let mut complaint =
                Diagnostic::error(Code::PolicyInvalid, name.mark.position(), message)
                    .expected(expected);
            complaint = match Profile::nearest(&name.value) {
                Some(near) => complaint.hint(format!("did you mean `{near}`?")),
                None => complaint.hint("a profile of your own is named by `{ file: PATH }`"),
            };
            self.report(complaint);
        }
        profile
    }

    fn own_profile(&mut self, text: &Spanned<String>) -> Option<Profile> {
        match Profile::parse(&text.value) {
            Ok(profile) => Some(profile),
            Err(error) => {
                let message = format!("unusable profile: {}", error.place);
                self.report(
                    Diagnostic::error(error.code, text.mark.position(), message)
                        .expected(error.expected)
                        .found(error.found),
                );
                None
            }
        }
    }

    fn packages(
        &mut self,
        deny: Option<&Contents>,
        allow: Option<&Contents>,
    ) -> Vec<Placed<Check>> {
        let mut checks = Vec::new();
        if let Some(list) = deny.and_then(|contents| contents.packages.as_ref()) {
            for (pattern, mark) in self.patterns(list) {
                let rule = PackageRule {
                    deny: vec![pattern],
                    allow: None,
                };
                checks.push(placed(Check::Packages(rule), mark));
            }
        }
        if let Some(list) = allow.and_then(|contents| contents.packages.as_ref()) {
            let patterns = self.patterns(list);
            let mark = list.items.first().map(|text| &text.mark);
            let allow: Vec<PackagePattern> = patterns.into_iter().map(|(p, _)| p).collect();
            let rule = PackageRule {
                deny: Vec::new(),
                allow: Some(allow),
            };
            checks.extend(mark.map(|mark| placed(Check::Packages(rule), mark)));
        }
        checks
    }

    fn patterns<'w>(&mut self, list: &'w List<Spanned<String>>) -> Vec<(PackagePattern, &'w Mark)> {
        let mut patterns = Vec::new();
        for text in &list.items {
            if self.count_pattern(&text.mark).is_none() {
                break;
            }
            match PackagePattern::parse(&text.value) {
                Ok(pattern) => patterns.push((pattern, &text.mark)),
                Err(error) => self.report(
                    Diagnostic::error(Code::PolicyInvalid, text.mark.position(), error.message)
                        .expected(error.expected)
                        .found(format!("`{}`", text.value)),
                ),
            }
        }
        patterns
    }

    fn licenses(
        &mut self,
        deny: Option<&Contents>,
        allow: Option<&Contents>,
    ) -> Vec<Placed<Check>> {
        let lists = [(deny, true), (allow, false)];
        let mut checks = Vec::new();
        for (contents, denies) in lists {
            let Some(list) = contents.and_then(|contents| contents.licenses.as_ref()) else {
                continue;
            };
            let Some(set) = self.license_set(&list.value) else {
                continue;
            };
            let rule = if denies {
                LicenseRule {
                    deny: Some(set),
                    allow: None,
                }
            } else {
                LicenseRule {
                    deny: None,
                    allow: Some(set),
                }
            };
            let mut written: Vec<String> = list
                .value
                .items
                .iter()
                .map(|text| text.value.clone())
                .collect();
            written.sort();
            checks.push(placed(
                Check::Licenses {
                    rule,
                    written,
                    denies,
                },
                &list.mark,
            ));
        }
        checks
    }

    fn license_set(&mut self, list: &List<Spanned<String>>) -> Option<LicenseSet> {
        let mut whole = true;
        for text in &list.items {
            if LicenseSet::parse(&[text.value.as_str()]).is_err() {
                whole = false;
                let expected = "one identifier of the SPDX list, or one that begins with `LicenseRef-`, either `WITH` an exception or not";
                let found = format!("`{}`", text.value);
                self.invalid(&text.mark, "not a license", expected, found);
            }
        }
        let texts: Vec<&str> = list.items.iter().map(|text| text.value.as_str()).collect();
        whole.then(|| LicenseSet::parse(&texts).ok()).flatten()
    }

    fn hashes(&mut self, list: &Spanned<List<Spanned<String>>>) -> Option<Placed<Check>> {
        let mut algorithms = Vec::new();
        for text in &list.value.items {
            if HASHES.contains(&text.value.as_str()) {
                algorithms.push(text.value.clone());
            } else {
                let expected = crate::policy::decode::one_of(&HASHES);
                let found = format!("`{}`", text.value);
                self.invalid(
                    &text.mark,
                    "unknown or weak hash algorithm",
                    &expected,
                    found,
                );
            }
        }
        algorithms.sort();
        algorithms.dedup();
        let rule = HashRule { algorithms };
        (!rule.algorithms.is_empty()).then(|| placed(Check::Hashes(rule), &list.mark))
    }

    fn coverage(&mut self, written: &Spanned<CoverageRule>) -> Option<Placed<Check>> {
        let CoverageRule {
            purl,
            version,
            hash,
            license,
            supplier,
        } = &written.value;
        let given: Vec<&Spanned<u32>> = [purl, version, hash, license, supplier]
            .into_iter()
            .flatten()
            .collect();
        if given.is_empty() {
            let expected = "at least one of `purl`, `version`, `hash`, `license` and `supplier`";
            self.invalid(
                &written.mark,
                "an empty condition",
                expected,
                "none".to_owned(),
            );
            return None;
        }
        for number in given {
            if !(1..=100).contains(&number.value) {
                let found = number.value.to_string();
                self.invalid(&number.mark, "not a percentage", "1 to 100", found);
            }
        }
        let value = |number: &Option<Spanned<u32>>| number.as_ref().map(|number| number.value);
        let rule = Coverage {
            purl: value(purl),
            version: value(version),
            hash: value(hash),
            license: value(license),
            supplier: value(supplier),
        };
        Some(placed(Check::Coverage(rule), &written.mark))
    }
}

fn placed(check: Check, mark: &Mark) -> Placed<Check> {
    Placed {
        value: check,
        position: Some(mark.position()),
    }
}
