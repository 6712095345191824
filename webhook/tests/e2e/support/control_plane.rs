//! A real control plane: etcd, the API server, the controllers. No node and no scheduler: what was
//! admitted stays pending, and admission is all that is asked about here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rcgen::KeyPair;
use serde_json::json;
use sovverify_testbed::process::Process;
use sovverify_testbed::registry::free_address;

use super::api::Api;
use super::authority::{Authority, Identity};
use super::kubectl::Kubectl;
use super::patience::until;
use super::programs::Programs;

/// The controllers that turn workloads into pods, and what namespaces need. The others have nothing to
/// do where there is no node, no volume and no cloud.
const CONTROLLERS: &str = "\
    deployment-controller,replicaset-controller,replicationcontroller-controller,\
    statefulset-controller,daemonset-controller,job-controller,cronjob-controller,\
    namespace-controller,serviceaccount-controller,garbage-collector-controller,\
    resourcequota-controller";

/// How long the parts may take until they are ready; it takes about three seconds.
const START_TIME: Duration = Duration::from_mins(2);

/// A port that was free a moment ago may be taken by somebody else: how often to try other ones.
const START_ATTEMPTS: usize = 3;

/// Lines of each log that explain a failure elsewhere.
const LOG_LINES: usize = 30;

/// A running control plane, which ends with this value.
pub(crate) struct ControlPlane {
    /// Who vouches for its servers and users.
    pub(crate) authority: Authority,
    programs: Programs,
    folder: PathBuf,
    address: SocketAddr,
    admin: Identity,
    // In this order they end: nobody complains about somebody who is gone already.
    controllers: Process,
    api_server: Option<Process>,
    etcd: Etcd,
}

struct Etcd {
    process: Process,
    address: SocketAddr,
}

impl ControlPlane {
    /// Starts everything and waits until the API server says that it is ready.
    pub(crate) fn start(programs: Programs, folder: &Path) -> Self {
        let authority = Authority::new(folder);
        authority.server("api-server");
        let admin = authority.user("admin", "admin", Some("system:masters"));
        let key = KeyPair::generate().unwrap();
        let file = |name: &str| folder.join(name);
        std::fs::write(file("service-accounts.key"), key.serialize_pem()).unwrap();
        std::fs::write(file("service-accounts.pub"), key.public_key_pem()).unwrap();
        let etcd = Etcd::start(&programs, folder);
        let (address, api_server) = (0..START_ATTEMPTS)
            .find_map(|_| {
                let address = free_address();
                let process = api_server(&programs, folder, address, etcd.address);
                let api = Api::new(address, &authority, &admin);
                if is_ready(&process, &api) {
                    return Some((address, process));
                }
                println!("the API server ended:\n{}", process.log());
                None
            })
            .expect("an API server that starts");
        let configuration = configuration(folder, address, "admin", &admin);
        let controllers = controllers(&programs, folder, &configuration);
        Self {
            authority,
            programs,
            folder: folder.to_owned(),
            address,
            admin,
            controllers,
            api_server: Some(api_server),
            etcd,
        }
    }

    /// The administrator.
    pub(crate) fn admin(&self) -> Api {
        Api::new(self.address, &self.authority, &self.admin)
    }

    /// The administrator's kubectl.
    pub(crate) fn kubectl(&self) -> Kubectl {
        let program = self.programs.kubectl.clone();
        let configuration = self.folder.join("admin.kubeconfig");
        Kubectl::new(program, configuration, self.folder.clone())
    }

    /// A configuration for somebody with a token.
    pub(crate) fn configuration_with_token(&self, name: &str, token: &str) -> PathBuf {
        let user = json!({ "token": token });
        write_configuration(&self.folder, self.address, name, &user)
    }

    /// The ends of all logs.
    pub(crate) fn logs(&self) -> String {
        let parts = [
            ("etcd", Some(&self.etcd.process)),
            ("the API server", self.api_server.as_ref()),
            ("the controllers", Some(&self.controllers)),
        ];
        let logs = parts.map(|(name, process)| {
            let log = process.map(Process::log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().rev().take(LOG_LINES).collect();
            let lines: Vec<&str> = lines.into_iter().rev().collect();
            format!("end of the log of {name}:\n{}\n", lines.join("\n"))
        });
        logs.concat()
    }

    /// Ends the API server without a warning, and starts it again at the same address.
    pub(crate) fn restart_api_server(&mut self) {
        drop(self.api_server.take());
        let process = api_server(
            &self.programs,
            &self.folder,
            self.address,
            self.etcd.address,
        );
        assert!(is_ready(&process, &self.admin()), "{}", process.log());
        self.api_server = Some(process);
    }
}

impl Etcd {
    fn start(programs: &Programs, folder: &Path) -> Self {
        let started = (0..START_ATTEMPTS).find_map(|_| {
            let (address, peers) = (free_address(), free_address());
            let (ours, theirs) = (format!("http://{address}"), format!("http://{peers}"));
            let mut command = Command::new(&programs.etcd);
            command
                .args(["--name", "e2e", "--unsafe-no-fsync", "--log-level", "warn"])
                .args(["--logger", "zap"])
                // It is alone: nobody has to be waited for before it may lead.
                .args(["--heartbeat-interval", "20", "--election-timeout", "200"])
                .args(["--listen-client-urls", &ours])
                .args(["--advertise-client-urls", &ours])
                .args(["--listen-peer-urls", &theirs])
                .args(["--initial-advertise-peer-urls", &theirs])
                .args(["--initial-cluster", &format!("e2e={theirs}")])
                .arg("--data-dir")
                .arg(folder.join(format!("etcd-{}", address.port())));
            let process = Process::start("etcd", &command);
            let healthy = until("etcd to be healthy", || {
                if process.has_ended() {
                    return Some(false); // the port was taken
                }
                let asked = sovverify_testbed::http::Request::new("GET", "/health").send(address);
                asked
                    .is_ok_and(|answer| answer.status == 200)
                    .then_some(true)
            });
            healthy.then_some(Self { process, address })
        });
        started.expect("etcd that starts")
    }
}

/// Starts the API server; it is not ready yet.
fn api_server(
    programs: &Programs,
    folder: &Path,
    address: SocketAddr,
    etcd: SocketAddr,
) -> Process {
    let mut command = Command::new(&programs.api_server);
    let file = |name: &str| folder.join(name).display().to_string();
    command
        .arg(format!("--etcd-servers=http://{etcd}"))
        .arg(format!("--bind-address={}", address.ip()))
        .arg(format!("--advertise-address={}", address.ip()))
        .arg(format!("--secure-port={}", address.port()))
        .arg(format!("--tls-cert-file={}", file("api-server.crt")))
        .arg(format!("--tls-private-key-file={}", file("api-server.key")))
        .arg(format!("--client-ca-file={}", file("ca.crt")));
    for (flag, name) in [("key", "pub"), ("signing-key", "key")] {
        let key = file(&format!("service-accounts.{name}"));
        command.arg(format!("--service-account-{flag}-file={key}"));
    }
    command.args([
        "--service-account-issuer=https://kubernetes.default.svc",
        // Nothing leaves the machine: an address of a service is one of loopback, where nobody listens.
        "--service-cluster-ip-range=127.128.0.0/24",
        "--authorization-mode=RBAC",
        "--endpoint-reconciler-type=none",
        "--anonymous-auth=false",
    ]);
    command.current_dir(folder);
    Process::start("the API server", &command)
}

/// Waits until it is ready; `false` when it ended before.
fn is_ready(process: &Process, api: &Api) -> bool {
    let begin = std::time::Instant::now();
    until("the API server to be ready", || {
        assert!(begin.elapsed() < START_TIME, "{}", process.log());
        if process.has_ended() {
            return Some(false);
        }
        let asked = api.try_ask(&reqwest::Method::GET, "/readyz", None);
        asked.is_ok_and(|answer| answer.is_ok()).then_some(true)
    })
}

/// Starts the controllers. They are ready when what they make is there.
fn controllers(programs: &Programs, folder: &Path, configuration: &Path) -> Process {
    let mut command = Command::new(&programs.controller_manager);
    let key = folder.join("service-accounts.key");
    command
        .arg(format!("--kubeconfig={}", configuration.display()))
        .arg(format!(
            "--service-account-private-key-file={}",
            key.display()
        ))
        .arg(format!("--controllers={CONTROLLERS}"))
        .args(["--leader-elect=false", "--secure-port=0"])
        .current_dir(folder);
    Process::start("the controllers", &command)
}

/// Writes the configuration of a user with a certificate.
fn configuration(folder: &Path, server: SocketAddr, name: &str, user: &Identity) -> PathBuf {
    let user = json!({ "client-certificate": user.certificate, "client-key": user.key });
    write_configuration(folder, server, name, &user)
}

/// Writes a configuration in JSON, which is YAML.
fn write_configuration(
    folder: &Path,
    server: SocketAddr,
    name: &str,
    user: &serde_json::Value,
) -> PathBuf {
    let path = folder.join(format!("{name}.kubeconfig"));
    let cluster = json!({
        "server": format!("https://{server}"),
        "certificate-authority": folder.join("ca.crt"),
    });
    let document = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
        "clusters": [{ "name": "e2e", "cluster": cluster }],
        "users": [{ "name": name, "user": user }],
        "contexts": [{ "name": "e2e", "context": { "cluster": "e2e", "user": name } }],
    });
    std::fs::write(&path, document.to_string()).unwrap();
    path
}
