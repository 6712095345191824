//! A registry that we script: honest by default, lying where a test says so.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sovverify::Digest;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::content::*;

/// A request as the registry saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// How many requests came before this one with the same target.
    pub(crate) before: usize,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn is(&self, part: &str) -> bool {
        self.target.contains(part)
    }
}

/// What the registry does.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// These bytes, with their length.
    Bytes(Vec<u8>),
    /// These bytes, with another length announced.
    Announced(u64, Vec<u8>),
    /// Bytes without end, without a length.
    Endless,
    /// The head, a few bytes, and then nothing.
    Stall,
    /// Nothing at all, and the connection stays open.
    Silence,
    /// Nothing at all, and the connection is closed.
    Hangup,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Bytes(Vec::new()),
        }
    }

    pub(crate) fn bytes(media_type: &str, bytes: &[u8]) -> Self {
        Self::status(200)
            .with("content-type", media_type)
            .body(Body::Bytes(bytes.to_vec()))
    }

    pub(crate) fn json(media_type: &str, value: &Value) -> Self {
        Self::bytes(media_type, value.to_string().as_bytes())
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(307).with("location", location)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

/// What an honest registry holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) blobs: Blobs,
    pub(crate) tags: BTreeMap<String, Digest>,
    /// The answers of the referrers API; a registry without the API when absent.
    pub(crate) referrers: Option<BTreeMap<Digest, Vec<Value>>>,
}

impl Shelf {
    pub(crate) fn tag(&mut self, tag: &str, descriptor: &Value) {
        self.tags.insert(tag.into(), digest_of(descriptor));
    }

    pub(crate) fn refer(&mut self, subject: &Value, descriptor: &Value) {
        let referrers = self.referrers.get_or_insert_default();
        referrers
            .entry(digest_of(subject))
            .or_default()
            .push(descriptor.clone());
    }

    /// An image `v1` with one bundle as a referrer and one signature under its cosign tag.
    pub(crate) fn signed() -> (Self, Value) {
        let mut shelf = Self::default();
        let image = shelf.blobs.image("signed");
        let bundle = shelf.blobs.bundle("{\"a\":\"bundle\"}", &image);
        let sig = shelf.blobs.signatures("{}", &["alice"]);
        shelf.tag("v1", &image);
        shelf.tag(&format!("sha256-{}.sig", digest_of(&image).hex()), &sig);
        shelf.refer(&image, &bundle);
        (shelf, image)
    }

    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let path = seen.target.split('?').next().unwrap();
        let (rest, name) = path.rsplit_once('/').unwrap();
        let kind = rest.rsplit('/').next().unwrap();
        let digest = name.parse().ok().or_else(|| self.tags.get(name).cloned());
        if kind == "referrers" {
            return match (&self.referrers, &digest) {
                (Some(all), Some(digest)) => {
                    let manifests = all.get(digest).cloned().unwrap_or_default();
                    let index =
                        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
                    Reply::json(INDEX, &index)
                }
                _ => Reply::status(404).body(Body::Bytes(b"404 page not found".to_vec())),
            };
        }
        match digest.and_then(|digest| self.blobs.0.get(&digest)) {
            Some(bytes) if kind == "manifests" => {
                let value: Value = serde_json::from_slice(bytes).unwrap();
                Reply::bytes(value["mediaType"].as_str().unwrap(), bytes)
            }
            Some(bytes) => Reply::bytes("application/octet-stream", bytes),
            None => Reply::json(
                "application/json",
                &json!({"errors": [{"code": "MANIFEST_UNKNOWN"}]}),
            )
            .not_found(),
        }
    }
}

impl Reply {
    fn not_found(mut self) -> Self {
        self.status = 404;
        self
    }
}

/// Holds every answer back until all requests of a round have come: whoever sends them one after the
/// other never gets the first answer.
#[derive(Debug)]
struct Rounds {
    expected: Vec<usize>,
    /// The round, and how many of its requests have come.
    now: Mutex<(usize, usize)>,
    begun: tokio::sync::watch::Sender<usize>,
}

impl Rounds {
    async fn wait(&self) {
        let mut begun = self.begun.subscribe();
        let round = {
            let mut now = self.now.lock().unwrap();
            let round = now.0;
            now.1 += 1;
            if Some(&now.1) >= self.expected.get(round) {
                *now = (round + 1, 0);
                self.begun.send_replace(now.0);
            }
            round
        };
        begun.wait_for(|begun| *begun > round).await.unwrap();
    }
}

/// A running registry; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Evil {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Lie = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

impl Evil {
    /// Serves `shelf`, except where `lie` has something else to say.
    pub(crate) async fn serve(
        shelf: Shelf,
        lie: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start(
            move |seen| lie(seen).unwrap_or_else(|| shelf.answer(seen)),
            None,
        )
        .await
    }

    pub(crate) async fn start(
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
        tls: Option<tokio_rustls::TlsAcceptor>,
    ) -> Self {
        Self::begin(answer, tls, None).await
    }

    /// Serves `shelf` to whoever asks in rounds of as many requests as `expected`.
    pub(crate) async fn in_rounds(shelf: Shelf, expected: &[usize]) -> Self {
        let rounds = Rounds {
            expected: expected.to_vec(),
            now: Mutex::default(),
            begun: tokio::sync::watch::Sender::new(0),
        };
        Self::begin(move |seen| shelf.answer(seen), None, Some(rounds)).await
    }

    async fn begin(
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
        tls: Option<tokio_rustls::TlsAcceptor>,
        rounds: Option<Rounds>,
    ) -> Self {
        let rounds = rounds.map(Arc::new);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let lie: Lie = Arc::new(answer);
        let evil = Self {
            address,
            seen: Arc::clone(&seen),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Head and body are written apart: one must not wait for the other's receipt.
                stream.set_nodelay(true).unwrap();
                let (lie, seen, tls) = (Arc::clone(&lie), Arc::clone(&seen), tls.clone());
                let rounds = rounds.clone();
                tokio::spawn(async move {
                    match tls {
                        None => talk(stream, &lie, &seen, rounds.as_deref()).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => talk(stream, &lie, &seen, rounds.as_deref()).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        evil
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, part: &str) -> usize {
        self.seen().iter().filter(|seen| seen.is(part)).count()
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn image(&self) -> String {
        format!("{}/team/app:v1", self.address)
    }
}

/// Answers the requests of one connection, until one of them ends it.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    lie: &Lie,
    seen: &Mutex<Vec<Seen>>,
    rounds: Option<&Rounds>,
) -> Option<()> {
    let mut buffer = Vec::new();
    loop {
        let request = request(&mut stream, &mut buffer).await?;
        let request = {
            let mut seen = seen.lock().unwrap();
            let before = seen
                .iter()
                .filter(|other: &&Seen| other.target == request.target)
                .count();
            let request = Seen { before, ..request };
            seen.push(request.clone());
            request
        };
        if let Some(rounds) = rounds {
            rounds.wait().await;
        }
        let reply = lie(&request);
        let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        match reply.body {
            Body::Bytes(bytes) => {
                let length = bytes.len().to_string();
                head.extend(["content-length: ", &length, "\r\n\r\n"]);
                stream.write_all(head.as_bytes()).await.ok()?;
                stream.write_all(&bytes).await.ok()?;
            }
            Body::Announced(length, bytes) => {
                head.extend(["content-length: ", &length.to_string(), "\r\n\r\n"]);
                stream.write_all(head.as_bytes()).await.ok()?;
                stream.write_all(&bytes).await.ok()?;
                return None;
            }
            Body::Endless => {
                head.push_str("connection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).await.ok()?;
                loop {
                    stream.write_all(&[b' '; 8192]).await.ok()?;
                }
            }
            Body::Stall => {
                head.push_str("connection: close\r\n\r\n{");
                stream.write_all(head.as_bytes()).await.ok()?;
                std::future::pending::<()>().await;
            }
            Body::Silence => std::future::pending().await,
            Body::Hangup => return None,
        }
    }
}

async fn request<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Option<Seen> {
    let end = loop {
        if buffer.first() == Some(&0x16) {
            // A TLS handshake: plain servers answer in plain text.
            stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").await.ok()?;
            return None;
        }
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer.drain(..end).collect()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    while buffer.len() < length {
        stream.read_buf(buffer).await.ok()?;
    }
    Some(Seen {
        method: first.next().unwrap().to_owned(),
        target: first.next().unwrap().to_owned(),
        headers,
        body: String::from_utf8(buffer.drain(..length).collect()).unwrap(),
        before: 0,
    })
}

/// TLS under `certificate`.
pub(crate) fn tls(certificate: &rcgen::CertifiedKey<rcgen::KeyPair>) -> rustls::ServerConfig {
    let key = certificate.signing_key.serialize_der();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.into());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key)
        .unwrap()
}
