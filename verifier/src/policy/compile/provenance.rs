//! Conditions on SLSA provenance.

use std::collections::BTreeMap;

use super::Compiler;
use super::rules::placed;
use crate::claim::provenance::VersionedTagError;
use crate::code::Code;
use crate::policy::decode::{List, Spanned};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::common::{MatchKind, TextMatch};
use crate::policy::document::rules::{AttestationRule, DependencyRule, SourceRule, TrustedBuilder};
use crate::policy::matcher::Matcher;
use crate::policy::predicate::Types;
use crate::policy::rule::Rule;
use crate::policy::rule::provenance::{self, DependencyPattern, LevelRule, ProvenanceRule};
use crate::policy::source::Mark;

impl Compiler<'_> {
    /// Conditions that only provenance can meet.
    pub(super) fn provenance(
        &mut self,
        rule: &AttestationRule,
        types: &Types,
        mark: &Mark,
    ) -> Option<Vec<Rule>> {
        let mut positions = BTreeMap::new();
        let mut given = |field: &'static str, mark: Option<&Mark>| {
            positions.extend(mark.map(|mark| (field, mark.position())));
        };
        given("builder", rule.builder.as_ref().map(|m| &m.mark));
        given("buildType", rule.build_type.as_ref().map(|m| &m.mark));
        given("source", rule.source.as_ref().map(|m| &m.mark));
        let source = rule.source.as_ref().map(|source| &source.value);
        let part = |part: fn(&SourceRule) -> Option<&Mark>| source.and_then(part);
        given(
            "source.ref",
            part(|source| Some(&source.reference.as_ref()?.pattern.mark)),
        );
        given(
            "source.branch",
            part(|source| Some(&source.branch.as_ref()?.pattern.mark)),
        );
        given(
            "source.tag",
            part(|source| Some(&source.tag.as_ref()?.pattern.mark)),
        );
        given(
            "source.version",
            part(|source| Some(&source.versioned_tag.as_ref()?.mark)),
        );
        given(
            "source.digest",
            part(|source| Some(&source.digest.as_ref()?.mark)),
        );
        given("entryPoint", rule.entry_point.as_ref().map(|m| &m.mark));
        given("parameters", rule.parameters.as_ref().map(|m| &m.mark));
        given("dependencies", rule.dependencies.as_ref().map(|m| &m.mark));
        given("invocation", rule.invocation.as_ref().map(|m| &m.mark));
        given("reproducible", rule.reproducible.as_ref().map(|m| &m.mark));
        given("level", rule.level.as_ref().map(|m| &m.mark));
        given("builders", rule.builders.as_ref().map(|m| &m.mark));
        if positions.is_empty() {
            return Some(Vec::new());
        }
        if !types.are_provenance() {
            self.misplaced(&positions, mark, types, "slsa-provenance");
            return None;
        }
        let compiled = self.provenance_rule(rule)?;
        Some(vec![placed(compiled, positions, mark, Rule::Provenance)])
    }

    fn provenance_rule(&mut self, rule: &AttestationRule) -> Option<ProvenanceRule> {
        let before = self.errors();
        let mut compiled = ProvenanceRule {
            builder: self.placed_matcher(rule.builder.as_ref()),
            build_type: self.placed_matcher(rule.build_type.as_ref()),
            entry_point: self.placed_matcher(rule.entry_point.as_ref()),
            invocation: self.placed_matcher(rule.invocation.as_ref()),
            reproducible: self.claimed(rule.reproducible.as_ref()),
            level: self.build_level(rule),
            ..ProvenanceRule::default()
        };
        if let Some(source) = &rule.source {
            self.source(&source.value, &source.mark, &mut compiled);
        }
        for (path, wanted) in rule.parameters.iter().flat_map(|map| &map.value.entries) {
            if let Some(matcher) = self.matcher(wanted) {
                compiled
                    .parameters
                    .insert(path.value.clone(), matcher.value);
            }
        }
        if let Some(written) = &rule.dependencies {
            let DependencyRule { include, only } = &written.value;
            if include.is_none() && only.is_none() {
                let expected = "at least one of `include` and `only`";
                self.invalid(
                    &written.mark,
                    "an empty condition",
                    expected,
                    "neither".to_owned(),
                );
            }
            compiled.dependencies.contains = self.dependencies(include.as_ref());
            compiled.dependencies.only = self.dependencies(only.as_ref());
        }
        (self.errors() == before).then_some(compiled)
    }

    /// `false` would ask for nothing, which is said by leaving the field out.
    fn claimed(&mut self, written: Option<&Spanned<bool>>) -> bool {
        if let Some(flag) = written.filter(|flag| !flag.value) {
            let expected = "`true`, or no such field";
            self.invalid(
                &flag.mark,
                "a condition on nothing",
                expected,
                "`false`".to_owned(),
            );
        }
        written.is_some()
    }

    /// The level, and who is trusted at which: neither says anything without the other.
    fn build_level(&mut self, rule: &AttestationRule) -> Option<LevelRule> {
        let mut builders = Vec::new();
        for TrustedBuilder { id, level } in written_builders(rule) {
            let level = self.level(level);
            if let (Some(id), Some(level)) = (self.matcher(id), level) {
                builders.push(provenance::TrustedBuilder {
                    id: id.value,
                    level,
                });
            }
        }
        let Some(written) = &rule.level else {
            if let Some(builders) = &rule.builders {
                // Whoever writes the table expects that nobody else may build.
                let position = builders.mark.position();
                let message = "trusted builders, and no level that they must reach";
                self.report(
                    Diagnostic::error(Code::PolicyInvalid, position, message)
                        .expected("`level` beside `builders`")
                        .found("no `level`")
                        .hint("to take nobody else's builds, write `builder` instead"),
                );
            }
            return None;
        };
        let wanted = self.level(written)?;
        if wanted > 1 && !builders.iter().any(|builder| builder.level >= wanted) {
            let expected = format!("some builder with `level: {wanted}` or more in `builders`");
            let found = "none: provenance cannot state its own level".to_owned();
            self.invalid(
                &written.mark,
                "a level that nobody is trusted at",
                &expected,
                found,
            );
        }
        Some(LevelRule { wanted, builders })
    }

    fn source(&mut self, source: &SourceRule, mark: &Mark, compiled: &mut ProvenanceRule) {
        let given: Vec<(MatchKind, &Spanned<String>)> = [
            (MatchKind::Exact, &source.exact),
            (MatchKind::Glob, &source.glob),
            (MatchKind::Regex, &source.regex),
        ]
        .into_iter()
        .filter_map(|(kind, text)| Some((kind, text.as_ref()?)))
        .collect();
        match given.as_slice() {
            [] => {}
            [(kind, pattern)] => {
                let written = TextMatch {
                    kind: *kind,
                    pattern: (*pattern).clone(),
                    name_type: None,
                };
                compiled.source = self.plain(Some(&written));
            }
            _ => {
                let expected = "at most one of `exact`, `glob` and `regex`";
                self.invalid(
                    mark,
                    "contradictory matcher",
                    expected,
                    "more than one".to_owned(),
                );
            }
        }
        compiled.reference = self.plain(source.reference.as_ref());
        compiled.branch = self.plain(source.branch.as_ref());
        compiled.tag = self.plain(source.tag.as_ref());
        if let Some(written) = &source.versioned_tag {
            match written.value.parse() {
                Ok(tag) => compiled.versioned_tag = Some(tag),
                Err(error) => {
                    let VersionedTagError { found } = error;
                    let expected = "a version such as `v1`, `v1.2` or `v1.2.3`";
                    self.invalid(
                        &written.mark,
                        "not a version",
                        expected,
                        format!("`{found}`"),
                    );
                }
            }
        }
        compiled.source_digest = self.source_digest(source.digest.as_ref());
        let is_empty = given.is_empty()
            && [&source.reference, &source.branch, &source.tag]
                .iter()
                .all(|part| part.is_none())
            && source.versioned_tag.is_none()
            && source.digest.is_none();
        if is_empty {
            let expected = "at least one condition on the source";
            self.invalid(mark, "an empty condition", expected, "none".to_owned());
        }
    }

    /// A whole digest: a shortened commit is a pattern that others can meet.
    fn source_digest(&mut self, written: Option<&Spanned<String>>) -> Option<Matcher> {
        const SHA1_HEX: usize = 40;
        let digest = written?;
        let text = &digest.value;
        if text.len() < SHA1_HEX || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            let found = format!("`{text}`");
            self.invalid(&digest.mark, "not a digest", "a whole digest in hex", found);
            return None;
        }
        Matcher::new(MatchKind::Exact, &text.to_ascii_lowercase()).ok()
    }

    fn level(&mut self, level: &Spanned<u32>) -> Option<u8> {
        let number = u8::try_from(level.value)
            .ok()
            .filter(|n| (1..=3).contains(n));
        if number.is_none() {
            let found = level.value.to_string();
            self.invalid(&level.mark, "not a build level", "1, 2 or 3", found);
        }
        number
    }

    fn dependencies(&mut self, written: Option<&List<TextMatch>>) -> Vec<DependencyPattern> {
        let items = written.iter().flat_map(|list| &list.items);
        items
            .filter_map(|wanted| self.plain(Some(wanted)))
            .map(|uri| DependencyPattern { uri, digest: true })
            .collect()
    }
}

fn written_builders(rule: &AttestationRule) -> impl Iterator<Item = &TrustedBuilder> {
    let lists = rule.builders.iter();
    lists.flat_map(|list| &list.value.items)
}
