//! Servers as processes of their own, and what the system says about them.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bare;
use crate::client::Connection;
use crate::world::Files;

/// Names the kind of server that this process is to be, its address and its files.
const ROLE: &str = "SOVVERIFY_BENCH_ROLE";
/// Ticks of a second in which the system counts a process's time: 100 on every Linux that Rust knows.
const TICKS: f64 = 100.0;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An axum handler behind the shortest loop.
    Bare,
    /// The same behind our listener.
    Server,
    /// The binary.
    Webhook,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Bare, Self::Server, Self::Webhook];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Server => "server",
            Self::Webhook => "webhook",
        }
    }
}

/// A server that this process was started to be.
pub(crate) struct Wanted {
    kind: Kind,
    address: SocketAddr,
    folder: PathBuf,
}

/// The server that this process was started to be, if any.
pub(crate) fn wanted() -> Option<Wanted> {
    let role = std::env::var(ROLE).ok()?;
    let mut parts = role.splitn(3, ' ');
    let kind = match parts.next()? {
        "bare" => Kind::Bare,
        _ => Kind::Server,
    };
    Some(Wanted {
        kind,
        address: parts.next()?.parse().unwrap(),
        folder: parts.next()?.into(),
    })
}

impl Wanted {
    pub(crate) fn serve(self) {
        let files = Files::at(&self.folder);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            match self.kind {
                Kind::Bare => bare::serve(self.address, &files).await,
                _ => bare::serve_bounded(self.address, &files).await,
            }
        });
    }
}

/// A server that runs, until this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts a server, and waits until it is ready.
    pub(crate) async fn start(kind: Kind, files: &Files) -> Self {
        let address = free_address();
        let mut command = match kind {
            Kind::Webhook => webhook(address, files),
            Kind::Bare | Kind::Server => {
                let role = format!("{} {address} {}", kind.name(), files.folder().display());
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.env(ROLE, role);
                command
            }
        };
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        let running = Self {
            child,
            kind,
            address,
        };
        let begun = Instant::now();
        while !running.is_ready(files).await {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{} is not ready",
                kind.name()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        running
    }

    async fn is_ready(&self, files: &Files) -> bool {
        match Connection::try_open(self.address, &files.client()).await {
            Ok(mut connection) => connection.get("/readyz").await.status == 200,
            Err(_) => false,
        }
    }

    /// Seconds of processor time so far.
    pub(crate) fn worked(&self) -> f64 {
        let text = self.proc("stat");
        // After the name, which may hold anything; the 14th and 15th field of `proc_pid_stat(5)`.
        let (_, fields) = text.rsplit_once(") ").unwrap();
        let mut fields = fields.split(' ').skip(11);
        let mut ticks = || -> f64 { fields.next().unwrap().parse().unwrap() };
        (ticks() + ticks()) / TICKS
    }

    /// Mebibytes of memory: now, and at most so far.
    pub(crate) fn memory(&self) -> (f64, f64) {
        let text = self.proc("status");
        let field = |name: &str| -> f64 {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap();
            let kib: f64 = line.split_whitespace().next().unwrap().parse().unwrap();
            kib / 1024.0
        };
        (field("VmRSS:"), field("VmHWM:"))
    }

    fn proc(&self, file: &str) -> String {
        let path = Path::new("/proc")
            .join(self.child.id().to_string())
            .join(file);
        std::fs::read_to_string(path).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn webhook(address: SocketAddr, files: &Files) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovverify-webhook"));
    command.env_clear();
    command.args(["--listen", &address.to_string(), "--log-level", "error"]);
    let tls = files.tls();
    for (flag, path) in [
        ("--tls-cert", &tls.certificate),
        ("--tls-key", &tls.key),
        ("--policy", &files.policy()),
        ("--config", &files.configuration()),
    ] {
        command.arg(flag).arg(path);
    }
    command
}

/// A port that was free a moment ago.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}
