//! The `Configuration` document, turned into settings of discovery and bounds of the core.

use std::path::Path;

use sovverify::policy::{Configuration, LimitOverrides, PolicySet, SystemAuthorities};
use sovverify::{Code, Limits};
use sovverify_fetch::config::{Authorities, CredentialFile, Mirror, SignatureRepository};
use sovverify_fetch::{FetchConfig, FetchLimits};

use super::documents;
use crate::problem::Stopped;

/// Settings of the process.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// Of discovery.
    pub(crate) fetch: FetchConfig,
    /// Of the core.
    pub(crate) limits: Limits,
}

/// The settings of `config` where one was given, else those among the policy documents.
pub(crate) fn load(config: Option<&Path>, policies: &PolicySet) -> Result<Settings, Stopped> {
    match config {
        Some(_) => alone(config),
        None => Ok(settings(policies.configuration())),
    }
}

/// The settings of `config`, or the built-in ones.
pub(crate) fn alone(config: Option<&Path>) -> Result<Settings, Stopped> {
    let Some(path) = config else {
        return Ok(Settings::default());
    };
    let loaded = documents::load([path.to_owned()].iter())?;
    if !loaded.documents.has_configuration() {
        let message = format!("the file `{}` holds no configuration", path.display());
        return Err(Stopped::new(Code::FileMalformed, message)
            .expected("a document of kind `Configuration`")
            .found("documents of other kinds"));
    }
    let configuration = loaded.documents.compile_configuration(&loaded.files)?;
    Ok(settings(&configuration))
}

fn settings(configuration: &Configuration) -> Settings {
    let mut fetch = FetchConfig {
        limits: fetch_limits(&configuration.limits),
        insecure_registries: configuration.insecure_registries.clone(),
        authorities: match configuration.system_authorities {
            SystemAuthorities::Ignored => Authorities::Only(configuration.authorities.clone()),
            _ => Authorities::SystemAnd(configuration.authorities.clone()),
        },
        token_services: configuration.token_services.clone(),
        ..FetchConfig::default()
    };
    let mirrors = configuration.mirrors.iter().map(|mirror| Mirror {
        from: mirror.prefix.clone(),
        to: mirror.location.clone(),
    });
    fetch.mirrors = mirrors.collect();
    let repositories = configuration.signature_repositories.iter();
    fetch.signature_repositories = repositories
        .map(|entry| SignatureRepository {
            images: entry.images.clone(),
            repository: entry.repository.clone(),
        })
        .collect();
    let files = configuration.credential_files.iter();
    fetch.credentials.files = files
        .map(|key| CredentialFile::Required(documents::beside(key)))
        .collect();
    let directories = configuration.helper_directories.iter();
    fetch.credentials.helper_directories = directories.map(Into::into).collect();
    Settings {
        fetch,
        limits: core_limits(&configuration.limits),
    }
}

fn fetch_limits(written: &LimitOverrides) -> FetchLimits {
    let built_in = FetchLimits::default();
    let size = |value: Option<u32>, other: usize| {
        value
            .and_then(|value| usize::try_from(value).ok())
            .unwrap_or(other)
    };
    FetchLimits {
        manifest_bytes: written.manifest_bytes.unwrap_or(built_in.manifest_bytes),
        evidence_bytes: written.evidence_bytes.unwrap_or(built_in.evidence_bytes),
        total_bytes: written.total_bytes.unwrap_or(built_in.total_bytes),
        referrers: size(written.referrers, built_in.referrers),
        evidence: size(written.evidence, built_in.evidence),
        platforms: size(written.platforms, built_in.platforms),
        redirects: size(written.redirects, built_in.redirects),
        attempts: written.attempts.unwrap_or(built_in.attempts),
        concurrent_requests: size(written.concurrent_requests, built_in.concurrent_requests),
        connect_time: written.connect_time.unwrap_or(built_in.connect_time),
        idle_time: written.idle_time.unwrap_or(built_in.idle_time),
        total_time: written.total_time.unwrap_or(built_in.total_time),
        ..built_in
    }
}

/// What discovery may deliver, the core must be willing to read.
fn core_limits(written: &LimitOverrides) -> Limits {
    let built_in = Limits::default();
    let bytes = |value: Option<u64>, other: usize| {
        value
            .and_then(|value| usize::try_from(value).ok())
            .unwrap_or(other)
    };
    let count = |value: Option<u32>, other: usize| bytes(value.map(u64::from), other);
    Limits {
        manifest_bytes: bytes(written.manifest_bytes, built_in.manifest_bytes),
        bundle_bytes: bytes(written.evidence_bytes, built_in.bundle_bytes),
        payload_bytes: bytes(written.evidence_bytes, built_in.payload_bytes),
        evidence: count(written.evidence, built_in.evidence),
        platforms: count(written.platforms, built_in.platforms),
        ..built_in
    }
}
