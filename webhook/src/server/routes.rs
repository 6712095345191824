//! What can be asked for, and what is answered.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::future::BoxFuture;
use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use sovverify::report::escape::show;
use tokio::sync::Semaphore;

use super::body::Memory;
use super::limits::ServerLimits;
use super::refusal::Refusal;
use super::tls::{Caller, Stranger, Tls};
use super::{Admit, Call, Reply, timeout};
use crate::metrics::{self, Metrics, Route, Stage};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const OPEN_METRICS: HeaderValue = HeaderValue::from_static(metrics::MEDIA_TYPE);

/// What every request can reach.
pub(super) struct App {
    pub(super) admit: Arc<dyn Admit>,
    pub(super) limits: Arc<ServerLimits>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) tls: Arc<Tls>,
    /// Set once the process was told to end.
    pub(super) ending: AtomicBool,
    memory: Memory,
    reviews: Arc<Semaphore>,
    scrapes: Arc<Semaphore>,
}

/// Which of the two questions is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Validate,
    Mutate,
}

impl App {
    pub(super) fn new(
        admit: Arc<dyn Admit>,
        limits: Arc<ServerLimits>,
        metrics: Arc<Metrics>,
        tls: Arc<Tls>,
    ) -> Arc<Self> {
        Arc::new(Self {
            admit,
            metrics,
            tls,
            ending: AtomicBool::new(false),
            memory: Memory::new(&limits),
            reviews: Arc::new(Semaphore::new(limits.reviews)),
            scrapes: Arc::new(Semaphore::new(limits.scrapes)),
            limits,
        })
    }

    /// The routes of the listener with TLS.
    pub(super) fn admission(self: &Arc<Self>) -> Router {
        Self::health()
            .route("/validate", post(validate))
            .route("/mutate", post(mutate))
            .with_state(Arc::clone(self))
    }

    /// The routes of the plain listener: nothing that decides.
    pub(super) fn plain(self: &Arc<Self>) -> Router {
        Self::health().with_state(Arc::clone(self))
    }

    fn health() -> Router<Arc<Self>> {
        Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/metrics", get(scrape))
            .fallback(nothing)
            .method_not_allowed_fallback(other_method)
    }

    async fn answer(&self, request: Request, endpoint: Endpoint) -> Response {
        let received = Instant::now();
        let waits = Waits::begun(&self.metrics);
        let (response, route) = match self.review(request, received, endpoint).await {
            Ok(Some(reply)) => (answered(reply), endpoint.route()),
            Ok(None) => (StatusCode::NOT_FOUND.into_response(), Route::Other),
            Err((refusal, beginning)) => (self.refuse(refusal, &beginning), endpoint.route()),
        };
        waits.over();
        self.metrics.answered(route, response.status().as_u16());
        response
    }

    async fn review(
        &self,
        request: Request,
        received: Instant,
        endpoint: Endpoint,
    ) -> Result<Option<Reply>, (Refusal, Bytes)> {
        let _in_flight = self.metrics.in_flight();
        let timeout = self
            .look_at_head(&request, received)
            .map_err(|refusal| (refusal, Bytes::new()))?;
        let limits = &self.limits;
        let patience = timeout
            .unwrap_or(limits.default_timeout)
            .min(limits.max_timeout);
        // A caller with little patience keeps most of it.
        let margin = limits.answer_margin.min(patience / 4);
        let answer_by = after(received, patience.saturating_sub(margin));
        let read_by = after(received, limits.body_time).min(answer_by);
        let body = self
            .memory
            .read(request.into_body(), limits, read_by)
            .await
            .map_err(|unread| {
                let refusal = Refusal::unread(unread.why, limits.body_bytes);
                (refusal, Bytes::from(unread.beginning))
            })?;
        self.metrics.took(Stage::Read, received.elapsed());
        let call = Call {
            body: body.clone(),
            received,
            timeout,
        };
        let decided = self.decide(call, answer_by, endpoint).await;
        decided.map_err(|refusal| (refusal, body))
    }

    /// Everything that can be said before the body is read.
    fn look_at_head(
        &self,
        request: &Request,
        received: Instant,
    ) -> Result<Option<Duration>, Refusal> {
        if let Some(caller) = request.extensions().get::<Arc<Caller>>() {
            self.tls
                .admits(caller, received)
                .map_err(|stranger| match stranger {
                    Stranger::Unknown => Refusal::Unknown,
                    Stranger::Refused => Refusal::Forbidden,
                })?;
        } else {
            // No connection comes here without saying whose it is.
            return Err(Refusal::Unknown);
        }
        if !is_json(request.headers()) {
            return Err(Refusal::MediaType);
        }
        timeout::of_query(request.uri().query()).map_err(Refusal::Timeout)
    }

    async fn decide(
        &self,
        call: Call,
        answer_by: Instant,
        endpoint: Endpoint,
    ) -> Result<Option<Reply>, Refusal> {
        let turn = tokio::time::timeout_at(answer_by.into(), self.reviews.acquire());
        let Ok(Ok(_turn)) = turn.await else {
            return Err(Refusal::Overloaded);
        };
        let admit = Arc::clone(&self.admit);
        // A panic leaves nothing behind that is used again: the call is its own.
        let begun = std::panic::catch_unwind(AssertUnwindSafe(|| match endpoint {
            Endpoint::Validate => Some(admit.validate(call)),
            Endpoint::Mutate => admit.mutate(call),
        }));
        let work = match begun {
            Ok(Some(work)) => Contained(work),
            Ok(None) => return Ok(None),
            Err(_) => return Err(Refusal::Panicked),
        };
        match tokio::time::timeout_at(answer_by.into(), work).await {
            Ok(Some(reply)) => Ok(Some(reply)),
            Ok(None) => Err(Refusal::Panicked),
            Err(_) => Err(Refusal::NoAnswer),
        }
    }

    fn refuse(&self, refusal: Refusal, request: &[u8]) -> Response {
        if refusal == Refusal::Panicked {
            self.metrics.panicked();
        }
        if let Some(limit) = refusal.limit() {
            self.metrics.refused(limit);
        }
        let (status, body) = refusal.answer(request);
        tracing::debug!(status = status.as_u16(), %refusal, "refused");
        (status, [(CONTENT_TYPE, JSON)], body).into_response()
    }
}

impl Endpoint {
    const fn route(self) -> Route {
        match self {
            Self::Validate => Route::Validate,
            Self::Mutate => Route::Mutate,
        }
    }
}

async fn validate(State(app): State<Arc<App>>, request: Request) -> Response {
    app.answer(request, Endpoint::Validate).await
}

async fn mutate(State(app): State<Arc<App>>, request: Request) -> Response {
    app.answer(request, Endpoint::Mutate).await
}

/// Whether the process works at all; whether it can decide is another question.
async fn healthz(State(app): State<Arc<App>>) -> Response {
    text(&app, StatusCode::OK, "ok")
}

async fn readyz(State(app): State<Arc<App>>) -> Response {
    if app.ending.load(Ordering::Acquire) {
        return text(&app, StatusCode::SERVICE_UNAVAILABLE, "ending");
    }
    match app.admit.ready() {
        Ok(()) => text(&app, StatusCode::OK, "ok"),
        Err(missing) => text(&app, StatusCode::SERVICE_UNAVAILABLE, &show(&missing)),
    }
}

async fn scrape(State(app): State<Arc<App>>) -> Response {
    let Ok(permit) = Arc::clone(&app.scrapes).try_acquire_owned() else {
        app.metrics.refused(metrics::Limit::Scrapes);
        app.metrics.answered(Route::Metrics, 503);
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    app.metrics.answered(Route::Metrics, 200);
    // The text is large, so that it counts until it is sent.
    let body = Bytes::from_owner(Scraped {
        text: app.metrics.text(),
        _permit: permit,
    });
    ([(CONTENT_TYPE, OPEN_METRICS)], Body::from(body)).into_response()
}

struct Scraped {
    text: String,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Scraped {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

async fn nothing(State(app): State<Arc<App>>) -> Response {
    app.metrics.answered(Route::Other, 404);
    StatusCode::NOT_FOUND.into_response()
}

async fn other_method(State(app): State<Arc<App>>, method: Method) -> Response {
    app.metrics.answered(Route::Other, 405);
    tracing::debug!(
        method = method.as_str(),
        "another method than the route has"
    );
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}

fn text(app: &App, status: StatusCode, text: &str) -> Response {
    app.metrics.answered(Route::Health, status.as_u16());
    (status, [(CONTENT_TYPE, PLAIN)], format!("{text}\n")).into_response()
}

fn answered(reply: Reply) -> Response {
    // A redirect would send the API server to wherever it says; nothing of ours ever does.
    let status = StatusCode::from_u16(reply.status)
        .ok()
        .filter(|status| !status.is_redirection() && !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, JSON)], reply.body).into_response()
}

/// Whether the body is plain JSON: one media type, whatever its parameters, and no encoding.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    let essence = only
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let encoded = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    essence.trim().eq_ignore_ascii_case("application/json") && !encoded
}

fn after(since: Instant, time: Duration) -> Instant {
    since.checked_add(time).unwrap_or(since)
}

/// A caller that waits. One that goes away drops it before it is over.
struct Waits<'a> {
    metrics: &'a Metrics,
    over: bool,
}

impl<'a> Waits<'a> {
    fn begun(metrics: &'a Metrics) -> Self {
        Self {
            metrics,
            over: false,
        }
    }

    fn over(mut self) {
        self.over = true;
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.metrics.abandoned();
        }
    }
}

/// A future whose panic is an answer: `None`.
struct Contained(BoxFuture<'static, Reply>);

impl Future for Contained {
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // After a panic the future is never polled again.
        let work = self.0.as_mut();
        match std::panic::catch_unwind(AssertUnwindSafe(|| work.poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(reply)) => Poll::Ready(Some(reply)),
            Err(_) => Poll::Ready(None),
        }
    }
}
