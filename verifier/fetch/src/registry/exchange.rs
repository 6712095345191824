//! From a candidate to a credential: at once, by a helper, from a file, or in exchange for a token of
//! the workload.
//!
//! **Invariant**: a token of the workload goes to the service that is configured for it and to no
//! other, and what comes back goes to the registry that it is configured for.

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use url::Url;

use super::Endpoint;
use super::ask::is_throttling;
use super::auth::authority;
use super::body::Cap;
use super::client::{Broken, Core, Sent};
use super::credentials::{Candidate, Choice, Credential, Exchanged, Stamp, TokenSource, unusable};
use super::redirect::{reach, shown};
use super::retry::{Again, asked_pause};
use crate::budget::Budget;
use crate::config::{Secret, TokenUse};
use crate::error::{Failure, FetchError};
use crate::observe::Purpose;

mod aws;
mod azure;
mod sigv4;

/// A form or document for a service that exchanges tokens.
struct Question {
    url: Url,
    headers: HeaderMap,
    body: String,
}

impl Core {
    /// The credential of a choice, and the file that it comes from; a helper may have none.
    pub(super) async fn credential(
        &self,
        choice: &Choice,
        endpoint: &Endpoint,
        budget: &Budget,
    ) -> Result<Option<(Credential, Option<Stamp>)>, Broken> {
        let limits = &self.config.limits;
        match choice.candidate() {
            Candidate::Ready(credential) => Ok(Some((credential.clone(), None))),
            Candidate::Helper { program, server } => {
                let found = choice.helper(program, server, limits).await;
                let found = found.map_err(Broken::final_error)?;
                Ok(found.map(|credential| (credential, None)))
            }
            Candidate::Token(source) => {
                let (token, stamp) = source.token(limits).await.map_err(Broken::final_error)?;
                let credential = match &source.usage {
                    TokenUse::Password { username } => Credential::Password {
                        username: username.clone(),
                        password: token,
                    },
                    TokenUse::IdentityToken => Credential::Identity(token),
                    TokenUse::RegistryToken => Credential::Access(token),
                    _ => {
                        self.exchanged(source, token, &stamp, endpoint, budget)
                            .await?
                    }
                };
                Ok(Some((credential, Some(stamp))))
            }
        }
    }

    /// What the token was exchanged for, once for as long as both last.
    async fn exchanged(
        &self,
        source: &TokenSource,
        token: Secret,
        stamp: &Stamp,
        endpoint: &Endpoint,
        budget: &Budget,
    ) -> Result<Credential, Broken> {
        let mut kept = source.exchanged.lock().await;
        if let Some(exchanged) = &*kept
            && exchanged.stamp == *stamp
            && exchanged.until > tokio::time::Instant::now()
        {
            return Ok(exchanged.credential.clone());
        }
        *kept = None;
        let (credential, lifetime) = match &source.usage {
            TokenUse::Azure { .. } => self.azure(source, &token, endpoint, budget).await?,
            _ => self.aws(source, &token, budget).await?,
        };
        *kept = Some(Exchanged::new(stamp.clone(), lifetime, credential.clone()));
        Ok(credential)
    }

    /// Asks a service that exchanges tokens; the answer is at most as long as that of a token service.
    async fn exchange(
        &self,
        source: &TokenSource,
        question: Question,
        budget: &Budget,
    ) -> Result<Vec<u8>, Broken> {
        let Question { url, headers, body } = question;
        let (place, host) = (shown(&url), authority(&url));
        if url.scheme() != "https" && !self.is_insecure(&host) {
            let detail = format!("`{place}` is not reached over TLS");
            return Err(refused(source, &detail));
        }
        let request = Sent {
            method: Method::POST,
            url: &url,
            headers,
            body: Some(body),
            reach: reach(&url, &self.config.local_registries),
            purpose: Purpose::Token,
            place: &place,
        };
        let answer = self.send(request, budget).await?;
        let (status, pause) = (answer.status(), asked_pause(answer.headers()));
        if is_throttling(status, answer.headers()) {
            let failure = Failure::RateLimited {
                attempts: 1,
                retry_after: pause,
            };
            return Err(Broken::new(FetchError::new(&place, failure), pause.into()));
        }
        if status.is_server_error() {
            let status = status.as_u16();
            let error = FetchError::new(&place, Failure::ServerError { status });
            return Err(Broken::new(error, Again::Soon));
        }
        if status != StatusCode::OK {
            let detail = format!("`{place}` answers its token with status {status}");
            return Err(refused(source, &detail));
        }
        let cap = Cap {
            bound: ("token_bytes", self.config.limits.token_bytes),
            size: None,
            place: &place,
        };
        self.body(answer, &cap, budget).await
    }
}

impl Question {
    /// A form, as OAuth 2 and the query protocol of AWS have it.
    fn form(url: Url, accept: &'static str, fields: &[(&str, &str)]) -> Self {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        Self {
            url,
            headers: HeaderMap::from_iter([
                (CONTENT_TYPE, form),
                (ACCEPT, HeaderValue::from_static(accept)),
            ]),
            body: text.extend_pairs(fields).finish(),
        }
    }
}

fn refused(source: &TokenSource, detail: &str) -> Broken {
    Broken::final_error(unusable(source.name(), detail))
}

/// `path` at an origin of the configuration.
fn at(source: &TokenSource, origin: &str, path: &str) -> Result<Url, Broken> {
    let url = Url::parse(origin).and_then(|origin| origin.join(path));
    url.map_err(|_| refused(source, "the place where it is exchanged is no URL"))
}
