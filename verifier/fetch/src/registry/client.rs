//! One request: redirects, authentication, retries, bounds of time and size.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LINK,
};
use reqwest::{Method, Response, StatusCode};
use tokio::sync::{OnceCell, Semaphore};
use url::Url;

use super::Endpoint;
use super::address::{Reach, literal_refusal};
use super::auth::{Session, State, authority};
use super::body::Cap;
use super::credentials::{Credential, Credentials};
use super::redirect::Trail;
use super::retry::{Again, asked_pause, own_pause};
use super::tls::Clients;
use super::transport;
use crate::budget::{Budget, worker_lost};
use crate::config::FetchConfig;
use crate::error::{Failure, FetchError};

/// What all repositories share: connections, tokens, credentials, the bound on parallel requests.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) config: Arc<FetchConfig>,
    clients: OnceLock<Result<Clients, FetchError>>,
    credentials: OnceCell<Result<Arc<Credentials>, FetchError>>,
    sessions: Mutex<BTreeMap<String, Arc<Session>>>,
    slots: Semaphore,
}

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) url: Url,
    pub(super) accept: &'static str,
    pub(super) cap: Cap<'a>,
}

/// An answer that has been read.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    pub(super) content_type: Option<String>,
    /// `Docker-Content-Digest`: a claim, of use only to catch a lie.
    pub(super) announced: Option<String>,
    /// Every `Link` header.
    pub(super) links: Vec<String>,
}

/// One request as it goes out.
pub(super) struct Sent<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
    pub(super) reach: Reach,
    /// The place, for people.
    pub(super) place: &'a str,
}

/// A failed attempt.
pub(super) struct Broken {
    pub(super) error: FetchError,
    /// Whether the request may be sent again.
    again: Again,
}

impl Broken {
    pub(super) const fn final_error(error: FetchError) -> Self {
        Self {
            error,
            again: Again::Never,
        }
    }

    /// A token service that is busy is asked again like a registry that is.
    fn from_token_service(error: FetchError) -> Self {
        let again = match error.failure() {
            Failure::RateLimited { retry_after, .. } => (*retry_after).into(),
            Failure::ServerError { status: 502..=504 } => Again::Soon,
            _ => Again::Never,
        };
        Self { error, again }
    }

    pub(super) fn from_transport(broken: transport::Broken, place: &str) -> Self {
        Self {
            error: FetchError::new(place, broken.failure),
            again: if broken.again {
                Again::Soon
            } else {
                Again::Never
            },
        }
    }
}

impl Core {
    pub(super) fn new(config: Arc<FetchConfig>) -> Self {
        let slots = Semaphore::new(
            config
                .limits
                .concurrent_requests
                .clamp(1, Semaphore::MAX_PERMITS),
        );
        Self {
            config,
            clients: OnceLock::new(),
            credentials: OnceCell::new(),
            sessions: Mutex::new(BTreeMap::new()),
            slots,
        }
    }

    /// Asks until there is an answer, an error that stays, or no time left. Nothing is found when
    /// the registry says 404.
    pub(super) async fn fetch(
        &self,
        ask: &Ask<'_>,
        budget: &Budget,
    ) -> Result<Option<Fetched>, FetchError> {
        ask.cap.check()?;
        let limits = &self.config.limits;
        let place = ask.cap.place;
        let mut attempt = 1;
        loop {
            let tried = tokio::time::timeout_at(budget.deadline(), self.attempt(ask, budget)).await;
            let broken = match tried {
                Err(_) => return Err(FetchError::new(place, budget.out_of_time())),
                Ok(Ok(fetched)) => return Ok(fetched),
                Ok(Err(broken)) => broken,
            };
            let mut error = broken.error;
            if let Failure::RateLimited { retry_after, .. } = error.failure() {
                let (attempts, retry_after) = (attempt, *retry_after);
                error = FetchError::new(
                    place,
                    Failure::RateLimited {
                        attempts,
                        retry_after,
                    },
                );
            }
            let pause = match broken.again {
                Again::Never => return Err(error),
                Again::Soon => own_pause(attempt, limits),
                Again::After(pause) => pause,
            };
            let wake = tokio::time::Instant::now().checked_add(pause);
            let in_time = wake.is_some_and(|wake| wake < budget.deadline());
            if attempt >= limits.attempts || pause > limits.retry_wait_longest || !in_time {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, ask: &Ask<'_>, budget: &Budget) -> Result<Option<Fetched>, Broken> {
        let _slot = self.slots.acquire().await;
        let session = self.session(ask.endpoint);
        let mut state = session.current().await;
        let mut challenged = false;
        let mut trail = Trail::new(&ask.url);
        let mut url = ask.url.clone();
        loop {
            let answer = self.send(ask.request(&url, &trail, &state), budget).await?;
            let status = answer.status();
            if status == StatusCode::OK {
                return self.read(answer, ask, budget).await.map(Some);
            }
            let headers = answer.headers().clone();
            self.discard(answer, ask.cap.place).await;
            if is_redirect(status) {
                let hops = self.config.limits.redirects;
                let plain = |url: &Url| self.is_insecure(&authority(url));
                url = trail
                    .follow(&url, &headers, hops, plain)
                    .map_err(Broken::final_error)?;
            } else if status == StatusCode::UNAUTHORIZED && trail.is_home() && !challenged {
                state = session
                    .renew(self, ask.endpoint, &state, &headers, budget)
                    .await
                    .map_err(Broken::from_token_service)?;
                challenged = true;
                trail = Trail::new(&ask.url);
                url = ask.url.clone();
            } else if status == StatusCode::NOT_FOUND {
                return Ok(None);
            } else {
                let sent = if trail.is_home() {
                    state.sent()
                } else {
                    "a request that was redirected"
                };
                return Err(refused(
                    status,
                    &headers,
                    &authority(&url),
                    sent,
                    ask.cap.place,
                ));
            }
        }
    }

    /// Sends one request and waits for the head of the answer.
    pub(super) async fn send(
        &self,
        request: Sent<'_>,
        budget: &Budget,
    ) -> Result<Response, Broken> {
        let place = request.place;
        let host = authority(request.url);
        if let Some(reason) = literal_refusal(request.url, request.reach) {
            let failure = Failure::HostRefused { host, reason };
            return Err(Broken::final_error(FetchError::new(place, failure)));
        }
        let clients = self.clients().map_err(Broken::final_error)?;
        let client = match request.reach {
            Reach::Named => &clients.named,
            Reach::Sent => &clients.sent,
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

    async fn read(
        &self,
        answer: Response,
        ask: &Ask<'_>,
        budget: &Budget,
    ) -> Result<Fetched, Broken> {
        let text = |value: &HeaderValue| value.to_str().ok().map(ToOwned::to_owned);
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(text);
        let announced = answer.headers().get("docker-content-digest").and_then(text);
        let links = answer
            .headers()
            .get_all(LINK)
            .iter()
            .filter_map(text)
            .collect();
        let bytes = self.body(answer, &ask.cap, budget).await?;
        Ok(Fetched {
            bytes,
            content_type,
            announced,
            links,
        })
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

    /// The credential that belongs to the endpoint.
    pub(super) async fn credential(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Option<Credential>, FetchError> {
        let load = || async {
            let config = Arc::clone(&self.config);
            tokio::task::spawn_blocking(move || {
                Credentials::load(&config.credentials, &config.limits).map(Arc::new)
            })
            .await
            .unwrap_or_else(|error| Err(worker_lost(&error, "credentials")))
        };
        let credentials = self.credentials.get_or_init(load).await.clone()?;
        let (sources, limits) = (&self.config.credentials, &self.config.limits);
        let name = format!("{}/{}", endpoint.registry, endpoint.repository);
        credentials
            .find(&endpoint.registry, &name, sources, limits)
            .await
    }

    fn clients(&self) -> Result<&Clients, FetchError> {
        let built = self.clients.get_or_init(|| Clients::build(&self.config));
        built.as_ref().map_err(Clone::clone)
    }

    /// Tokens are for one repository: those of another must not be sent, nor found missing.
    fn session(&self, endpoint: &Endpoint) -> Arc<Session> {
        let key = format!("{}/{}", endpoint.registry, endpoint.repository);
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(sessions.entry(key).or_default())
    }
}

impl Ask<'_> {
    fn request<'a>(&'a self, url: &'a Url, trail: &Trail, state: &State) -> Sent<'a> {
        let mut headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static(self.accept)),
            // Digests are over the bytes as they are.
            (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        ]);
        if let Some(header) = state.header()
            && trail.is_home()
        {
            headers.insert(AUTHORIZATION, header.clone());
        }
        Sent {
            method: Method::GET,
            url,
            headers,
            body: None,
            reach: trail.reach(url),
            place: self.cap.place,
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// What a status means that is neither success nor 404.
fn refused(
    status: StatusCode,
    headers: &HeaderMap,
    host: &str,
    sent: &'static str,
    place: &str,
) -> Broken {
    let host = host.to_owned();
    let pause = asked_pause(headers);
    let (failure, again) = match status.as_u16() {
        401 => (Failure::Unauthorized { host, sent }, Again::Never),
        403 => (Failure::Forbidden { host }, Again::Never),
        429 => {
            let (attempts, retry_after) = (1, pause);
            (
                Failure::RateLimited {
                    attempts,
                    retry_after,
                },
                pause.into(),
            )
        }
        status @ 502..=504 => (Failure::ServerError { status }, pause.into()),
        status @ 500..=599 => (Failure::ServerError { status }, Again::Never),
        other => {
            let (expected, found) = ("status 200", format!("status {other}"));
            (Failure::UnexpectedAnswer { expected, found }, Again::Never)
        }
    };
    Broken {
        error: FetchError::new(place, failure),
        again,
    }
}
