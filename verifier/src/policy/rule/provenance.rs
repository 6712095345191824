//! What a policy demands of provenance.

mod dependencies;
mod level;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub(in crate::policy) use dependencies::{DependencyPattern, DependencyRule};
pub(in crate::policy) use level::{LevelRule, TrustedBuilder};

use crate::claim::provenance::{
    Provenance, Source, SourceKind, VersionedTag, builder_matches, source_forms,
};
use crate::code::Code;
use crate::content::shortened;
use crate::policy::matcher::Matcher;

/// Conditions on provenance; each that is there must hold.
#[derive(Clone, Debug, Default)]
pub(in crate::policy) struct ProvenanceRule {
    /// The builder. An exact name without `@` means any release of that builder.
    pub(in crate::policy) builder: Option<Matcher>,
    pub(in crate::policy) build_type: Option<Matcher>,
    /// The repository, in every place where provenance names it. Exact ones know every spelling;
    /// patterns see `git+https://host/path` and `https://host/path`.
    pub(in crate::policy) source: Option<Matcher>,
    /// Some digest of the source: the commit.
    pub(in crate::policy) source_digest: Option<Matcher>,
    /// The full reference: `refs/heads/main`.
    pub(in crate::policy) reference: Option<Matcher>,
    /// The branch by its short name, also that from which a tag was pushed.
    pub(in crate::policy) branch: Option<Matcher>,
    /// The tag by its short name.
    pub(in crate::policy) tag: Option<Matcher>,
    /// As much of the tag's version as is fixed.
    pub(in crate::policy) versioned_tag: Option<VersionedTag>,
    pub(in crate::policy) entry_point: Option<Matcher>,
    pub(in crate::policy) invocation: Option<Matcher>,
    /// By path into the external parameters: `workflow.path`, or a JSON pointer (RFC 6901).
    pub(in crate::policy) parameters: BTreeMap<String, Matcher>,
    pub(in crate::policy) dependencies: DependencyRule,
    /// Whether the builder must claim that the build is reproducible.
    pub(in crate::policy) reproducible: bool,
    pub(in crate::policy) level: Option<LevelRule>,
}

/// A condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) struct Unmet {
    pub(in crate::policy) code: Code,
    pub(in crate::policy) expected: String,
    pub(in crate::policy) found: String,
    /// The field of the rule, as documents write it.
    pub(in crate::policy) field: &'static str,
}

impl ProvenanceRule {
    /// Every condition that `provenance` does not meet, in the order of the fields.
    pub(in crate::policy) fn check(&self, provenance: &Provenance) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        self.check_builder(provenance, &mut unmet);
        self.check_source(provenance, &mut unmet);
        self.check_reference(provenance, &mut unmet);
        self.check_run(provenance, &mut unmet);
        self.check_parameters(provenance, &mut unmet);
        unmet.extend(self.dependencies.check(&provenance.dependencies));
        unmet
    }

    fn check_builder(&self, provenance: &Provenance, unmet: &mut Vec<Unmet>) {
        let id = provenance.builder_id.as_deref();
        if let Some(wanted) = &self.builder
            && !id.is_some_and(|id| is_builder(wanted, id))
        {
            unmet.push(Unmet {
                code: Code::ProvenanceBuilderMismatch,
                expected: describe_builder(wanted),
                found: quoted(id),
                field: "builder",
            });
        }
        if let Some(rule) = &self.level
            && rule.level_of(id) < rule.wanted
        {
            unmet.push(Unmet {
                code: Code::ProvenanceLevelTooLow,
                expected: format!("a builder that is trusted at level {}", rule.wanted),
                found: format!("{} at level {}", quoted(id), rule.level_of(id)),
                field: "level",
            });
        }
    }

    fn check_source(&self, provenance: &Provenance, unmet: &mut Vec<Unmet>) {
        let found = || {
            let places: Vec<String> = provenance.sources().map(describe_source).collect();
            if places.is_empty() {
                "nothing that names the source".to_owned()
            } else {
                places.join(" and ")
            }
        };
        let mut refuse = |field, expected| {
            unmet.push(Unmet {
                code: Code::ProvenanceSourceMismatch,
                expected,
                found: found(),
                field,
            });
        };
        if let Some(wanted) = &self.source {
            let holds = match wanted.exact() {
                Some(repository) => provenance.is_from(repository),
                None => provenance.all_sources(|source| {
                    let forms = source_forms(&source.uri);
                    forms.iter().any(|form| wanted.matches(form))
                }),
            };
            if !holds {
                refuse("source", wanted.describe());
            }
        }
        if let Some(wanted) = &self.source_digest {
            let source = provenance.source.as_ref();
            let source = source.filter(|source| source.kind != SourceKind::Client);
            let mut digests = source
                .into_iter()
                .flat_map(|source| source.digests.values());
            if !digests.any(|digest| wanted.matches(digest)) {
                refuse("source.digest", format!("the digest {}", wanted.describe()));
            }
        }
    }

    fn check_reference(&self, provenance: &Provenance, unmet: &mut Vec<Unmet>) {
        let found = provenance.reference();
        let mut refuse = |field, expected| {
            unmet.push(Unmet {
                code: Code::ProvenanceRefMismatch,
                expected,
                found: describe_references(provenance),
                field,
            });
        };
        let branch = provenance.branch();
        let tag = provenance.tag();
        for (field, wanted, found) in [
            ("source.ref", &self.reference, found),
            ("source.branch", &self.branch, branch),
            ("source.tag", &self.tag, tag),
        ] {
            if let Some(wanted) = wanted
                && !found.is_some_and(|found| wanted.matches(found))
            {
                let what = field.strip_prefix("source.").unwrap_or(field);
                refuse(field, format!("the {what} {}", wanted.describe()));
            }
        }
        if let Some(wanted) = &self.versioned_tag
            && !tag.is_some_and(|tag| wanted.matches(tag))
        {
            refuse("source.version", format!("a tag of version `{wanted}`"));
        }
    }

    fn check_run(&self, provenance: &Provenance, unmet: &mut Vec<Unmet>) {
        for (field, wanted, found) in [
            ("buildType", &self.build_type, Some(&*provenance.build_type)),
            (
                "entryPoint",
                &self.entry_point,
                provenance.entry_point.as_deref(),
            ),
            (
                "invocation",
                &self.invocation,
                provenance.invocation_id.as_deref(),
            ),
        ] {
            if let Some(wanted) = wanted
                && !found.is_some_and(|found| wanted.matches(found))
            {
                unmet.push(condition(field, wanted.describe(), quoted(found)));
            }
        }
        if self.reproducible && provenance.reproducible != Some(true) {
            let found = match provenance.reproducible {
                Some(_) => "`reproducible: false`",
                None => "nothing about it",
            };
            let expected = "a build that its builder calls reproducible";
            unmet.push(condition(
                "reproducible",
                expected.to_owned(),
                found.to_owned(),
            ));
        }
    }

    fn check_parameters(&self, provenance: &Provenance, unmet: &mut Vec<Unmet>) {
        for (path, wanted) in &self.parameters {
            let found = lookup(&provenance.external_parameters, path).and_then(scalar);
            if !found.as_deref().is_some_and(|found| wanted.matches(found)) {
                let expected = format!("`{path}` to be {}", wanted.describe());
                unmet.push(condition("parameters", expected, quoted(found.as_deref())));
            }
        }
    }

    /// The rule as a part of the policy's identity.
    pub(in crate::policy) fn canonical(&self) -> Value {
        let matcher = |wanted: &Option<Matcher>| wanted.as_ref().map(Matcher::canonical);
        let parameters: BTreeMap<&str, Value> = self
            .parameters
            .iter()
            .map(|(path, wanted)| (path.as_str(), wanted.canonical()))
            .collect();
        json!({
            "builder": matcher(&self.builder),
            "buildType": matcher(&self.build_type),
            "source": matcher(&self.source),
            "sourceDigest": matcher(&self.source_digest),
            "reference": matcher(&self.reference),
            "branch": matcher(&self.branch),
            "tag": matcher(&self.tag),
            "version": self.versioned_tag.as_ref().map(ToString::to_string),
            "entryPoint": matcher(&self.entry_point),
            "invocation": matcher(&self.invocation),
            "parameters": parameters,
            "dependencies": self.dependencies.canonical(),
            "reproducible": self.reproducible,
            "level": self.level.as_ref().map(LevelRule::canonical),
        })
    }
}

fn is_builder(wanted: &Matcher, id: &str) -> bool {
    match wanted.exact() {
        Some(expected) => builder_matches(expected, id),
        None => wanted.matches(id),
    }
}

fn describe_builder(wanted: &Matcher) -> String {
    match wanted.exact() {
        Some(name) if !name.contains('@') => format!("`{name}`, itself or a release of it"),
        _ => wanted.describe(),
    }
}

fn describe_source(source: &Source) -> String {
    let said = match source.kind {
        SourceKind::Client => ", which only the client says",
        _ => "",
    };
    format!("`{}`{said}", shortened(&source.uri))
}

fn describe_references(provenance: &Provenance) -> String {
    let mut found: Vec<String> = provenance
        .sources()
        .filter_map(|source| source.reference.as_deref())
        .map(|reference| format!("`{}`", shortened(reference)))
        .collect();
    found.dedup();
    if found.is_empty() {
        return "no reference".to_owned();
    }
    match &provenance.base_branch {
        Some(branch) if found.len() == 1 => format!(
            "{} from the branch `{}`",
            found.join(" and "),
            shortened(branch)
        ),
        _ => found.join(" and "),
    }
}

fn condition(field: &'static str, expected: String, found: String) -> Unmet {
    Unmet {
        code: Code::ProvenanceConditionUnmet,
        expected,
        found,
        field,
    }
}

fn quoted(found: Option<&str>) -> String {
    found.map_or_else(
        || "nothing".to_owned(),
        |text| format!("`{}`", shortened(text)),
    )
}

/// The value at a path: a JSON pointer where it begins with a slash, else names with dots.
fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.starts_with('/') {
        return value.pointer(path);
    }
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// The text of a value that is one.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
