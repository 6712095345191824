//! The `Configuration` document, turned into settings of discovery and bounds of the core.

use std::path::Path;

use sovverify::policy::{Configuration, LimitOverrides, PolicySet, SystemAuthorities};
use sovverify::{Code, Limits};

use super::{LoadError, documents};
use crate::config::{
    AllowedRegistries, Authorities, CredentialFile, LocalRegistries, Mirror, SignatureRepository,
    TokenCredential,
};
use crate::{FetchConfig, FetchLimits};

/// Settings of the process.
#[derive(Debug, Default)]
pub struct Settings {
    /// Of discovery.
    pub fetch: FetchConfig,
    /// Of the core.
    pub limits: Limits,
}

impl Settings {
    /// The settings of `config` where one was given, else those among the policy documents.
    ///
    /// # Errors
    ///
    /// Those of [`Settings::read`].
    pub fn load(config: Option<&Path>, policies: &PolicySet) -> Result<Self, LoadError> {
        match config {
            Some(_) => Self::read(config),
            None => Ok(Self::of(policies.configuration())),
        }
    }

    /// The settings of `config`, or the built-in ones. Blocks.
    ///
    /// # Errors
    ///
    /// Those of [`documents`](super::documents()), and `file/malformed` for a file that holds no
    /// configuration.
    pub fn read(config: Option<&Path>) -> Result<Self, LoadError> {
        let Some(path) = config else {
            return Ok(Self::default());
        };
        let loaded = documents::documents(&[path])?;
        if !loaded.documents.has_configuration() {
            let message = format!("the file `{}` holds no configuration", path.display());
            return Err(LoadError::new(Code::FileMalformed, message)
                .expected("a document of kind `Configuration`")
                .found("documents of other kinds"));
        }
        let configuration = loaded.documents.compile_configuration(&loaded.files)?;
        Ok(Self::of(&configuration))
    }

    /// The settings that a document means.
    pub fn of(configuration: &Configuration) -> Self {
        Self {
            fetch: fetch(configuration),
            limits: core_limits(&configuration.limits),
        }
    }
}

fn fetch(configuration: &Configuration) -> FetchConfig {
    let mut fetch = FetchConfig {
        limits: fetch_limits(&configuration.limits),
        insecure_registries: configuration.insecure_registries.clone(),
        allowed_registries: match &configuration.allowed_registries {
            Some(allowed) => AllowedRegistries::Only(allowed.clone()),
            None => AllowedRegistries::Every,
        },
        local_registries: match &configuration.local_registries {
            Some(local) => LocalRegistries::Only(local.clone()),
            None => LocalRegistries::Every,
        },
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
    let tokens = configuration.token_credentials.iter();
    fetch.credentials.tokens = tokens
        .map(|token| TokenCredential {
            scope: token.registry.clone(),
            file: documents::beside(&token.file),
            usage: token.usage.clone(),
        })
        .collect();
    let files = configuration.credential_files.iter();
    fetch.credentials.files = files
        .map(|key| CredentialFile::Required(documents::beside(key)))
        .collect();
    let directories = configuration.helper_directories.iter();
    fetch.credentials.helper_directories = directories.map(Into::into).collect();
    fetch
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn settings(spec: &str) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.yaml");
        let head = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: a }\nspec:";
        std::fs::write(&file, format!("{head} {spec}\n")).unwrap();
        Settings::read(Some(&file)).unwrap()
    }

    #[test]
    fn what_is_written_about_registries_counts_in_both_binaries() {
        let settings = settings(
            "{ registries: { allow: ['*.internal:5000', Registry.Example], local: ['127.0.0.1:5000'] } }",
        );
        let set = |hosts: &[&str]| -> BTreeSet<String> {
            hosts.iter().map(|host| (*host).to_owned()).collect()
        };
        let allowed = set(&["*.internal:5000", "registry.example"]);
        let local = LocalRegistries::Only(set(&["127.0.0.1:5000"]));
        let AllowedRegistries::Only(found) = &settings.fetch.allowed_registries else {
            panic!("{:?}", settings.fetch);
        };
        assert_eq!(*found, allowed);
        assert_eq!(settings.fetch.local_registries, local);
        assert_eq!(settings.fetch.for_tenants().local_registries, local);
    }

    #[test]
    fn for_tenants_nothing_runs_and_nothing_is_local_unless_it_is_listed() {
        let settings = settings("{ credentials: { helperDirectories: [/usr/local/bin] } }");
        assert_eq!(settings.fetch.local_registries, LocalRegistries::Every);
        assert_eq!(settings.fetch.credentials.helper_directories.len(), 1);
        let fetch = settings.fetch.for_tenants();
        assert_eq!(
            fetch.local_registries,
            LocalRegistries::Only(BTreeSet::new())
        );
        assert!(fetch.credentials.helper_directories.is_empty());
    }
}
