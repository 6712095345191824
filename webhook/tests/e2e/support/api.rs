//! A client of the API server that says what was answered, whatever that is.

use std::fs;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::{Certificate, Client, Method};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::authority::{Authority, Identity};

/// The runtime of every client here: tests themselves are plain threads.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// No answer takes longer: the slowest ones wait for a webhook until its timeout.
const ANSWER_TIME: Duration = Duration::from_secs(45);

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The `Warning` headers, as they were sent.
    pub(crate) warnings: Vec<String>,
    pub(crate) body: Value,
}

impl Answer {
    /// Whether it was done.
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// In one word: what the API server made of it.
    pub(crate) fn word(&self) -> String {
        let message = self.message();
        match message {
            _ if self.is_ok() => "done".to_owned(),
            _ if message.starts_with("admission webhook ") => {
                let code = message.rfind('[').map_or("", |at| &message[at..]);
                format!("refused {code}")
            }
            _ if message.contains("failed calling webhook") => "no answer".to_owned(),
            _ => format!("{}: {message}", self.status),
        }
    }

    /// Why it was not.
    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    /// The object, where it was done.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.is_ok(), "expected success, found {self:?}");
        self.body
    }

    /// The message, where it was refused by an admission webhook.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        let refused = self.message().starts_with("admission webhook ") && !self.is_ok();
        assert!(refused, "expected a refusal by a webhook, found {self:?}");
        self.message().to_owned()
    }
}

/// One user of one server.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    server: SocketAddr,
    client: Client,
}

impl Api {
    /// A user with a certificate.
    pub(crate) fn new(server: SocketAddr, authority: &Authority, user: &Identity) -> Self {
        let identity = [&user.key, &user.certificate].map(|file| fs::read(file).unwrap());
        let identity = reqwest::Identity::from_pem(&identity.concat()).unwrap();
        let client = client(authority).identity(identity).build().unwrap();
        Self { server, client }
    }

    /// Somebody without a certificate.
    pub(crate) fn anonymous(server: SocketAddr, authority: &Authority) -> Self {
        let client = client(authority).build().unwrap();
        Self { server, client }
    }

    /// Asks; nothing but an answer is an answer.
    #[track_caller]
    pub(crate) fn ask(&self, method: &Method, path: &str, body: Option<(&str, &Value)>) -> Answer {
        let answer = self.try_ask(method, path, body);
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    /// Asks, and says why there was no answer.
    pub(crate) fn try_ask(
        &self,
        method: &Method,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> reqwest::Result<Answer> {
        RUNTIME.block_on(self.send(method, path, body))
    }

    /// Asks beside what else goes on.
    pub(crate) async fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> reqwest::Result<Answer> {
        let url = format!("https://{}{path}", self.server);
        let mut request = self.client.request(method.clone(), url);
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type);
            request = request.body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let warnings = response.headers().get_all("warning").iter();
        let warnings = warnings.map(|text| String::from_utf8_lossy(text.as_bytes()).into());
        let warnings = warnings.collect();
        let bytes = response.bytes().await?;
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        Ok(Answer {
            status,
            warnings,
            body: serde_json::from_slice(&bytes).unwrap_or_else(|_| text()),
        })
    }

    /// Reads.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(&Method::GET, path, None)
    }

    /// Creates.
    #[track_caller]
    pub(crate) fn create(&self, path: &str, object: &Value) -> Answer {
        self.ask(&Method::POST, path, Some(("application/json", object)))
    }

    /// Replaces.
    #[track_caller]
    pub(crate) fn replace(&self, path: &str, object: &Value) -> Answer {
        self.ask(&Method::PUT, path, Some(("application/json", object)))
    }

    /// Changes, in one of the ways that Kubernetes knows.
    #[track_caller]
    pub(crate) fn patch(&self, path: &str, kind: Patch, change: &Value) -> Answer {
        self.ask(&Method::PATCH, path, Some((kind.media_type(), change)))
    }

    /// Deletes.
    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.ask(&Method::DELETE, path, None)
    }
}

/// How a change is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patch {
    /// RFC 6902.
    Json,
    /// RFC 7396.
    Merge,
    /// Kubernetes' own.
    Strategic,
    /// Server-side apply.
    Apply,
}

impl Patch {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json-patch+json",
            Self::Merge => "application/merge-patch+json",
            Self::Strategic => "application/strategic-merge-patch+json",
            Self::Apply => "application/apply-patch+yaml",
        }
    }
}

/// A client that believes one authority and nobody else.
pub(crate) fn client(authority: &Authority) -> reqwest::ClientBuilder {
    // The first one that asks installs it; all others find it there.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let authority = Certificate::from_pem(authority.pem.as_bytes()).unwrap();
    Client::builder()
        .tls_certs_only([authority])
        .no_proxy()
        .timeout(ANSWER_TIME)
}
