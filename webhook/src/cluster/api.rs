//! One object by its path, within bounds.
//!
//! `kube::Client::request` writes an answer that it cannot read to the log, whole. An answer here may be
//! a secret, so it is read by hand and never printed.

use std::time::Duration;

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode};
use kube::Client;
use kube::client::Body;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sovverify::report::escape;

use super::error::LookupError;

/// Bytes of one answer. etcd takes objects of 1.5 MiB, secrets of 1 MiB, which are a third more in base64.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// By which name the API server knows whose fields are whose; all replicas are one.
const MANAGER: &str = "sovverify-webhook";
/// Characters of what the API server says about a refusal.
const MAX_MESSAGE: usize = 300;

/// What an answer that is no object is made of.
#[derive(serde::Deserialize)]
struct Status {
    #[serde(default)]
    message: String,
}

/// The object at `path`, or nothing where there is none. `what` names it in errors.
pub(super) async fn get<T: DeserializeOwned>(
    client: &Client,
    path: &str,
    what: &str,
) -> Result<Option<T>, LookupError> {
    let request = Request::get(path).body(Body::empty());
    let Some(body) = send(client, request, what).await? else {
        return Ok(None);
    };
    let object = serde_json::from_slice(&body);
    object
        .map(Some)
        .map_err(|_| LookupError::malformed(what, "an answer of another shape"))
}

/// Sends `object` to `path` as what it should be from now on (server-side apply); nothing where the object
/// is gone.
pub(crate) async fn apply(
    client: &Client,
    path: &str,
    object: &Value,
    what: &str,
) -> Result<Option<()>, LookupError> {
    let path = format!("{path}?fieldManager={MANAGER}&force=true");
    let request = Request::patch(path)
        .header(CONTENT_TYPE, "application/apply-patch+yaml")
        .body(Body::from(object.to_string().into_bytes()));
    let answer = send(client, request, what).await?;
    Ok(answer.map(drop))
}

/// The body of a good answer; nothing for what is not there.
async fn send(
    client: &Client,
    request: Result<Request<Body>, hyper::http::Error>,
    what: &str,
) -> Result<Option<Bytes>, LookupError> {
    let request =
        request.map_err(|_| LookupError::malformed(what, "a name that cannot be in a URL"))?;
    let answer = client
        .send(request)
        .await
        .map_err(|error| LookupError::unavailable(what, describe(&error)))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await
        .map_err(|error| unread(what, &*error))?
        .to_bytes();
    if status.is_success() {
        return Ok(Some(body));
    }
    let said = serde_json::from_slice::<Status>(&body).map_or_else(
        |_| String::new(),
        |status| escape::show(&escape::shorten(&status.message, MAX_MESSAGE)),
    );
    let detail = format!("status {}: {said}", status.as_u16());
    let what = what.to_owned();
    match status {
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
            Err(LookupError::Forbidden { what, detail })
        }
        _ => Err(LookupError::Unavailable { what, detail }),
    }
}

fn unread(what: &str, error: &(dyn std::error::Error + 'static)) -> LookupError {
    if error.downcast_ref::<LengthLimitError>().is_some() {
        return LookupError::TooLarge {
            what: what.to_owned(),
            limit: MAX_ANSWER_BYTES,
            unit: "bytes",
        };
    }
    LookupError::unavailable(what, error.to_string())
}

/// Ends `look_up` after `time`.
pub(crate) async fn within<T>(
    time: Duration,
    what: &str,
    look_up: impl Future<Output = Result<T, LookupError>>,
) -> Result<T, LookupError> {
    tokio::time::timeout(time, look_up)
        .await
        .unwrap_or_else(|_| {
            let detail = format!("no answer within {} ms", time.as_millis());
            Err(LookupError::unavailable(what, detail))
        })
}

/// An error of the client in one line, without the content of any answer.
pub(crate) fn describe(error: &kube::Error) -> String {
    let text = match error {
        kube::Error::Api(status) => format!("status {}: {}", status.code, status.message),
        // These quote what could not be read.
        kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => {
            "an answer that could not be read".to_owned()
        }
        other => chain(other),
    };
    escape::show(&escape::shorten(&text, MAX_MESSAGE))
}

/// An error with its causes; many say nothing by themselves.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}
