//! Sockets, TLS and routes.
//!
//! ```text
//! TcpListener ─► place in the table ─► TLS ─► HTTP/1.1 or HTTP/2 ─► routes ─► body ─► Admit ─► answer
//! ```
//!
//! Connections are served by hand, because every step needs an end of its own: the handshake, the head,
//! the body, the review, the answer, the goodbye.
//!
//! **Invariant**: whatever is sent, the answer is a review that was decided, a denial, or an error; never a
//! redirect, and never a "yes" that [`Admit`] did not say. Memory does not grow with what clients do.

mod activity;
mod body;
mod connection;
mod limits;
mod listener;
mod refusal;
mod routes;
mod stop;
mod table;
mod timeout;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use hyper::body::Bytes;

pub use limits::ServerLimits;
pub use listener::{Ended, ServeError, Server};
pub use stop::{Stop, on_signals};
pub use timeout::TimeoutError;
pub use tls::{TlsError, TlsFiles};

/// What stands behind the routes.
pub trait Admit: Send + Sync + 'static {
    /// Answers a review. It always answers, and before `until`.
    fn validate(self: Arc<Self>, call: Call) -> BoxFuture<'static, Reply>;

    /// Answers a review with a patch that pins tags; `None` where the endpoint is switched off.
    fn mutate(self: Arc<Self>, call: Call) -> Option<BoxFuture<'static, Reply>>;

    /// Whether policies and trust are loaded.
    ///
    /// # Errors
    ///
    /// What is missing, in one line.
    fn ready(&self) -> Result<(), String>;
}

/// One request, read within its bounds.
#[derive(Debug)]
pub struct Call {
    /// The body. Its memory is counted until the last copy is gone.
    pub body: Bytes,
    /// When its head had been read.
    pub received: Instant,
    /// What the caller waits at most: the API server says it as `?timeout=10s`.
    pub timeout: Option<Duration>,
}

/// The answer: an HTTP status and a JSON body.
#[derive(Debug)]
pub struct Reply {
    /// 200 for every review that could be read, also when it denies.
    pub status: u16,
    /// An `AdmissionReview`.
    pub body: Bytes,
}

/// Where to listen, and as whom.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Reviews, over TLS.
    pub admission: SocketAddr,
    /// Certificate, key and, where callers have to show who they are, their authority.
    pub tls: TlsFiles,
    /// Metrics and health without TLS, where wanted.
    pub metrics: Option<SocketAddr>,
}
