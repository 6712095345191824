//! Token services: which belong to a registry, and how they are asked.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use url::Url;

use super::Endpoint;
use super::ask::is_throttling;
use super::auth::{NOTHING, SOMETHING, authority, basic};
use super::body::Cap;
use super::client::{Broken, Core, Sent};
use super::credentials::Credential;
use super::redirect::{reach, same_origin, shown};
use super::retry::{Again, asked_pause};
use super::traffic::Host;
use crate::budget::Budget;
use crate::error::{Failure, FetchError};
use crate::observe::Purpose;

/// Token services on another host that belong to a registry.
const KNOWN_TOKEN_SERVICES: [(&str, &str); 2] = [
    ("docker.io", "auth.docker.io"),
    ("registry.gitlab.com", "gitlab.com"),
];

#[derive(serde::Deserialize)]
struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
}

impl Core {
    /// The token service, when it belongs to the registry.
    pub(super) fn realm(&self, endpoint: &Endpoint, realm: &str) -> Result<Url, FetchError> {
        let configured = self.config.token_services.get(&endpoint.registry);
        let known = KNOWN_TOKEN_SERVICES
            .iter()
            .filter(|(registry, _)| *registry == endpoint.registry)
            .map(|(_, service)| *service);
        let services: Vec<&str> = known
            .chain(configured.into_iter().flatten().map(String::as_str))
            .collect();
        let refused = |found: String| {
            let mut expected = vec![shown(&endpoint.origin)];
            expected.extend(services.iter().map(|host| format!("https://{host}/")));
            let expected = expected.join("`, `");
            FetchError::new(&endpoint.place, Failure::RealmRefused { expected, found })
        };
        let Ok(url) = Url::parse(realm) else {
            return Err(refused("a text that is no URL".to_owned()));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(shown(&url)));
        }
        let own = same_origin(&url, &endpoint.origin);
        let host = authority(&url);
        let belongs = services.iter().any(|service| **service == *host);
        let secure = url.scheme() == "https" || (url.scheme() == "http" && self.is_insecure(&host));
        if own || (belongs && secure) {
            Ok(url)
        } else {
            Err(refused(shown(&url)))
        }
    }

    /// Asks the token service (distribution specification, "Token Authentication", and docker's
    /// OAuth 2 variant for identity tokens).
    pub(super) async fn token(
        &self,
        endpoint: &Endpoint,
        realm: Url,
        service: Option<String>,
        credential: Option<Credential>,
        budget: &Budget,
    ) -> Result<String, Broken> {
        let sent = if credential.is_some() {
            SOMETHING
        } else {
            NOTHING
        };
        let place = shown(&realm);
        let host = authority(&realm);
        // Apart from what else the same host may serve: a registry may answer while its token service
        // does not.
        let gate = self.traffic().host(format!("{host} (tokens)"));
        if let Some(left) = gate.closed() {
            return Err(closed(left, gate, &place));
        }
        let (url, body, headers) = request(endpoint, realm, service, credential.as_ref());
        let request = Sent {
            method: if body.is_some() {
                Method::POST
            } else {
                Method::GET
            },
            url: &url,
            headers,
            body,
            reach: reach(&url, &self.config.local_registries),
            purpose: Purpose::Token,
            place: &place,
        };
        let answer = self.send(request, budget).await.map_err(once)?;
        let (status, pause) = (answer.status(), asked_pause(answer.headers()));
        if is_throttling(status, answer.headers()) {
            // The request holds a slot of the registry, and none of the token service.
            gate.throttled(None, pause);
            let mut broken = refused(status, host, sent, pause, &place);
            broken.throttled = Some(gate);
            return Err(broken);
        }
        if !status.is_server_error() {
            gate.answered();
        }
        if status != StatusCode::OK {
            return Err(refused(status, host, sent, pause, &place));
        }
        let cap = Cap {
            bound: ("token_bytes", self.config.limits.token_bytes),
            size: None,
            place: &place,
        };
        let bytes = self.body(answer, &cap, budget).await.map_err(once)?;
        let answer: Option<TokenAnswer> = serde_json::from_slice(&bytes).ok();
        answer
            .and_then(|answer| answer.token.or(answer.access_token))
            .filter(|token| !token.is_empty())
            .ok_or_else(|| {
                let expected = "a JSON object with `token`";
                Broken::final_error(unexpected(expected, "something else", &place))
            })
    }
}

/// A connection to a token service that broke is not tried again: the credential was on its way.
fn once(broken: Broken) -> Broken {
    Broken::final_error(broken.error)
}

/// The token service is left alone for a while.
fn closed(left: Duration, gate: Arc<Host>, place: &str) -> Broken {
    let failure = Failure::RateLimited {
        attempts: 0,
        retry_after: Some(left),
    };
    let mut broken = Broken::new(FetchError::new(place, failure), Again::After(left));
    broken.throttled = Some(gate);
    broken
}

/// URL, body and headers of the question. The scope is ours, not the challenge's: a registry could
/// ask for more than to pull.
fn request(
    endpoint: &Endpoint,
    mut realm: Url,
    service: Option<String>,
    credential: Option<&Credential>,
) -> (Url, Option<String>, HeaderMap) {
    let scope = format!("repository:{}:pull", endpoint.repository);
    let mut fields = vec![("scope", scope)];
    fields.extend(service.map(|service| ("service", service)));
    let json = HeaderValue::from_static("application/json");
    let mut headers = HeaderMap::from_iter([(ACCEPT, json)]);
    if let Some(Credential::Identity(token)) = credential {
        fields.push(("grant_type", "refresh_token".to_owned()));
        fields.push(("client_id", "sovverify".to_owned()));
        fields.push(("refresh_token", token.expose().to_owned()));
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form);
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(&fields).finish();
        return (realm, Some(body), headers);
    }
    realm.query_pairs_mut().extend_pairs(&fields);
    if let Some(Credential::Password { username, password }) = credential
        && let Some(header) = basic(username, password.expose())
    {
        headers.insert(AUTHORIZATION, header);
    }
    (realm, None, headers)
}

fn refused(
    status: StatusCode,
    host: String,
    sent: &'static str,
    pause: Option<Duration>,
    place: &str,
) -> Broken {
    let mut again = Again::Never;
    let failure = match status.as_u16() {
        // A token service that does not know the user says 400, 401 or 403, as it likes.
        400 | 401 | 403 => Failure::Unauthorized { host, sent },
        // A token service that is busy is asked again like a registry that is.
        429 => {
            again = pause.into();
            Failure::RateLimited {
                attempts: 1,
                retry_after: pause,
            }
        }
        // Never followed: it would carry the credential along.
        300..=399 => Failure::RedirectRefused {
            expected: "a token and no redirect",
            found: format!("status {status}"),
        },
        status @ 500..=599 => {
            if matches!(status, 502..=504) {
                again = pause.into();
            }
            Failure::ServerError { status }
        }
        _ => {
            let found = format!("status {status}");
            return Broken::final_error(unexpected("status 200", &found, place));
        }
    };
    Broken::new(FetchError::new(place, failure), again)
}

fn unexpected(expected: &'static str, found: &str, place: &str) -> FetchError {
    let found = found.to_owned();
    FetchError::new(place, Failure::UnexpectedAnswer { expected, found })
}
