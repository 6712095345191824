//! Listening, and the end of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::activity::Activity;
use super::connection::Serve;
use super::limits::ServerLimits;
use super::routes::App;
use super::stop::{self, Stop};
use super::table::Table;
use super::tls::{Tls, TlsError};
use super::{Admit, Listen};
use crate::metrics::{Limit, Listener as Name, Metrics};

/// Time after which accepting is tried again when the system has nothing left to accept with.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why the server cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An address cannot be listened to.
    #[error("expected to listen to {address}, found: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Certificate, key or authority cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// How the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Connections that had not finished in time, and were cut off.
    pub cut_off: usize,
}

/// A server that has its addresses, and serves once it is run.
pub struct Server {
    app: Arc<App>,
    admission: Bound,
    metrics: Option<Bound>,
}

/// One address, and what is served there.
struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    routes: Router,
    name: Name,
}

impl Server {
    /// Takes the addresses and reads the certificate.
    ///
    /// # Errors
    ///
    /// [`ServeError`]: an address is taken, or a file cannot be used.
    pub async fn bind(
        listen: Listen,
        limits: ServerLimits,
        admit: Arc<dyn Admit>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, ServeError> {
        let tls = Arc::new(Tls::load(listen.tls, Arc::clone(&metrics))?);
        let app = App::new(admit, Arc::new(limits), metrics, tls);
        let admission = Bound::new(listen.admission, app.admission(), Name::Admission).await?;
        let metrics = match listen.metrics {
            Some(address) => Some(Bound::new(address, app.plain(), Name::Metrics).await?),
            None => None,
        };
        Ok(Self {
            app,
            admission,
            metrics,
        })
    }

    /// Where reviews are answered; the port is real, also where any was asked for.
    pub fn admission_address(&self) -> SocketAddr {
        self.admission.address
    }

    /// Where metrics are answered without TLS, if anywhere.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|bound| bound.address)
    }

    /// Serves until it is told to end, and then finishes what it began.
    ///
    /// On [`Stop::Drain`] the server says that it is not ready, goes on for
    /// [`drain_delay`](ServerLimits::drain_delay), accepts nobody any more, and gives what has begun
    /// [`drain_time`](ServerLimits::drain_time). On [`Stop::Hurry`] the delay is left out.
    pub async fn run(self, mut stop: watch::Receiver<Stop>) -> Ended {
        let limits = Arc::clone(&self.app.limits);
        let (tell, phase) = watch::channel(Stop::No);
        let renewal = Arc::clone(&self.app.tls).keep_current(limits.reload_interval);
        let renewal = tokio::spawn(renewal);
        let app = Arc::clone(&self.app);
        let loops: Vec<_> = std::iter::once(self.admission)
            .chain(self.metrics)
            .map(|bound| tokio::spawn(bound.serve(Arc::clone(&app), phase.clone())))
            .collect();

        stop::reached(&mut stop, Stop::Drain).await;
        app.ending.store(true, Ordering::Release);
        tracing::info!(
            seconds = limits.drain_delay.as_secs(),
            "ending: not ready any more"
        );
        let hurry = stop::reached(&mut stop, Stop::Hurry);
        // Whichever comes first is the same to us.
        let _ = tokio::time::timeout(limits.drain_delay, hurry).await;
        tell.send_replace(Stop::Drain);

        let mut cut_off: usize = 0;
        for accepting in loops {
            cut_off = cut_off.saturating_add(accepting.await.unwrap_or_default());
        }
        renewal.abort();
        tracing::info!(cut_off, "ended");
        Ended { cut_off }
    }
}

impl Bound {
    async fn new(wanted: SocketAddr, routes: Router, name: Name) -> Result<Self, ServeError> {
        let error = |source| ServeError::Bind {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).await.map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        tracing::info!(%address, listener = name.name(), "listening");
        Ok(Self {
            listener,
            address,
            routes,
            name,
        })
    }

    /// Accepts connections until the phase says otherwise, then waits for them. The answer is how many
    /// had to be cut off.
    async fn serve(self, app: Arc<App>, mut phase: watch::Receiver<Stop>) -> usize {
        let table = Table::new(app.limits.connections);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, _)) => {
                        let connection = self.connection(&app, &table, socket, &phase);
                        if let Some(connection) = connection {
                            connections.spawn(connection);
                        }
                    }
                    Err(error) => {
                        // One client's broken connection, or no descriptors for anybody: the next attempt tells.
                        tracing::debug!(%error, "accepting failed");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(_) = connections.join_next() => {}
                () = stop::reached(&mut phase, Stop::Drain) => break,
            }
        }
        drop(self.listener);
        let all = async { while connections.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(app.limits.drain_time, all).await;
        match in_time {
            Ok(()) => 0,
            Err(_) => connections.len(),
        }
    }

    /// The work of one connection; none where there is no place for it.
    fn connection(
        &self,
        app: &Arc<App>,
        table: &Arc<Table>,
        socket: TcpStream,
        phase: &watch::Receiver<Stop>,
    ) -> Option<impl Future<Output = ()> + use<>> {
        // Answers are written at once: with Nagle's algorithm, HTTP/2 waits 40 ms for an acknowledgement.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it was served");
            return None;
        }
        let activity = Activity::begun(Instant::now());
        let Some(place) = table.take(&activity) else {
            app.metrics.refused(Limit::Connections);
            return None;
        };
        let serve = Serve {
            routes: self.routes.clone(),
            limits: Arc::clone(&app.limits),
            metrics: Arc::clone(&app.metrics),
            place,
            activity,
            stop: phase.clone(),
        };
        let open = app.metrics.connection(self.name);
        let tls = Arc::clone(&app.tls);
        let name = self.name;
        Some(async move {
            let _open = open;
            match name {
                Name::Admission => serve.admission(socket, &tls).await,
                Name::Metrics => serve.http_1(socket, None).await,
            }
        })
    }
}
