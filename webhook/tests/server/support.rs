//! A server, its authority, and clients of every manners.

mod answers;
mod authority;
mod client;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sovverify_webhook::metrics::Metrics;
use sovverify_webhook::server::{Ended, Listen, Server, ServerLimits, Stop, TlsFiles};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use answers::Answers;
pub(crate) use authority::Authority;
use authority::Identity;
pub(crate) use client::{Client, Http, heard};

/// What nothing in a test takes longer than; reaching it fails the test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// A bound that is made short to be reached.
pub(crate) const SHORT: Duration = Duration::from_millis(80);

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
