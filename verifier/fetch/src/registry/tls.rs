//! HTTP clients: one for registries that may be on this machine, one for all others.
//!
//! TLS is configured here in full, with its own provider of cryptography, so that it neither needs
//! nor changes a default of the process.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, NoProxy, redirect, retry};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::address::{Reach, Resolver};
use crate::config::{Authorities, FetchConfig, Proxy};
use crate::error::{Failure, FetchError};

/// Header lines that an answer may have; registries send below thirty.
const HEADERS: usize = 128;
/// Bytes of all header lines of an answer over HTTP/2.
const HEADER_BYTES: u32 = 64 * 1024;

/// Connections to one host that are kept though nobody uses them.
const IDLE_CONNECTIONS: usize = 8;
/// How long such a connection is kept: two runs of a cluster's controllers are seconds apart.
const IDLE_CONNECTION_TIME: Duration = Duration::from_secs(90);

/// The two clients.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    pub(super) local: Client,
    pub(super) remote: Client,
}

impl Clients {
    pub(super) fn build(config: &FetchConfig) -> Result<Self, FetchError> {
        let tls = tls(&config.authorities)?;
        Ok(Self {
            local: client(config, tls.clone(), Reach::Local)?,
            remote: client(config, tls, Reach::Remote)?,
        })
    }
}

/// The certificates in the PEM texts of the configuration.
pub(super) fn certificates(
    authorities: &Authorities,
) -> Result<Vec<CertificateDer<'static>>, FetchError> {
    let (Authorities::SystemAnd(pems) | Authorities::Only(pems)) = authorities;
    let mut found = Vec::new();
    for pem in pems {
        let before = found.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            found.push(certificate.map_err(|error| invalid("authorities", &error.to_string()))?);
        }
        if found.len() == before {
            return Err(invalid("authorities", "a text without a certificate"));
        }
    }
    Ok(found)
}

fn tls(authorities: &Authorities) -> Result<ClientConfig, FetchError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities)? {
        roots
            .add(certificate)
            .map_err(|error| invalid("authorities", &error.to_string()))?;
    }
    if matches!(authorities, Authorities::SystemAnd(_)) {
        // A certificate of the system's store that cannot be read vouches for nobody; the others do.
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid("authorities", &error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn client(config: &FetchConfig, tls: ClientConfig, reach: Reach) -> Result<Client, FetchError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("sovverify/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Resolver(reach))
        // Redirects and retries are ours: theirs know nothing of credentials and deadlines.
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(config.limits.connect_time)
        .http1_max_headers(HEADERS)
        // `h2` refuses at this number, and not only beyond it.
        .http2_max_header_list_size(HEADER_BYTES + 1)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(IDLE_CONNECTION_TIME)
        .tcp_nodelay(true);
    proxied(builder, &config.proxy)?
        .build()
        .map_err(|error| invalid("proxy", &error.to_string()))
}

fn proxied(builder: ClientBuilder, proxy: &Proxy) -> Result<ClientBuilder, FetchError> {
    match proxy {
        Proxy::None => Ok(builder.no_proxy()),
        Proxy::FromEnvironment => Ok(builder),
        Proxy::Explicit { url, except } => {
            // A proxy's URL may hold a password, so it is not repeated.
            let proxy = reqwest::Proxy::all(url.as_str())
                .map_err(|_| invalid("proxy", "a text that is none"))?
                .no_proxy(NoProxy::from_string(except));
            Ok(builder.no_proxy().proxy(proxy))
        }
    }
}

fn invalid(field: &'static str, found: &str) -> FetchError {
    let expected = match field {
        "authorities" => "PEM certificates",
        _ => "a URL such as `http://proxy.example:3128`",
    };
    let found = found.to_owned();
    FetchError::new(
        "configuration",
        Failure::Config {
            field,
            expected,
            found,
        },
    )
}
