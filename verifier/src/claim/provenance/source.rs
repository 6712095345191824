//! Where each producer names the source that it built.

use std::collections::BTreeMap;

use serde_json::Value;

use super::uri::{is_commit, normal, split};
use super::{Dependency, Provenance, Source, SourceKind, Version};

/// What the predicate names outside parameters and dependencies.
#[derive(Default)]
pub(super) struct Stated {
    /// `invocation.configSource` of v0.2.
    pub(super) configuration: Option<Source>,
    /// What `BuildKit`'s client says about its directory.
    pub(super) client: Option<Source>,
    /// `recipe.definedInMaterial` of v0.1.
    pub(super) material: Option<usize>,
}

/// A producer with conventions of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Producer {
    /// Tekton Chains, and Konflux on top of it. The configuration is the pipeline's definition,
    /// which often lives in a catalogue; the source is among the inputs
    /// (tektoncd/chains, `docs/slsa-provenance.md`).
    Tekton,
    /// `BuildKit` (moby/buildkit, `docs/attestations/slsa-definitions.md`).
    BuildKit,
    /// A builder behind slsa-github-generator's delegator, or its container-based one. The workflow
    /// may commit before it builds: only the dependency says what was built (slsa-verifier,
    /// `verifySourceURI`).
    Delegated,
    /// Google Cloud Build with provenance v0.1.
    CloudBuild,
    /// Everybody else: slsa-github-generator, GitHub's attest actions, npm, GitLab, Google Cloud
    /// Build v1.
    Other,
}

impl Producer {
    fn of(provenance: &Provenance) -> Self {
        let build_type = &*provenance.build_type;
        let starts = |prefixes: &[&str]| prefixes.iter().any(|p| build_type.starts_with(p));
        if provenance.version == Version::V0_1 {
            Self::CloudBuild
        } else if starts(&["tekton.dev/", "https://tekton.dev/"]) {
            Self::Tekton
        } else if starts(&[
            "https://mobyproject.org/buildkit",
            "https://github.com/moby/buildkit/",
        ]) {
            Self::BuildKit
        } else if starts(&[
            "https://github.com/slsa-framework/slsa-github-generator/delegator",
            "https://slsa.dev/container-based-build/",
        ]) {
            Self::Delegated
        } else {
            Self::Other
        }
    }
}

/// Finds source, trigger, entry point and base branch by the conventions of the producer.
pub(super) fn fill(mut provenance: Provenance, stated: Stated) -> Provenance {
    let producer = Producer::of(&provenance);
    if provenance.entry_point.is_none() {
        provenance.entry_point = entry_point(&provenance).map(Into::into);
    }
    match producer {
        Producer::Tekton => provenance.source = tekton(&provenance, stated.configuration.as_ref()),
        Producer::BuildKit => {
            let configuration = stated.configuration.or_else(|| external(&provenance));
            provenance.source = configuration.or(stated.client);
        }
        Producer::CloudBuild => provenance.source = cloud_build(&provenance, stated.material),
        Producer::Delegated | Producer::Other => {
            let trigger = stated.configuration.or_else(|| workflow(&provenance));
            let parameter = parameter(&provenance);
            provenance.source = match &trigger {
                Some(_) => first(&provenance).or(parameter),
                None => parameter.or_else(|| only(&provenance.dependencies)),
            };
            provenance.trigger = trigger;
            if provenance.source.is_none() {
                provenance.source = provenance.trigger.take();
            }
        }
    }
    match producer {
        Producer::Delegated => {
            let unnamed = |source: &Source| source.reference.is_none();
            if provenance.source.as_ref().is_some_and(unnamed)
                && let Some(trigger) = &mut provenance.trigger
            {
                trigger.reference = None;
            }
        }
        Producer::Other => {
            provenance.base_branch = base_branch(&provenance.internal_parameters).map(Into::into);
        }
        Producer::Tekton | Producer::BuildKit | Producer::CloudBuild => {}
    }
    provenance
}

/// A source by its address alone.
pub(super) fn named(uri: &str, kind: SourceKind) -> Source {
    let (uri, reference) = split(uri);
    Source {
        uri: uri.into(),
        digests: BTreeMap::new(),
        reference: reference.map(Into::into),
        kind,
    }
}

/// What a client says about its directory.
pub(super) fn client(uri: &str, revision: Option<String>) -> Source {
    let digests = revision.map(|revision| ("gitCommit".to_owned(), revision));
    Source {
        digests: digests.into_iter().collect(),
        ..named(uri, SourceKind::Client)
    }
}

/// The inputs that a person gave to the workflow, in the event that started it.
pub(super) fn workflow_inputs(environment: &Value) -> Option<&Value> {
    let by_hand = variable(environment, "github_event_name")? == "workflow_dispatch";
    by_hand
        .then(|| member(environment, "github_event_payload")?.get("inputs"))
        .flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    let found = value.pointer(pointer)?.as_str()?;
    Some(found).filter(|text| !text.is_empty())
}

/// A variable of the environment: slsa-github-generator writes its names in lower case, the
/// delegator in capitals.
fn member<'a>(environment: &'a Value, name: &str) -> Option<&'a Value> {
    environment
        .get(name)
        .or_else(|| environment.get(name.to_ascii_uppercase()))
}

fn variable<'a>(environment: &'a Value, name: &str) -> Option<&'a str> {
    member(environment, name)?.as_str()
}

/// `GITHUB_WORKFLOW_REF`: `owner/repository/path@reference`, as repository, path, reference.
fn workflow_reference(internal: &Value) -> Option<(String, &str, &str)> {
    let (path, reference) = internal
        .get("GITHUB_WORKFLOW_REF")?
        .as_str()?
        .split_once('@')?;
    let mut parts = path.splitn(3, '/');
    let (owner, repository, path) = (parts.next()?, parts.next()?, parts.next()?);
    let uri = format!("git+https://github.com/{owner}/{repository}");
    (!owner.is_empty() && !repository.is_empty()).then_some((uri, path, reference))
}

fn entry_point(provenance: &Provenance) -> Option<&str> {
    let external = &provenance.external_parameters;
    let places = [
        "/workflow/path",
        "/buildConfigSource/path",
        "/configSource/path",
        "/entryPoint",
        "/configPath",
    ];
    places
        .iter()
        .find_map(|place| text(external, place))
        .or_else(|| workflow_reference(&provenance.internal_parameters).map(|(_, path, _)| path))
}

/// The workflow or configuration that ran, in v1: GitHub's `workflow`, Cloud Build's
/// `buildConfigSource`, and the variable that slsa-github-generator records.
fn workflow(provenance: &Provenance) -> Option<Source> {
    let external = &provenance.external_parameters;
    let places = ["/workflow", "/buildConfigSource"];
    let configured = places.iter().find_map(|place| {
        let part = external.pointer(place)?;
        let mut source = named(text(part, "/repository")?, SourceKind::Configuration);
        if let Some(reference) = text(part, "/ref") {
            source.reference = Some(reference.into());
        }
        Some(source)
    });
    configured.or_else(|| {
        let (uri, _, reference) = workflow_reference(&provenance.internal_parameters)?;
        Some(Source {
            uri: uri.into(),
            reference: Some(reference.into()),
            ..Source::default()
        })
    })
}

/// `externalParameters.configSource` of `BuildKit` with provenance v1.
fn external(provenance: &Provenance) -> Option<Source> {
    let part = provenance.external_parameters.get("configSource")?;
    Some(Source {
        digests: digests(part),
        ..named(text(part, "/uri")?, SourceKind::Configuration)
    })
}

/// `externalParameters.source`: an address (GitLab) or a descriptor (container-based builds).
///
/// GitLab's variables name a branch or tag too, but a job may set variables of the same names, and
/// its own win: they are no reference.
fn parameter(provenance: &Provenance) -> Option<Source> {
    let part = provenance.external_parameters.get("source")?;
    let uri = part.as_str().or_else(|| text(part, "/uri"))?;
    let mut source = Source {
        digests: digests(part),
        ..named(uri, SourceKind::Parameter)
    };
    if source.uri.is_empty() {
        return None;
    }
    if source.digests.is_empty() {
        let wanted = normal(&source.uri);
        let mut same = provenance.dependencies.iter().filter(|dependency| {
            let (uri, _) = split(dependency.uri.as_deref().unwrap_or_default());
            wanted.is_some() && normal(uri) == wanted
        });
        source.digests = same.next().map(|d| d.digests.clone()).unwrap_or_default();
    }
    Some(source)
}

fn digests(part: &Value) -> BTreeMap<String, String> {
    let members = part.get("digest").and_then(Value::as_object);
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    members.into_iter().flatten().filter_map(text).collect()
}

/// The first dependency, which GitHub's producers make the source by agreement with their verifiers.
fn first(provenance: &Provenance) -> Option<Source> {
    provenance.dependencies.first().and_then(repository)
}

/// The repository among the dependencies, where there is only one.
fn only<'a>(dependencies: impl IntoIterator<Item = &'a Dependency>) -> Option<Source> {
    let mut found: Option<Source> = None;
    for source in dependencies.into_iter().filter_map(repository) {
        match &found {
            None => found = Some(source),
            Some(first) => {
                let same = normal(&first.uri).is_some_and(|uri| normal(&source.uri) == Some(uri));
                if !same || first.commit() != source.commit() {
                    return None;
                }
            }
        }
    }
    found
}

/// A dependency that is a repository: it says so, or it has the digest of a commit.
fn repository(dependency: &Dependency) -> Option<Source> {
    let uri = dependency.uri.as_deref()?;
    let commit = ["gitCommit", "sha1"]
        .iter()
        .find_map(|name| dependency.digests.get(*name));
    let git = uri.starts_with("git+") || uri.starts_with("git://");
    // Cloud Build names the page of the commit.
    let page = commit.and_then(|commit| uri.strip_suffix(&format!("/commit/{commit}")));
    let web = uri.starts_with("https://") || uri.starts_with("ssh://");
    let commit = commit.is_some_and(|commit| is_commit(commit));
    (git || (web && commit)).then(|| Source {
        digests: dependency.digests.clone(),
        ..named(page.unwrap_or(uri), SourceKind::Dependency)
    })
}

/// Tekton: the one repository among the inputs. Definitions of pipelines and tasks are inputs too
/// when they come from repositories; v1 gives them another name, v0.2 names one as configuration.
fn tekton(provenance: &Provenance, configuration: Option<&Source>) -> Option<Source> {
    let dependencies = &provenance.dependencies;
    let is_input = |d: &&Dependency| d.name.as_deref() == Some("inputs/result");
    if provenance.version == Version::V1 && dependencies.iter().any(|d| d.name.is_some()) {
        return only(dependencies.iter().filter(is_input));
    }
    let definition = configuration.and_then(|source| normal(&source.uri));
    only(dependencies).or_else(|| {
        only(dependencies.iter().filter(|dependency| {
            let (uri, _) = split(dependency.uri.as_deref().unwrap_or_default());
            normal(uri) != definition
        }))
    })
}

/// Cloud Build v0.1: the material that holds the recipe, and the names that the trigger substitutes.
/// Names that people choose begin with an underscore there, so these two are Cloud Build's own.
fn cloud_build(provenance: &Provenance, material: Option<usize>) -> Option<Source> {
    let dependency = provenance.dependencies.get(material.unwrap_or(0))?;
    let mut source = repository(dependency).or_else(|| {
        Some(Source {
            digests: dependency.digests.clone(),
            ..named(dependency.uri.as_deref()?, SourceKind::Dependency)
        })
    })?;
    let arguments = &provenance.external_parameters;
    let name = |name: &str| text(arguments, &format!("/arguments/substitutions/{name}"));
    let tag = name("TAG_NAME").map(|tag| format!("refs/tags/{tag}"));
    let reference = tag.or_else(|| name("BRANCH_NAME").map(|b| format!("refs/heads/{b}")));
    if let Some(reference) = reference {
        source.reference = Some(reference.into());
    }
    Some(source)
}

/// The branch behind a tag: only pushes and releases name it (slsa-verifier, `getBranchForTag`).
fn base_branch(environment: &Value) -> Option<&str> {
    let payload = member(environment, "github_event_payload");
    let base = variable(environment, "github_base_ref").filter(|base| !base.is_empty());
    let branch = match (base, variable(environment, "github_event_name")?) {
        (Some(base), _) => base,
        (None, "push") => payload?.get("base_ref")?.as_str()?,
        (None, "release") => return text(payload?, "/release/target_commitish"),
        (None, _) => return None,
    };
    Some(branch.strip_prefix("refs/heads/").unwrap_or(branch))
}
