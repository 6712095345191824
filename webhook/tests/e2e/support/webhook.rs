//! Our binary, run as an operator runs it: files, flags, a port.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use sovverify_testbed::http::Request;
use sovverify_testbed::process::Process;
use sovverify_testbed::registry::free_address;

use super::api::Api;
use super::authority::{Authority, Identity};
use super::patience::{PATIENCE, until};

/// What one webhook is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Policies, each a document of its own file.
    pub(crate) policies: BTreeMap<String, String>,
    /// The `spec` of its `Configuration`, with an indentation of two.
    pub(crate) configuration: String,
    /// More flags.
    pub(crate) flags: Vec<String>,
    /// Where it listens; a free port where nothing is said.
    pub(crate) address: Option<SocketAddr>,
}

impl Settings {
    /// Files alone: one policy.
    pub(crate) fn policy(text: impl Into<String>) -> Self {
        let policies = [("policy.yaml".to_owned(), text.into())];
        Self {
            policies: policies.into(),
            ..Self::default()
        }
    }

    /// One more flag.
    pub(crate) fn flag(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// With access to the API server, as whoever this configuration names.
    pub(crate) fn in_cluster(self, configuration: &Path) -> Self {
        let configuration = configuration.display();
        self.flag("--cluster")
            .flag(format!("--kubeconfig={configuration}"))
    }

    /// Registries on this machine that speak plain HTTP, or proxies before them.
    pub(crate) fn registries(self, addresses: &[SocketAddr]) -> Self {
        let list: Vec<String> = addresses.iter().map(|a| format!("\"{a}\"")).collect();
        let list = list.join(", ");
        let line = format!("  registries: {{ insecure: [{list}], local: [{list}] }}\n");
        self.configured(&line)
    }

    /// More lines for the `spec` of the `Configuration`.
    pub(crate) fn configured(mut self, lines: &str) -> Self {
        self.configuration.push_str(lines);
        self
    }
}

/// A running webhook, which ends with this value.
pub(crate) struct Webhook {
    /// Where its files are.
    folder: PathBuf,
    address: SocketAddr,
    metrics: SocketAddr,
    api: Api,
    settings: Settings,
    process: Option<Process>,
}

impl Webhook {
    /// Starts one and waits until it says that it is ready.
    pub(crate) fn start(authority: &Authority, folder: &Path, settings: Settings) -> Self {
        let mut webhook = Self::prepare(authority, folder, settings);
        webhook.run();
        webhook.wait_until_ready();
        webhook
    }

    /// Writes its files; nothing runs yet.
    pub(crate) fn prepare(authority: &Authority, folder: &Path, settings: Settings) -> Self {
        let address = settings.address.unwrap_or_else(free_address);
        let webhook = Self {
            folder: folder.to_owned(),
            address,
            metrics: free_address(),
            api: Api::anonymous(address, authority),
            settings,
            process: None,
        };
        std::fs::create_dir(webhook.policies()).unwrap();
        for (name, text) in &webhook.settings.policies {
            std::fs::write(webhook.policies().join(name), text).unwrap();
        }
        webhook.certify(&authority.server(&format!("webhook-{}", address.port())));
        let configuration = format!(
            "apiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\n\
             metadata: {{ name: e2e }}\nspec:\n  unmatched: deny\n{}",
            webhook.settings.configuration
        );
        std::fs::write(webhook.file("configuration.yaml"), configuration).unwrap();
        webhook
    }

    /// Starts it, and does not wait.
    pub(crate) fn run(&mut self) {
        assert!(self.process.is_none(), "a webhook that does not run yet");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sovverify-webhook"));
        let mut file = |flag: &str, path: PathBuf| {
            command.arg(flag).arg(path);
        };
        file("--config", self.file("configuration.yaml"));
        file("--tls-cert", self.file("tls.crt"));
        file("--tls-key", self.file("tls.key"));
        if !self.settings.policies.is_empty() {
            file("--policy", self.policies());
        }
        command.args(["--listen", &self.address.to_string()]);
        command.args(["--metrics-listen", &self.metrics.to_string()]);
        command.args(["--log-level", "debug"]);
        command.args(&self.settings.flags);
        command.env("HOME", &self.folder).current_dir(&self.folder);
        self.process = Some(Process::start("the webhook", &command));
    }

    /// Waits until it says that it is ready.
    #[track_caller]
    pub(crate) fn wait_until_ready(&self) {
        until("the webhook to be ready", || {
            let process = self.process();
            assert!(!process.has_ended(), "it ended:\n{}", process.log());
            let asked = self
                .api
                .try_ask(&reqwest::Method::GET, "/readyz", None)
                .ok()?;
            asked.is_ok().then_some(())
        });
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&mut self) {
        drop(self.process.take().expect("a webhook that runs"));
    }

    /// Asks it to end, and waits until it did.
    #[track_caller]
    pub(crate) fn stop(&mut self) {
        let mut process = self.process.take().expect("a webhook that runs");
        process.signal("TERM");
        assert!(process.ended_within(PATIENCE), "{}", process.log());
    }

    /// Starts it again at the same address, and waits until it is ready.
    #[track_caller]
    pub(crate) fn start_again(&mut self) {
        self.run();
        self.wait_until_ready();
    }

    /// The program, with its log.
    #[track_caller]
    pub(crate) fn process(&self) -> &Process {
        self.process.as_ref().expect("a webhook that runs")
    }

    /// Where it listens for reviews.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that asks it directly.
    pub(crate) const fn api(&self) -> &Api {
        &self.api
    }

    /// One of its files.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a policy anew, in one step, as a mounted volume changes.
    pub(crate) fn write_policy(&self, text: &str) {
        replace(&self.policies().join("policy.yaml"), text.as_bytes());
    }

    /// Gives it another certificate: the key first, as no tool promises an order.
    pub(crate) fn certify(&self, identity: &Identity) {
        let files = [
            ("tls.key", &identity.key),
            ("tls.crt", &identity.certificate),
        ];
        for (name, from) in files {
            replace(&self.file(name), &std::fs::read(from).unwrap());
        }
    }

    /// The sum of a metric over all its label sets that contain `labels`.
    pub(crate) fn metric(&self, name: &str, labels: &str) -> f64 {
        let text = self.metrics();
        let samples = text.lines().filter(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(['{', ' '])) && line.contains(labels)
        });
        let values = samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        values.sum()
    }

    /// All metrics.
    pub(crate) fn metrics(&self) -> String {
        let answer = Request::new("GET", "/metrics").send(self.metrics).unwrap();
        assert_eq!(answer.status, 200);
        String::from_utf8(answer.body).unwrap()
    }

    fn policies(&self) -> PathBuf {
        self.file("policies")
    }
}

/// Replaces a file as a whole.
fn replace(path: &Path, content: &[u8]) {
    let fresh = path.with_extension("fresh");
    std::fs::write(&fresh, content).unwrap();
    std::fs::rename(&fresh, path).unwrap();
}
