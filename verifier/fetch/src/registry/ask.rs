//! One question to a registry: redirects, authentication, retries, bounds of time and size.

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LINK, RETRY_AFTER,
};
use reqwest::{Method, Response, StatusCode};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

use super::Endpoint;
use super::auth::{Refusal, State, Tried, authority};
use super::body::Cap;
use super::client::{Broken, Core, Sent};
use super::redirect::Trail;
use super::retry::{Again, asked_pause, own_pause};
use super::traffic::Slot;
use crate::budget::Budget;
use crate::config::FetchConfig;
use crate::error::{Failure, FetchError};
use crate::observe::{Event, Outcome, Purpose};

/// How many times as often a request is sent to a registry that throttles it and answers others: where
/// every second one is refused, one of 65 536 is refused sixteen times in a row.
const PATIENCE: u32 = 4;
/// A wait for a free slot that somebody may want to hear of.
const NOTABLE_WAIT: Duration = Duration::from_millis(1);

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) url: Url,
    pub(super) accept: &'static str,
    pub(super) cap: Cap<'a>,
    pub(super) wanted: Wanted,
}

/// How surprising it is when something is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The image itself: somebody wants to run it.
    Image,
    /// Evidence: there is often none.
    Evidence,
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

impl Core {
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
        let (mut attempt, mut sent) = (1, 1);
        loop {
            let tried = tokio::time::timeout_at(budget.deadline(), self.attempt(ask, budget)).await;
            let broken = match tried {
                Err(_) => return Err(FetchError::new(place, budget.out_of_time())),
                Ok(Ok(fetched)) => return Ok(fetched),
                Ok(Err(broken)) => broken,
            };
            let mut error = broken.error;
            if let Failure::RateLimited { retry_after, .. } = error.failure() {
                let (attempts, retry_after) = (sent, *retry_after);
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
                Again::Soon => own_pause(sent.min(limits.attempts), limits),
                // Not all of those who were told the same come back at the same moment.
                Again::After(pause) => pause.saturating_add(own_pause(1, limits)),
            };
            // A host that answers others will answer this one, too: to be one of the unlucky says little.
            let counts = !broken.throttled.is_some_and(|host| host.serves());
            let wake = tokio::time::Instant::now().checked_add(pause);
            let in_time = wake.is_some_and(|wake| wake < budget.deadline());
            let over = attempt >= limits.attempts && counts
                || sent >= limits.attempts.saturating_mul(PATIENCE);
            if over || pause > limits.retry_wait_longest || !in_time {
                return Err(error);
            }
            let outcome = match error.failure() {
                Failure::RateLimited { .. } => Outcome::Throttled,
                Failure::ServerError { .. } => Outcome::ServerError,
                _ => Outcome::Unreachable,
            };
            self.config.observer.notice(&Event::Retried { outcome });
            tokio::time::sleep(pause).await;
            attempt += u32::from(counts);
            sent += 1;
        }
    }

    /// Waits until the registry may be asked.
    async fn slot(&self, ask: &Ask<'_>, budget: &Budget) -> Result<Slot, Broken> {
        let traffic = self.traffic();
        let host = traffic.host(authority(&ask.url));
        let since = Instant::now();
        let entered = traffic.enter(&host, budget.deadline()).await;
        let time = since.elapsed();
        if time >= NOTABLE_WAIT {
            self.config.observer.notice(&Event::Waited { time });
        }
        entered.map_err(|closed| {
            let failure = Failure::RateLimited {
                attempts: 0,
                retry_after: Some(closed.left),
            };
            Broken::final_error(FetchError::new(ask.cap.place, failure))
        })
    }

    async fn attempt(&self, ask: &Ask<'_>, budget: &Budget) -> Result<Option<Fetched>, Broken> {
        let slot = self.slot(ask, budget).await?;
        let session = self.session(ask.endpoint);
        let mut state = session.current().await;
        let mut tried = Tried::default();
        let mut trail = Trail::new(&ask.url);
        let mut url = ask.url.clone();
        loop {
            let answer = self
                .send(ask.request(&url, &trail, &state, &self.config), budget)
                .await?;
            let status = answer.status();
            if trail.is_home() {
                note(&slot, status, answer.headers());
            }
            if status == StatusCode::OK {
                session.prove(&state).await;
                return self.read(answer, ask, budget).await.map(Some);
            }
            let headers = answer.headers().clone();
            self.discard(answer, ask.cap.place).await;
            if is_redirect(status) {
                let (hops, local) = (self.config.limits.redirects, &self.config.local_registries);
                let plain = |url: &Url| self.is_insecure(&authority(url));
                url = trail
                    .follow(&url, &headers, hops, plain, local, ask.cap.place)
                    .map_err(Broken::final_error)?;
                continue;
            }
            if trail.is_home() && ask.may_be_hidden(status) {
                let refusal = Refusal {
                    status,
                    headers: &headers,
                };
                let renewed = session
                    .renew((self, ask.endpoint), &state, &mut tried, refusal, budget)
                    .await?;
                if let Some(renewed) = renewed {
                    state = renewed;
                    trail = Trail::new(&ask.url);
                    url = ask.url.clone();
                    continue;
                }
            }
            if status == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            let sent = if trail.is_home() {
                state.sent()
            } else {
                "a request that was redirected"
            };
            let (host, place) = (authority(&url), ask.cap.place);
            let mut broken = refused(status, &headers, &host, sent, place);
            if trail.is_home() && is_throttling(status, &headers) {
                broken.throttled = Some(slot.host());
            }
            return Err(broken);
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
}

impl Ask<'_> {
    /// Whether an answer may be another one for another credential. Some registries hide private
    /// repositories behind 404; for evidence that is the usual answer.
    fn may_be_hidden(&self, status: StatusCode) -> bool {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            StatusCode::NOT_FOUND => self.wanted == Wanted::Image,
            _ => false,
        }
    }

    fn request<'a>(
        &'a self,
        url: &'a Url,
        trail: &Trail,
        state: &State,
        config: &FetchConfig,
    ) -> Sent<'a> {
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
            reach: trail.reach(url, &config.local_registries),
            purpose: match self.wanted {
                _ if !trail.is_home() => Purpose::Storage,
                Wanted::Image => Purpose::Image,
                Wanted::Evidence => Purpose::Evidence,
            },
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
    Broken::new(FetchError::new(place, failure), again)
}

/// Tells the host's gate what came back.
fn note(slot: &Slot, status: StatusCode, headers: &HeaderMap) {
    if is_throttling(status, headers) {
        slot.throttled(asked_pause(headers));
    } else if !status.is_server_error() {
        slot.answered();
    }
}

/// Whether the answer says "too many": by its name, or by asking to come back later (RFC 9110 section
/// 15.6.4).
pub(super) fn is_throttling(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || (status == StatusCode::SERVICE_UNAVAILABLE && headers.contains_key(RETRY_AFTER))
}
