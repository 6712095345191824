//! Who we are, to a registry: answers to its challenge, kept for the next request.
//!
//! **Invariant**: a credential goes to the registry it belongs to, or to a token service known or
//! configured to belong to that registry; where it may not go, nothing is sent at all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::sync::Mutex;
use url::Url;

use super::Endpoint;
use super::challenge::{Challenge, challenge};
use super::client::Core;
use super::credentials::Credential;
use crate::budget::Budget;
use crate::error::{Failure, FetchError};

/// What was sent, in words for a message.
pub(super) const NOTHING: &str = "a request without credentials";
pub(super) const SOMETHING: &str = "the configured credentials";

/// The answer to a repository's challenge.
#[derive(Debug, Default)]
pub(super) struct Session(Mutex<State>);

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Counts the answers, so that many requests refused at once renew it only once.
    generation: u64,
    header: Option<HeaderValue>,
    with_credential: bool,
}

impl State {
    pub(super) const fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    pub(super) const fn sent(&self) -> &'static str {
        if self.with_credential {
            SOMETHING
        } else {
            NOTHING
        }
    }
}

impl Session {
    pub(super) async fn current(&self) -> State {
        self.0.lock().await.clone()
    }

    /// Answers the challenge of a request that was refused with `used`.
    pub(super) async fn renew(
        &self,
        core: &Core,
        endpoint: &Endpoint,
        used: &State,
        headers: &HeaderMap,
        budget: &Budget,
    ) -> Result<State, FetchError> {
        let mut state = self.0.lock().await;
        if state.generation != used.generation {
            return Ok(state.clone());
        }
        let unauthorized = |sent| {
            let host = endpoint.registry.clone();
            FetchError::new(&endpoint.place, Failure::Unauthorized { host, sent })
        };
        let challenge = challenge(headers).ok_or_else(|| unauthorized(used.sent()))?;
        // Checked before credentials are even looked up.
        let realm = match &challenge {
            Challenge::Basic => None,
            Challenge::Bearer { realm, .. } => Some(core.realm(endpoint, realm)?),
        };
        let credential = core.credential(endpoint).await?;
        let with_credential = credential.is_some();
        let header = match (challenge, realm, credential) {
            (Challenge::Bearer { .. }, _, Some(Credential::Access(token))) => {
                bearer(token.expose())
            }
            (Challenge::Bearer { service, .. }, Some(realm), credential) => {
                let token = core
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
        let header = header.ok_or_else(|| unauthorized("credentials that no header can hold"))?;
        *state = State {
            generation: state.generation.wrapping_add(1),
            header: Some(header),
            with_credential,
        };
        Ok(state.clone())
    }
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
