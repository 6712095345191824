//! The load: HTTP/2 over TLS on few connections with many streams, as the API server does it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    pub(crate) took: Duration,
}

impl Answer {
    pub(crate) fn admits(&self) -> bool {
        self.status == 200 && contains(&self.body, b"\"allowed\":true")
    }

    pub(crate) fn is_transient(&self) -> bool {
        contains(&self.body, b"[transient: ")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// One connection.
#[derive(Clone)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, tls: &ClientConfig) -> Self {
        Self::try_open(address, tls).await.unwrap()
    }

    pub(crate) async fn try_open(address: SocketAddr, tls: &ClientConfig) -> std::io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(tls.clone()));
        let stream = connector.connect(name, socket).await?;
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .map_err(std::io::Error::other)?;
        // It ends with its sender.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender })
    }

    pub(crate) async fn post(&mut self, path: &str, body: Bytes) -> Answer {
        let request = Request::post(format!("https://localhost{path}"))
            .header("content-type", "application/json")
            .body(Full::new(body))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(format!("https://localhost{path}"))
            .body(Full::new(Bytes::new()))
            .unwrap();
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Answer {
        self.sender.ready().await.unwrap();
        let begun = Instant::now();
        let response = self.sender.send_request(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer {
            status,
            body,
            took: begun.elapsed(),
        }
    }
}

/// Sends `count` reviews over these connections, `streams` at once on each, and hands every answer over.
pub(crate) async fn load(
    connections: &[Connection],
    streams: usize,
    count: usize,
    review: impl Fn(usize) -> Bytes + Send + Sync + 'static,
    check: impl Fn(usize, &Answer) + Send + Sync + 'static,
) -> Load {
    let (review, check) = (Arc::new(review), Arc::new(check));
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut work = JoinSet::new();
    for connection in connections {
        for _ in 0..streams {
            let mut connection = connection.clone();
            let (review, check) = (Arc::clone(&review), Arc::clone(&check));
            let next = Arc::clone(&next);
            work.spawn(async move {
                let mut took = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return took;
                    }
                    let body = review(number);
                    let answer = connection.post("/validate?timeout=10s", body).await;
                    check(number, &answer);
                    took.push(answer.took);
                }
            });
        }
    }
    let mut took: Vec<Duration> = work.join_all().await.into_iter().flatten().collect();
    took.sort();
    Load {
        lasted: begun.elapsed(),
        took,
    }
}

/// What a load was like.
pub(crate) struct Load {
    pub(crate) lasted: Duration,
    /// From the fastest answer to the slowest.
    pub(crate) took: Vec<Duration>,
}

impl Load {
    pub(crate) fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.lasted.as_secs_f64()
    }

    /// The time within which so much of a thousand answers came, in milliseconds.
    pub(crate) fn permille(&self, permille: usize) -> f64 {
        let index = (self.took.len() * permille / 1000).min(self.took.len() - 1);
        self.took[index].as_secs_f64() * 1e3
    }
}

/// The middle one.
pub(crate) fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
