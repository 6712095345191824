//! TLS: which certificate is shown, which callers are let in, and both replaced while it runs.
//!
//! Kubernetes renews a mounted secret by turning a symbolic link, so files are read again every few
//! seconds, and what counts is their content, not their times. A pair that cannot be used, or an
//! authority without certificates, never replaces one that could.
//!
//! Sessions are not resumed: each handshake sees the certificate and the authority that count now. Callers
//! keep their connections, so the price is nothing.

mod files;
mod parts;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection};

use crate::metrics::{Metrics, Reloaded, Success};
use files::Contents;
pub use files::TlsFiles;
use parts::Pair;
pub use parts::TlsError;

/// Protocols by ALPN, the better one first. The API server speaks HTTP/2.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// The protocol that was agreed on is this one: HTTP/2.
pub(super) const HTTP_2: &[u8] = b"h2";
/// Time for which a caller's certificate counts without being looked at again: it may expire while its
/// connection lasts. One look costs some 100 µs.
const CALLER_TIME: Duration = Duration::from_secs(30);

/// What TLS rests on now, and where it comes from.
#[derive(Debug)]
pub(super) struct Tls {
    files: TlsFiles,
    metrics: Arc<Metrics>,
    current: ArcSwap<Current>,
    seen: Mutex<Seen>,
}

/// What handshakes use.
#[derive(Debug)]
struct Current {
    config: Arc<ServerConfig>,
    pair: Pair,
    authority: Option<Authority>,
}

/// Who vouches for callers.
#[derive(Clone, Debug)]
struct Authority {
    verifier: Arc<dyn ClientCertVerifier>,
    /// Differs from that of every other authority of this process.
    generation: u64,
}

/// What files held when they were last looked at, whether it could be used or not: bad news is told
/// once.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    pair: Option<[u8; 32]>,
    /// A pair that is good, and too early.
    early: Option<[u8; 32]>,
    authority: Option<[u8; 32]>,
}

/// Who is at the other end of a connection.
#[derive(Debug)]
pub(super) struct Caller {
    certificates: Vec<CertificateDer<'static>>,
    looked_at: Mutex<Option<(u64, Instant)>>,
}

/// Why a caller may not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stranger {
    /// It shows no certificate.
    Unknown,
    /// Its certificate does not count any more.
    Refused,
}

impl Tls {
    /// Reads the files for the first time. Here a pair that cannot be used is an error; only one that has
    /// expired is taken, with a warning: there is no better one, and callers say themselves what they
    /// think of it.
    pub(super) fn load(files: TlsFiles, metrics: Arc<Metrics>) -> Result<Self, TlsError> {
        let contents = files.read()?;
        let now = jiff::Timestamp::now();
        let pair = Pair::read(&contents)?;
        if let Err(error) = pair.counts_at(now) {
            tracing::warn!(%error, "the certificate is used for want of a better one");
        }
        let authority = match &contents.authority {
            Some(pem) => Some(Authority::read(pem)?),
            None => None,
        };
        pair.tell(&metrics);
        Ok(Self {
            files,
            metrics,
            seen: Mutex::new(Seen::of(&contents)),
            current: ArcSwap::from_pointee(Current::new(pair, authority)?),
        })
    }

    /// The configuration of a handshake that begins now.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.load().config)
    }

    /// Looks at the files every `interval`, for ever.
    pub(super) async fn keep_current(self: Arc<Self>, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            let tls = Arc::clone(&self);
            // A disk that hangs keeps a thread of its own waiting, and no connection.
            if let Err(error) = tokio::task::spawn_blocking(move || tls.look_again()).await {
                tracing::error!(%error, "looking at certificate files failed");
            }
        }
    }

    /// Looks at the files, and takes over what is new and good.
    fn look_again(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let contents = match self.files.read() {
            Ok(contents) => contents,
            Err(error) => {
                if seen.pair.is_some() {
                    self.replaced(Reloaded::Certificate, Err(error));
                }
                *seen = Seen::default();
                return;
            }
        };
        let new = Seen::of(&contents);
        if seen.pair != new.pair {
            match self.take_pair(&contents) {
                // Looked at again until its time has come, and told once.
                Err(error @ TlsError::NotYet(_)) => {
                    if seen.early != new.pair {
                        self.replaced(Reloaded::Certificate, Err(error));
                    }
                    seen.early = new.pair;
                }
                result => {
                    self.replaced(Reloaded::Certificate, result);
                    seen.pair = new.pair;
                }
            }
        }
        if seen.authority != new.authority {
            self.replaced(Reloaded::ClientAuthority, self.take_authority(&contents));
            seen.authority = new.authority;
        }
    }

    fn replaced(&self, what: Reloaded, result: Result<(), TlsError>) {
        match result {
            Ok(()) => {
                tracing::info!(what = what.name(), "replaced");
                self.metrics.reloaded(what, Success::Yes);
            }
            Err(error) => {
                tracing::error!(what = what.name(), %error, "not replaced; what was loaded still counts");
                self.metrics.reloaded(what, Success::No);
            }
        }
    }

    fn take_pair(&self, contents: &Contents) -> Result<(), TlsError> {
        let pair = Pair::read(contents)?;
        pair.counts_at(jiff::Timestamp::now())?;
        let authority = self.current.load().authority.clone();
        pair.tell(&self.metrics);
        self.current.store(Arc::new(Current::new(pair, authority)?));
        Ok(())
    }

    fn take_authority(&self, contents: &Contents) -> Result<(), TlsError> {
        let Some(pem) = &contents.authority else {
            return Ok(());
        };
        let authority = Authority::read(pem)?;
        let pair = self.current.load().pair.clone();
        let current = Current::new(pair, Some(authority))?;
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// Whether the caller may ask for reviews now. Its certificate was verified when it came, and is
    /// again when the authority was replaced or time has passed: connections last for minutes.
    pub(super) fn admits(&self, caller: &Caller, now: Instant) -> Result<(), Stranger> {
        let current = self.current.load();
        let Some(authority) = &current.authority else {
            return Ok(());
        };
        let (leaf, chain) = caller.certificates.split_first().ok_or(Stranger::Unknown)?;
        let mut looked_at = caller
            .looked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let still_counts = looked_at.is_some_and(|(generation, at)| {
            generation == authority.generation && now.saturating_duration_since(at) < CALLER_TIME
        });
        if !still_counts {
            *looked_at = None;
            authority
                .verifier
                .verify_client_cert(leaf, chain, UnixTime::now())
                .map_err(|_| Stranger::Refused)?;
            *looked_at = Some((authority.generation, now));
        }
        Ok(())
    }
}

impl Current {
    fn new(pair: Pair, authority: Option<Authority>) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(TlsError::Refused)?;
        let builder = match &authority {
            Some(authority) => builder.with_client_cert_verifier(Arc::clone(&authority.verifier)),
            None => builder.with_no_client_auth(),
        };
        let key: Arc<CertifiedKey> = Arc::clone(&pair.key);
        let mut config =
            builder.with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(key)));
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            config: Arc::new(config),
            pair,
            authority,
        })
    }
}

impl Authority {
    fn read(pem: &[u8]) -> Result<Self, TlsError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Ok(Self {
            verifier: parts::client_verifier(pem)?,
            generation: NEXT.fetch_add(1, Ordering::Relaxed),
        })
    }
}

impl Seen {
    fn of(contents: &Contents) -> Self {
        Self {
            pair: Some(hash(&[&contents.certificate, &contents.key])),
            early: None,
            authority: contents.authority.as_ref().map(|pem| hash(&[pem])),
        }
    }
}

/// The SHA-256 of `parts`, each with its length.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    bytes
}

impl Caller {
    /// Whoever a handshake has shown.
    pub(super) fn of(connection: &ServerConnection) -> Self {
        Self {
            certificates: connection.peer_certificates().unwrap_or_default().to_vec(),
            looked_at: Mutex::new(None),
        }
    }
}

#[cfg(test)]
mod tests;
