//! A server, its authority, and clients of every manners.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hyper::body::Bytes;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::{Value, json};
use sovverify_webhook::metrics::Metrics;
use sovverify_webhook::server::{
    Admit, Call, Ended, Listen, Reply, Server, ServerLimits, Stop, TlsFiles,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What nothing in a test takes longer than; reaching it fails the test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// A bound that is made short to be reached.
pub(crate) const SHORT: Duration = Duration::from_millis(80);

/// Signs certificates.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key as PEM.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    fn sign(&self, name: &str, purpose: ExtendedKeyUsagePurpose) -> Identity {
        let key = KeyPair::generate().unwrap();
        let names = vec![name.to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![purpose];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    pub(crate) fn server(&self) -> Identity {
        self.sign("localhost", ExtendedKeyUsagePurpose::ServerAuth)
    }

    pub(crate) fn client(&self) -> Identity {
        self.sign("api-server", ExtendedKeyUsagePurpose::ClientAuth)
    }
}

/// A decision that does what `request.name` says.
pub(crate) struct Answers {
    pub(crate) asked: AtomicUsize,
    pub(crate) finished: AtomicUsize,
    pub(crate) unready: AtomicUsize,
    /// Requests named `wait` take one permit each.
    pub(crate) go: Arc<Semaphore>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            asked: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            unready: AtomicUsize::new(0),
            go: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Admit for Answers {
    fn validate(self: Arc<Self>, call: Call) -> BoxFuture<'static, Reply> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let review: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let request = &review["request"];
        let what = request["name"].as_str().unwrap_or_default().to_owned();
        let uid = request["uid"].as_str().unwrap_or_default().to_owned();
        assert_ne!(what, "panic-at-once", "wanted by the test");
        async move {
            match what.as_str() {
                "hang" => std::future::pending().await,
                "panic" => panic!("wanted by the test"),
                "wait" => self.go.acquire().await.unwrap().forget(),
                _ => {}
            }
            self.finished.fetch_add(1, Ordering::SeqCst);
            let status = match what.as_str() {
                "redirect" => 302,
                "continue" => 100,
                "nonsense" => 7,
                _ => 200,
            };
            reply(status, &uid, &format!("{:?}", call.timeout))
        }
        .boxed()
    }

    fn mutate(self: Arc<Self>, call: Call) -> Option<BoxFuture<'static, Reply>> {
        let review: Value = serde_json::from_slice(&call.body).ok()?;
        let on = review["request"]["name"] == "mutate";
        on.then(|| self.validate(call))
    }

    fn ready(&self) -> Result<(), String> {
        match self.unready.load(Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err("no policy\n\u{1b}[2Jis loaded".to_owned()),
        }
    }
}

fn reply(status: u16, uid: &str, note: &str) -> Reply {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": { "uid": uid, "allowed": true, "warnings": [note] },
    });
    Reply {
        status,
        body: Bytes::from(review.to_string()),
    }
}

/// A review whose object is padded to some length, its fields in the order in which the API server writes
/// them.
pub(crate) fn review(name: &str, padding: usize) -> String {
    let object = "x".repeat(padding);
    format!(
        "{{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":\
         {{\"uid\":\"uid-{name}\",\"name\":\"{name}\",\"object\":{{\"x\":\"{object}\"}}}}}}"
    )
}

/// A server that runs.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) plain: SocketAddr,
    pub(crate) answers: Arc<Answers>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) authority: Authority,
    pub(crate) folder: tempfile::TempDir,
    stop: watch::Sender<Stop>,
    run: JoinHandle<Ended>,
}

/// Whether callers have to show who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callers {
    Anybody,
    Known,
}

impl Served {
    pub(crate) async fn with(limits: ServerLimits) -> Self {
        Self::start(limits, Callers::Anybody).await
    }

    pub(crate) async fn start(limits: ServerLimits, callers: Callers) -> Self {
        let authority = Authority::new();
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificate: folder.path().join("tls.crt"),
            key: folder.path().join("tls.key"),
            client_authority: (callers == Callers::Known).then(|| folder.path().join("ca.crt")),
        };
        fs::write(folder.path().join("ca.crt"), &authority.pem).unwrap();
        write(&files, &authority.server());
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let listen = Listen {
            admission: loopback,
            tls: files,
            metrics: Some(loopback),
        };
        let (answers, metrics) = (Arc::<Answers>::default(), Arc::<Metrics>::default());
        let admit = Arc::clone(&answers);
        let server = Server::bind(listen, limits, admit, Arc::clone(&metrics)).await;
        let server = server.unwrap();
        let (address, plain) = (
            server.admission_address(),
            server.metrics_address().unwrap(),
        );
        let (stop, stopped) = watch::channel(Stop::No);
        Self {
            address,
            plain,
            answers,
            metrics,
            authority,
            folder,
            stop,
            run: tokio::spawn(server.run(stopped)),
        }
    }

    /// Replaces the certificate on the disk.
    pub(crate) fn write(&self, identity: &Identity) {
        let path = |name: &str| -> PathBuf { self.folder.path().join(name) };
        let files = TlsFiles {
            certificate: path("tls.crt"),
            key: path("tls.key"),
            client_authority: None,
        };
        write(&files, identity);
    }

    pub(crate) fn tell(&self, stop: Stop) {
        self.stop.send_replace(stop);
    }

    /// How the server ended, after it was told to.
    pub(crate) async fn ended(self) -> Ended {
        within(self.run).await.unwrap()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.run.is_finished()
    }

    /// A client without certificate.
    pub(crate) fn client(&self) -> Client {
        Client::of(self, None)
    }

    /// The value of a series.
    pub(crate) fn metric(&self, series: &str) -> f64 {
        let series = format!("sovverify_webhook_{series} ");
        let text = self.metrics.text();
        let value = text.lines().find_map(|line| line.strip_prefix(&series));
        value.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until a series has at least this value.
    pub(crate) async fn until(&self, series: &str, at_least: f64) {
        let reached = async {
            while self.metric(series) < at_least {
                tokio::task::yield_now().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, reached).await;
        assert!(
            in_time.is_ok(),
            "{series} never reached {at_least}:\n{}",
            self.metrics.text()
        );
    }

    pub(crate) fn asked(&self) -> usize {
        self.answers.asked.load(Ordering::SeqCst)
    }
}

fn write(files: &TlsFiles, identity: &Identity) {
    // As Kubernetes does it: the new pair is there at once.
    for (path, text) in [
        (&files.certificate, &identity.certificate),
        (&files.key, &identity.key),
    ] {
        let new = path.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(&new, path).unwrap();
    }
}

/// What is awaited, or a failed test.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    let output = tokio::time::timeout(PATIENCE, future).await;
    output.unwrap_or_else(|late| panic!("nothing happened within {PATIENCE:?}: {late}"))
}

/// Somebody who connects.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    config: ClientConfig,
}

impl Client {
    pub(crate) fn of(served: &Served, identity: Option<&Identity>) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        let pem = served.authority.pem.as_bytes();
        roots
            .add(CertificateDer::from_pem_slice(pem).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .unwrap()
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes())
                    .map(Result::unwrap)
                    .collect();
                let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        Self {
            address: served.address,
            config,
        }
    }

    /// An ordinary client: HTTP/2 where the server speaks it.
    pub(crate) fn http(&self) -> Http {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Http {
            base: format!("https://{}", self.address),
            client: reqwest::Client::builder()
                .tls_backend_preconfigured(config)
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
        }
    }

    /// A connection on which anything can be said.
    pub(crate) async fn connect(
        &self,
        protocols: &[&str],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut config = self.config.clone();
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        self.connect_with(config).await
    }

    pub(crate) async fn connect_with(
        &self,
        config: ClientConfig,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let socket = within(TcpStream::connect(self.address)).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").unwrap();
        within(TlsConnector::from(Arc::new(config)).connect(name, socket)).await
    }

    pub(crate) fn config(&self) -> ClientConfig {
        self.config.clone()
    }

    /// Says something over HTTP/1.1, and listens until the server closes.
    pub(crate) async fn say(&self, text: &[u8]) -> String {
        let mut stream = self.connect(&["http/1.1"]).await.unwrap();
        stream.write_all(text).await.unwrap();
        heard(&mut stream).await
    }
}

/// Everything that comes until the end of the connection.
pub(crate) async fn heard(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // How it ends, with or without a goodbye, is the test's business only where it says so.
    let _ = within(stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An ordinary client.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) base: String,
    pub(crate) client: reqwest::Client,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) review: Value,
    pub(crate) took: Duration,
}

impl Answered {
    /// Whether the answer is a review that says no to this request.
    pub(crate) fn denies(&self, uid: &str) -> bool {
        let response = &self.review["response"];
        self.review["kind"] == "AdmissionReview"
            && response["allowed"] == false
            && response["uid"] == uid
    }

    pub(crate) fn message(&self) -> &str {
        let message = &self.review["response"]["status"]["message"];
        message.as_str().unwrap_or_default()
    }

    pub(crate) fn admits(&self) -> bool {
        self.status == 200 && self.review["response"]["allowed"] == true
    }
}

impl Http {
    pub(crate) async fn post(&self, path: &str, body: String) -> Answered {
        self.try_post(path, body).await.unwrap()
    }

    pub(crate) async fn try_post(&self, path: &str, body: String) -> reqwest::Result<Answered> {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(body);
        Self::answered(request).await
    }

    pub(crate) async fn answered(request: reqwest::RequestBuilder) -> reqwest::Result<Answered> {
        let begun = Instant::now();
        let response = within(request.send()).await?;
        let status = response.status().as_u16();
        let body = within(response.bytes()).await?;
        Ok(Answered {
            status,
            review: serde_json::from_slice(&body).unwrap_or_default(),
            took: begun.elapsed(),
        })
    }

    pub(crate) async fn validate(&self, name: &str) -> Answered {
        self.post("/validate?timeout=10s", review(name, 0)).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let request = self.client.get(format!("{}{path}", self.base));
        let response = within(request.send()).await.unwrap();
        let status = response.status().as_u16();
        (status, within(response.text()).await.unwrap())
    }
}
