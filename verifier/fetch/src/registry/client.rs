//! What all requests of a process share, and how one of them goes out.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use tokio::time::Instant;
use url::Url;

use super::Endpoint;
use super::address::{Reach, literal_refusal};
use super::auth::{Session, authority};
use super::credentials::{Choice, Keyring};
use super::retry::Again;
use super::tls::Clients;
use super::traffic::{Host, Traffic};
use super::transport;
use crate::bounded::Bounded;
use crate::budget::Budget;
use crate::config::{CredentialSources, FetchConfig};
use crate::error::{Failure, FetchError};
use crate::observe::{Event, Outcome, Purpose};

/// Repositories whose access tokens are kept: a cluster runs some hundred images from a handful of
/// tenants, and a token is at most 32 KiB.
const MAX_SESSIONS: usize = 1024;

/// What is needed to ask repositories for one tenant, or for the process itself.
#[derive(Clone, Debug)]
pub(super) struct Core {
    pub(super) config: Arc<FetchConfig>,
    keyring: Keyring,
    shared: Arc<Shared>,
}

/// What all tenants share: connections, and the bounds on parallel requests. Sessions are kept
/// together so that they are bounded together.
#[derive(Debug)]
struct Shared {
    clients: OnceLock<Result<Clients, FetchError>>,
    sessions: Mutex<Bounded<SessionKey, Arc<Session>>>,
    traffic: Traffic,
}

/// The keyring by its name, and the repository.
type SessionKey = (String, String);

/// One request as it goes out.
pub(super) struct Sent<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
    pub(super) reach: Reach,
    pub(super) purpose: Purpose,
    /// The place, for people.
    pub(super) place: &'a str,
}

/// A failed attempt.
pub(super) struct Broken {
    pub(super) error: FetchError,
    /// Whether the request may be sent again.
    pub(super) again: Again,
    /// The host that said "too many", where one did.
    pub(super) throttled: Option<Arc<Host>>,
}

impl Broken {
    pub(super) const fn final_error(error: FetchError) -> Self {
        Self::new(error, Again::Never)
    }

    pub(super) const fn new(error: FetchError, again: Again) -> Self {
        Self {
            error,
            again,
            throttled: None,
        }
    }

    pub(super) fn from_transport(broken: transport::Broken, place: &str) -> Self {
        let again = if broken.again {
            Again::Soon
        } else {
            Again::Never
        };
        Self::new(FetchError::new(place, broken.failure), again)
    }
}

impl Core {
    pub(super) fn new(config: Arc<FetchConfig>) -> Self {
        let shared = Shared {
            clients: OnceLock::new(),
            sessions: Mutex::new(Bounded::new(MAX_SESSIONS)),
            traffic: Traffic::new(&config.limits),
        };
        Self {
            keyring: Keyring::new(config.credentials.clone()),
            config,
            shared: Arc::new(shared),
        }
    }

    /// The same with the credentials of a tenant before our own.
    pub(super) fn scoped(&self, sources: CredentialSources) -> Self {
        Self {
            keyring: self.keyring.with(sources),
            ..self.clone()
        }
    }

    /// Sends one request and waits for the head of the answer.
    pub(super) async fn send(
        &self,
        request: Sent<'_>,
        budget: &Budget,
    ) -> Result<Response, Broken> {
        let (purpose, since) = (request.purpose, Instant::now());
        let result = self.head(request, budget).await;
        let outcome = match &result {
            Ok(answer) => Outcome::of_status(answer.status().as_u16()),
            Err(broken) => match broken.error.failure() {
                Failure::HostRefused { .. } => Outcome::Refused,
                Failure::Timeout { .. } => Outcome::Timeout,
                _ => Outcome::Unreachable,
            },
        };
        let time = since.elapsed();
        self.config.observer.notice(&Event::Finished {
            purpose,
            outcome,
            time,
        });
        result
    }

    async fn head(&self, request: Sent<'_>, budget: &Budget) -> Result<Response, Broken> {
        let place = request.place;
        let host = authority(request.url);
        if let Some(kind) = literal_refusal(request.url, request.reach) {
            let failure = Failure::HostRefused { host, kind };
            return Err(Broken::final_error(FetchError::new(place, failure)));
        }
        let clients = self.clients().map_err(Broken::final_error)?;
        let client = match request.reach {
            Reach::Local => &clients.local,
            Reach::Remote => &clients.remote,
        };
        let mut outgoing = client
            .request(request.method, request.url.clone())
            .headers(request.headers);
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let limits = &self.config.limits;
        // From here to the head of the answer no byte comes from the registry.
        let sent = tokio::time::timeout(limits.idle_time, outgoing.send());
        match tokio::time::timeout_at(budget.deadline(), sent).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(error))) => {
                let broken = transport::broken(&error, &host, limits);
                Err(Broken::from_transport(broken, place))
            }
            Ok(Err(_)) => Err(Broken::final_error(self.idle(place))),
            Err(_) => Err(Broken::final_error(FetchError::new(
                place,
                budget.out_of_time(),
            ))),
        }
    }

    /// No byte came for as long as the bound allows.
    pub(super) fn idle(&self, place: &str) -> FetchError {
        let failure = Failure::Timeout {
            bound: "idle_time",
            after: self.config.limits.idle_time,
        };
        FetchError::new(place, failure)
    }

    /// Whether plain HTTP was allowed for exactly this host.
    pub(super) fn is_insecure(&self, registry: &str) -> bool {
        self.config.insecure_registries.contains(registry)
    }

    /// The credentials of a repository, in the order in which they are tried.
    pub(super) async fn choices(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Vec<Choice>, FetchError> {
        let limits = &self.config.limits;
        self.keyring.choices(registry, repository, limits).await
    }

    pub(super) fn traffic(&self) -> &Traffic {
        &self.shared.traffic
    }

    fn clients(&self) -> Result<&Clients, FetchError> {
        let clients = &self.shared.clients;
        let built = clients.get_or_init(|| Clients::build(&self.config));
        built.as_ref().map_err(Clone::clone)
    }

    /// Tokens are for one repository: those of another must not be sent, nor found missing.
    pub(super) fn session(&self, endpoint: &Endpoint) -> Arc<Session> {
        let repository = format!("{}/{}", endpoint.registry, endpoint.repository);
        let sessions = &self.shared.sessions;
        let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (self.keyring.id().to_owned(), repository);
        sessions.get(key, Arc::default)
    }
}
