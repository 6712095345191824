//! The `Configuration` document.

mod credentials;
mod workloads;

#[cfg(test)]
pub(in crate::policy) use workloads::{MAX_GROUP, MAX_KIND};

use std::collections::BTreeSet;
use std::time::Duration;

use super::Compiler;
use crate::image::ImageName;
use crate::policy::configuration::{
    Configuration, LimitOverrides, Mirror, SignatureRepository, SystemAuthorities, Unmatched,
};
use crate::policy::decode::{List, Spanned};
use crate::policy::document::Document;
use crate::policy::document::configuration::{
    ConfigurationSpec, Limits, Registries, UnmatchedWord,
};
use crate::policy::document::trust_root::Span;

impl Compiler<'_> {
    /// The settings of the document, or the built-in ones where there is none.
    pub(super) fn configuration(
        &mut self,
        document: Option<&Document<ConfigurationSpec>>,
    ) -> Configuration {
        let mut configuration = Configuration::default();
        let Some(spec) = document.map(|document| &document.spec) else {
            return configuration;
        };
        if spec.unmatched == Some(UnmatchedWord::DangerAdmit) {
            configuration.unmatched = Unmatched::DangerAdmit;
        }
        for mirror in spec.mirrors.iter().flat_map(|list| &list.items) {
            let prefix = self.prefix(&mirror.prefix);
            let location = self.location(&mirror.location);
            if let (Some(prefix), Some(location)) = (prefix, location) {
                configuration.mirrors.push(Mirror { prefix, location });
            }
        }
        for written in spec
            .signature_repositories
            .iter()
            .flat_map(|list| &list.items)
        {
            let images = match &written.images {
                None => Some(None),
                Some(images) => self.prefix(images).map(Some),
            };
            let repository = self.repository(&written.repository);
            if let (Some(images), Some(repository)) = (images, repository) {
                configuration
                    .signature_repositories
                    .push(SignatureRepository { images, repository });
            }
        }
        if let Some(registries) = &spec.registries {
            self.registries(registries, &mut configuration);
        }
        if let Some(credentials) = &spec.credentials {
            self.credentials(credentials, &mut configuration);
        }
        if let Some(limits) = &spec.limits {
            configuration.limits = overrides(limits);
        }
        if let Some(workloads) = &spec.workloads {
            configuration.workloads = self.workloads(workloads);
        }
        configuration
    }

    fn registries(&mut self, written: &Registries, configuration: &mut Configuration) {
        configuration.insecure_registries = self.hosts(written.insecure.as_ref());
        configuration.allowed_registries = written.allow.as_ref().map(|list| {
            let items = list.items.iter();
            items
                .filter_map(|written| self.hosts_below(written))
                .collect()
        });
        configuration.local_registries = written.local.as_ref().map(|list| self.hosts(Some(list)));
        for content in written.ca.iter().flat_map(|list| &list.items) {
            let Some(text) = self.content(&content.value, &content.mark) else {
                continue;
            };
            if text.value.contains("-----BEGIN CERTIFICATE-----") {
                configuration.authorities.push(text.value);
            } else {
                let expected = "PEM blocks `CERTIFICATE`";
                let found = "none".to_owned();
                self.invalid(&text.mark, "not a certificate authority", expected, found);
            }
        }
        if let Some(system) = &written.system_authorities
            && !system.value
        {
            configuration.system_authorities = SystemAuthorities::Ignored;
            if written.ca.is_none() {
                let expected = "`ca` where the system's authorities do not count";
                let message = "no authority at all vouches for registries";
                self.invalid(&system.mark, message, expected, "no `ca`".to_owned());
            }
        }
        for (registry, services) in written.token_services.iter().flat_map(|map| &map.entries) {
            if let Some(registry) = self.host(registry) {
                let services = self.hosts(Some(services));
                configuration.token_services.insert(registry, services);
            }
        }
    }

    fn hosts(&mut self, list: Option<&List<Spanned<String>>>) -> BTreeSet<String> {
        let items = list.iter().flat_map(|list| &list.items);
        items.filter_map(|written| self.host(written)).collect()
    }

    /// A registry host in canonical spelling, or `*.` before one.
    fn hosts_below(&mut self, written: &Spanned<String>) -> Option<String> {
        let Some(host) = written.value.strip_prefix("*.") else {
            return self.host(written);
        };
        // The wildcard stands for a label of its own.
        let host = canonical(&format!("a.{host}"));
        let host = host.and_then(|host| Some(format!("*.{}", host.strip_prefix("a.")?)));
        if host.is_none() {
            self.no_host(written);
        }
        host
    }

    /// A registry host in canonical spelling.
    fn host(&mut self, written: &Spanned<String>) -> Option<String> {
        let host = canonical(&written.value);
        if host.is_none() {
            self.no_host(written);
        }
        host
    }

    fn no_host(&mut self, written: &Spanned<String>) {
        let expected = "a host such as `registry.example` or `registry.example:5000`";
        let found = format!("`{}`", written.value);
        self.invalid(&written.mark, "not a registry host", expected, found);
    }

    /// A registry, or a registry with the beginning of a repository path, in canonical spelling.
    pub(super) fn prefix(&mut self, written: &Spanned<String>) -> Option<String> {
        let text = written.value.trim_end_matches('/');
        let Some((host, path)) = text.split_once('/') else {
            return self.host(written);
        };
        let parsed = format!("{host}/{path}/a").parse::<ImageName>().ok();
        let prefix = parsed.and_then(|name| {
            let path = name.repository().strip_suffix("/a")?.to_owned();
            let named = name.registry() != "docker.io" || host.contains('.');
            named.then(|| format!("{}/{path}", name.registry()))
        });
        if prefix.is_none() {
            let expected = "a registry, or a registry and the beginning of a repository";
            let found = format!("`{}`", written.value);
            self.invalid(
                &written.mark,
                "not a prefix of image names",
                expected,
                found,
            );
        }
        prefix
    }

    fn location(&mut self, written: &Spanned<String>) -> Option<String> {
        if written.value.contains("://") {
            let expected = "a host and a path, such as `mirror.example:5000/hub`";
            let found = format!("`{}`", written.value);
            let message = "a location is written without a scheme";
            self.invalid(&written.mark, message, expected, found);
            return None;
        }
        self.prefix(written)
    }

    fn repository(&mut self, written: &Spanned<String>) -> Option<ImageName> {
        let parsed = written.value.parse::<ImageName>();
        if let Err(error) = &parsed {
            let expected = "a repository such as `registry.example/signatures`";
            self.invalid(
                &written.mark,
                "not a repository",
                expected,
                error.to_string(),
            );
        }
        parsed.ok()
    }
}

/// The host in its one spelling, if it is one.
fn canonical(text: &str) -> Option<String> {
    let parsed = format!("{text}/a/a").parse::<ImageName>().ok();
    parsed
        .filter(|_| !text.contains('/'))
        .map(|name| name.registry().to_owned())
        .filter(|host| *host != "docker.io" || text.contains('.'))
}

fn overrides(written: &Limits) -> LimitOverrides {
    let duration = |span: Option<Span>| -> Option<Duration> {
        let seconds = u64::try_from(span?.0.as_secs()).ok()?;
        // A bound of nothing would only make everything fail.
        Some(Duration::from_secs(seconds.max(1)))
    };
    LimitOverrides {
        manifest_bytes: written.manifest_bytes.map(|size| size.0),
        evidence_bytes: written.evidence_bytes.map(|size| size.0),
        total_bytes: written.total_bytes.map(|size| size.0),
        referrers: written.referrers.map(|count| count.0),
        evidence: written.evidence.map(|count| count.0),
        platforms: written.platforms.map(|count| count.0),
        redirects: written.redirects.map(|count| count.0),
        attempts: written.attempts.map(|count| count.0),
        concurrent_requests: written.concurrent_requests.map(|count| count.0),
        connect_time: duration(written.connect_time),
        idle_time: duration(written.idle_time),
        total_time: duration(written.total_time),
    }
}
