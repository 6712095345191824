//! Who we are, to a registry: answers to its challenge, kept for the next request.
//!
//! **Invariant**: a credential goes to the registry it belongs to, or to a token service known or
//! configured to belong to that registry; where it may not go, nothing is sent at all. Sessions
//! belong to one repository *and* one keyring: what one tenant's secret obtained serves nobody else.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::sync::Mutex;
use url::Url;

use super::Endpoint;
use super::challenge::{Challenge, challenge};
use super::client::{Broken, Core};
use super::credentials::{Credential, Stamp};
use crate::budget::Budget;
use crate::error::{Failure, FetchError};

/// What was sent, in words for a message.
pub(super) const NOTHING: &str = "a request without credentials";
pub(super) const SOMETHING: &str = "the configured credentials";

/// Times that one attempt takes over what another request was given.
const MAX_ROUNDS: usize = 8;
/// Bytes of a header with a token: servers take some 8 KiB, and every session keeps one.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// The answer to a repository's challenge.
#[derive(Debug, Default)]
pub(super) struct Session(Mutex<State>);

/// Whose word a request carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// Nothing was sent.
    #[default]
    Nobody,
    /// The credential at this place of the order.
    Choice(usize),
    /// A token for everybody.
    Anonymous,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Counts the answers, so that many requests refused at once renew it only once.
    generation: u64,
    header: Option<HeaderValue>,
    who: Who,
    /// The registry has answered with content: others need not be tried for lack of rights.
    proven: bool,
    challenge: Option<Challenge>,
    /// The file that the word comes from: when it changes, the word is forgotten.
    stamp: Option<Stamp>,
}

impl State {
    pub(super) const fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    pub(super) const fn sent(&self) -> &'static str {
        match self.who {
            Who::Choice(_) => SOMETHING,
            Who::Nobody | Who::Anonymous => NOTHING,
        }
    }
}

/// What one attempt has tried: each credential is asked for anew at most once.
#[derive(Debug, Default)]
pub(super) struct Tried {
    identities: BTreeSet<Who>,
    rounds: usize,
}

/// An answer that other credentials may change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
}

impl Session {
    pub(super) async fn current(&self) -> State {
        let mut state = self.0.lock().await;
        if state
            .stamp
            .as_ref()
            .is_some_and(|stamp| !stamp.is_current())
        {
            *state = State {
                generation: state.generation.wrapping_add(1),
                ..State::default()
            };
        }
        state.clone()
    }

    /// Notes that the registry gave content to `used`.
    pub(super) async fn prove(&self, used: &State) {
        if used.proven || used.who == Who::Nobody {
            return;
        }
        let mut state = self.0.lock().await;
        if state.generation == used.generation {
            state.proven = true;
        }
    }

    /// Answers a request that was refused with `used`: by the same credential anew where it may only
    /// have grown old, else by the next one. Nothing when there is none that was not tried.
    pub(super) async fn renew(
        &self,
        (core, endpoint): (&Core, &Endpoint),
        used: &State,
        tried: &mut Tried,
        refusal: Refusal<'_>,
        budget: &Budget,
    ) -> Result<Option<State>, Broken> {
        let is_challenge = refusal.status == StatusCode::UNAUTHORIZED;
        if !is_challenge && (used.proven || !matches!(used.who, Who::Choice(_))) {
            return Ok(None);
        }
        let mut state = self.0.lock().await;
        if state.generation != used.generation {
            // Another request has done it. It may be refused, too, but not for ever.
            tried.rounds += 1;
            tried.identities.insert(state.who);
            return Ok((tried.rounds <= MAX_ROUNDS).then(|| state.clone()));
        }
        if !is_challenge {
            // Known, and without the right: to ask for it anew would change nothing.
            tried.identities.insert(used.who);
        }
        let unauthorized = |sent| Broken::final_error(unauthorized(endpoint, sent));
        let challenge = match challenge(refusal.headers) {
            Some(challenge) => challenge,
            None if is_challenge => return Err(unauthorized(used.sent())),
            None => state
                .challenge
                .clone()
                .ok_or_else(|| unauthorized(used.sent()))?,
        };
        // Checked before credentials are even looked up.
        let realm = match &challenge {
            Challenge::Basic => None,
            Challenge::Bearer { realm, .. } => {
                Some(core.realm(endpoint, realm).map_err(Broken::final_error)?)
            }
        };
        let question = Question {
            endpoint,
            challenge: &challenge,
            realm,
        };
        let found = core.next(&question, used.who, tried, budget).await?;
        let Some(Found { who, header, stamp }) = found else {
            return Ok(None);
        };
        *state = State {
            generation: state.generation.wrapping_add(1),
            header: Some(header),
            who,
            proven: false,
            challenge: Some(challenge),
            stamp,
        };
        Ok(Some(state.clone()))
    }
}

/// What a registry wants to know, from whom.
struct Question<'a> {
    endpoint: &'a Endpoint,
    challenge: &'a Challenge,
    realm: Option<Url>,
}

/// A word that answers the question.
struct Found {
    who: Who,
    header: HeaderValue,
    stamp: Option<Stamp>,
}

impl Core {
    /// The first credential, from that of `used` on, for which there is an answer.
    async fn next(
        &self,
        question: &Question<'_>,
        used: Who,
        tried: &mut Tried,
        budget: &Budget,
    ) -> Result<Option<Found>, Broken> {
        let Endpoint {
            registry,
            repository,
            ..
        } = question.endpoint;
        let choices = self.choices(registry, repository).await;
        let choices = choices.map_err(Broken::final_error)?;
        let start = match used {
            Who::Choice(number) if number < choices.len() => number,
            _ => 0,
        };
        let mut last = None;
        let order = choices.iter().enumerate();
        for (number, choice) in order.clone().skip(start).chain(order.take(start)) {
            let who = Who::Choice(number);
            if tried.identities.contains(&who) {
                continue;
            }
            // A helper that has nothing has not been tried: then nobody is asked for, below.
            let credential = self.credential(choice, question.endpoint, budget).await;
            let Some((credential, stamp)) = credential? else {
                continue;
            };
            tried.identities.insert(who);
            match self.answer(question, Some(credential), budget).await {
                Ok(header) => return Ok(Some(Found { who, header, stamp })),
                // The token service does not know it; the next one may be known.
                Err(broken) if is_refusal(&broken.error) => last = Some(broken),
                Err(broken) => return Err(broken),
            }
        }
        if tried.identities.iter().all(|who| *who == Who::Nobody) {
            let who = Who::Anonymous;
            tried.identities.insert(who);
            let header = self.answer(question, None, budget).await?;
            let stamp = None;
            return Ok(Some(Found { who, header, stamp }));
        }
        last.map_or(Ok(None), Err)
    }

    /// The header that answers the question.
    async fn answer(
        &self,
        question: &Question<'_>,
        credential: Option<Credential>,
        budget: &Budget,
    ) -> Result<HeaderValue, Broken> {
        let endpoint = question.endpoint;
        let unauthorized = |sent| Broken::final_error(unauthorized(endpoint, sent));
        let header = match (question.challenge, &question.realm, credential) {
            (Challenge::Bearer { .. }, _, Some(Credential::Access(token))) => {
                bearer(token.expose())
            }
            (Challenge::Bearer { service, .. }, Some(realm), credential) => {
                let (realm, service) = (realm.clone(), service.clone());
                let token = self
                    .token(endpoint, realm, service, credential, budget)
                    .await?;
                bearer(&token)
            }
            (_, _, Some(Credential::Password { username, password })) => {
                basic(&username, password.expose())
            }
            (_, _, None) => return Err(unauthorized(NOTHING)),
            (_, _, Some(_)) => return Err(unauthorized("a token where it wants a password")),
        };
        header
            .filter(|header| header.len() <= MAX_HEADER_BYTES)
            .ok_or_else(|| unauthorized("credentials that no header can hold"))
    }
}

fn unauthorized(endpoint: &Endpoint, sent: &'static str) -> FetchError {
    let host = endpoint.registry.clone();
    FetchError::new(&endpoint.place, Failure::Unauthorized { host, sent })
}

fn is_refusal(error: &FetchError) -> bool {
    matches!(
        error.failure(),
        Failure::Unauthorized { .. } | Failure::Forbidden { .. }
    )
}

/// `host`, or `host:port` where the port is not the scheme's own.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

pub(super) fn basic(username: &str, password: &str) -> Option<HeaderValue> {
    let pair = STANDARD.encode(format!("{username}:{password}"));
    sensitive(&format!("Basic {pair}"))
}

fn bearer(token: &str) -> Option<HeaderValue> {
    sensitive(&format!("Bearer {token}"))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
