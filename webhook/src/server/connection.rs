//! One connection, from its handshake to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body as AxumBody;
use futures_util::future::BoxFuture;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::Service as _;

use super::activity::{Activity, InFlight, Judgement, Protocol, Sending};
use super::limits::ServerLimits;
use super::stop::{self, Stop};
use super::table::Place;
use super::tls::{Caller, HTTP_2, Tls};
use crate::metrics::{HandshakeFailure, Limit, Metrics};

/// Time that a connection has which makes room for another one: a packet each way.
const EVICTION_TIME: Duration = Duration::from_secs(1);

/// What a connection needs to be served.
pub(super) struct Serve {
    pub(super) routes: Router,
    pub(super) limits: Arc<ServerLimits>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) place: Place,
    pub(super) activity: Arc<Activity>,
    /// At [`Stop::Drain`], the connection is told to go.
    pub(super) stop: watch::Receiver<Stop>,
}

impl Serve {
    /// Serves a connection with TLS.
    pub(super) async fn admission(self, socket: TcpStream, tls: &Tls) {
        let accept = TlsAcceptor::from(tls.config()).accept(socket);
        let handshake = tokio::select! {
            handshake = tokio::time::timeout(self.limits.handshake_time, accept) => handshake,
            () = self.place.needed.notified() => return self.metrics.refused(Limit::Connections),
        };
        let stream = match handshake {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return self.metrics.handshake_failed(reason(&error)),
            Err(_) => return self.metrics.handshake_failed(HandshakeFailure::Timeout),
        };
        self.activity.greeted(Instant::now());
        let caller = Arc::new(Caller::of(stream.get_ref().1));
        if stream.get_ref().1.alpn_protocol() == Some(HTTP_2) {
            self.http_2(stream, caller).await;
        } else {
            self.http_1(stream, Some(caller)).await;
        }
    }

    async fn http_2(self, stream: TlsStream<TcpStream>, caller: Arc<Caller>) {
        let limits = &self.limits;
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_pending_accept_reset_streams(limits.pending_resets)
            .max_local_error_reset_streams(limits.error_resets)
            .initial_stream_window_size(limits.stream_window)
            .initial_connection_window_size(limits.connection_window)
            .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
            .keep_alive_interval(limits.ping_interval)
            .keep_alive_timeout(limits.ping_timeout);
        let connection = builder.serve_connection(self.watched(stream), self.service(Some(caller)));
        self.drive(
            connection,
            Protocol::Two,
            http2::Connection::graceful_shutdown,
        )
        .await;
    }

    /// Serves HTTP/1.1; without TLS, nobody is known.
    pub(super) async fn http_1<S>(self, stream: S, caller: Option<Arc<Caller>>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = http1::Builder::new();
        builder
            // The rules of `activity` hold for heads; hyper's own would also end idle connections.
            .header_read_timeout(None)
            .max_headers(self.limits.header_fields)
            .max_header_size(self.limits.header_bytes)
            .max_buf_size(self.limits.header_bytes.saturating_mul(4));
        let connection = builder.serve_connection(self.watched(stream), self.service(caller));
        self.drive(
            connection,
            Protocol::One,
            http1::Connection::graceful_shutdown,
        )
        .await;
    }

    fn watched<S>(&self, stream: S) -> TokioIo<Watched<S>> {
        TokioIo::new(Watched {
            stream,
            activity: Arc::clone(&self.activity),
            sending: Sending::Flows,
        })
    }

    fn service(&self, caller: Option<Arc<Caller>>) -> Routed {
        Routed {
            routes: self.routes.clone(),
            activity: Arc::clone(&self.activity),
            caller,
        }
    }

    /// Serves a connection until it ends, or breaks a bound.
    async fn drive<C>(mut self, connection: C, protocol: Protocol, tell_to_go: fn(Pin<&mut C>))
    where
        C: Future<Output = hyper::Result<()>>,
    {
        let mut connection = std::pin::pin!(connection);
        let mut next_look = std::pin::pin!(tokio::time::sleep(self.limits.header_time));
        let mut told_by_stop = Told::NotYet;
        loop {
            tokio::select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "a connection ended otherwise than agreed");
                    }
                    return;
                }
                () = stop::reached(&mut self.stop, Stop::Drain), if told_by_stop == Told::NotYet => {
                    told_by_stop = Told::Already;
                    self.leave(self.limits.goodbye_time);
                    tell_to_go(connection.as_mut());
                }
                () = self.place.needed.notified() => {
                    self.metrics.refused(Limit::Connections);
                    self.leave(EVICTION_TIME);
                    tell_to_go(connection.as_mut());
                }
                () = next_look.as_mut() => {}
            }
            match self.activity.judge(protocol, &self.limits, Instant::now()) {
                Judgement::Fine(until) => next_look.as_mut().reset(until.into()),
                Judgement::Close => {
                    self.leave(self.limits.goodbye_time);
                    tell_to_go(connection.as_mut());
                }
                Judgement::Cut(limit) => return self.metrics.refused(limit),
            }
        }
    }

    fn leave(&self, within: Duration) {
        let now = Instant::now();
        self.activity
            .leaving(now.checked_add(within).unwrap_or(now));
    }
}

/// Whether a connection was told to go because the process ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    NotYet,
    Already,
}

/// What a failed handshake was about. The text of the error may hold what the client sent.
fn reason(error: &std::io::Error) -> HandshakeFailure {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(_)) => HandshakeFailure::Certificate,
        Some(_) => HandshakeFailure::Protocol,
        None => HandshakeFailure::Closed,
    }
}

/// The routes, with what they need to know of the connection.
struct Routed {
    routes: Router,
    activity: Arc<Activity>,
    caller: Option<Arc<Caller>>,
}

impl hyper::service::Service<Request<Incoming>> for Routed {
    type Response = Response<Answer>;
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let in_flight = self.activity.request(Instant::now());
        if let Some(caller) = &self.caller {
            request.extensions_mut().insert(Arc::clone(caller));
        }
        let answer = self.routes.clone().call(request);
        Box::pin(async move {
            let response = answer.await?;
            Ok(response.map(|body| Answer {
                body,
                _in_flight: in_flight,
            }))
        })
    }
}

/// The body of an answer. Its request is over when it is sent.
struct Answer {
    body: AxumBody,
    _in_flight: InFlight,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that tells when bytes come, and when they do not go.
struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
    sending: Sending,
}

impl<S> Watched<S> {
    /// Tells about a change only: nearly always, everything flows.
    fn sent<T>(&mut self, poll: Poll<T>) -> Poll<T> {
        let sending = match poll {
            Poll::Ready(_) => Sending::Flows,
            Poll::Pending => Sending::Blocked,
        };
        if sending != self.sending {
            self.sending = sending;
            self.activity.sends(sending, Instant::now());
        }
        poll
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.received(Instant::now());
        }
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.sent(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.sent(poll)
    }

    /// No: TLS copies what it encrypts, so that pieces gain nothing. To one that says yes, `h2` hands each answer
    /// of 256 bytes by itself, and each is a record and a system call of its own; so those that are ready together
    /// leave together.
    fn is_write_vectored(&self) -> bool {
        false
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        self.sent(poll)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
