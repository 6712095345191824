//! Clients of every manner.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::authority::Identity;
use super::{Served, review, within};

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
