//! The least that a handler can do: parse the review, and answer it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hyper::header::CONTENT_TYPE;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use sovverify_webhook::metrics::Metrics;
use sovverify_webhook::review::{Allowed, Answer};
use sovverify_webhook::server::{Admit, Call, Listen, Reply, Server, ServerLimits, on_signals};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::world::Files;

/// Reads all of the review, its object included, and says yes.
fn answer(body: &[u8]) -> Reply {
    let review: Value = serde_json::from_slice(body).unwrap();
    assert!(review["request"]["object"].is_object());
    Answer::Allowed(Allowed::default()).reply(review["request"]["uid"].as_str().unwrap())
}

async fn validate(body: Bytes) -> Response {
    let reply = answer(&body);
    ([(CONTENT_TYPE, "application/json")], reply.body).into_response()
}

/// The shortest loop that serves an axum router over TLS.
pub(crate) async fn serve(address: SocketAddr, files: &Files) {
    let routes = Router::new()
        .route("/validate", post(validate))
        .route("/readyz", get(|| async { "ok" }));
    let acceptor = TlsAcceptor::from(Arc::new(files.server()));
    let listener = TcpListener::bind(address).await.unwrap();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let (acceptor, routes) = (acceptor.clone(), routes.clone());
        tokio::spawn(async move {
            socket.set_nodelay(true).unwrap();
            let Ok(stream) = acceptor.accept(socket).await else {
                return;
            };
            let service = TowerToHyperService::new(routes);
            let builder = auto::Builder::new(TokioExecutor::new());
            drop(
                builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}

/// The same answer behind our listener.
struct Yes;

impl Admit for Yes {
    fn validate(self: Arc<Self>, call: Call) -> BoxFuture<'static, Reply> {
        async move { answer(&call.body) }.boxed()
    }

    fn mutate(self: Arc<Self>, _: Call) -> Option<BoxFuture<'static, Reply>> {
        None
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Our listener with all its bounds, and the bare answer behind it.
pub(crate) async fn serve_bounded(address: SocketAddr, files: &Files) {
    let listen = Listen {
        admission: address,
        tls: files.tls(),
        metrics: None,
    };
    let metrics = Arc::<Metrics>::default();
    let server = Server::bind(listen, ServerLimits::default(), Arc::new(Yes), metrics).await;
    server.unwrap().run(on_signals().unwrap()).await;
}
