//! Real registries: one with the referrers API, one without; and what pushing needs.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use sovverify::Digest;

use super::http::{Request, Response};
use super::kit::Kit;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Which registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flavour {
    /// With the referrers API.
    Referrers,
    /// Without: clients keep an index under a tag of the subject's digest.
    Plain,
}

/// A running registry, which ends with this value.
pub(crate) struct Registry {
    address: SocketAddr,
    process: Child,
    log: Arc<Mutex<Vec<String>>>,
}

/// A port that was free a moment ago may be taken by somebody else: how often to try another one.
const START_ATTEMPTS: usize = 5;

impl Registry {
    /// Starts a registry on a free loopback port and waits until it says that it listens.
    pub(crate) fn start(kit: &Kit, flavour: Flavour) -> Self {
        (0..START_ATTEMPTS)
            .find_map(|_| Self::try_start(kit, flavour))
            .expect("a registry that starts")
    }

    fn try_start(kit: &Kit, flavour: Flavour) -> Option<Self> {
        let address = free_address();
        let mut command = match flavour {
            Flavour::Referrers => {
                let mut command = Command::new(&kit.referrers);
                command.env("FERRO_OCI_LISTEN", address.to_string());
                command
            }
            Flavour::Plain => {
                let config = format!(
                    "version: 0.1\nlog: {{level: info}}\nstorage: {{inmemory: {{}}}}\nhttp: {{addr: \"{address}\"}}\n"
                );
                let file = kit.write(&format!("registry-{}.yml", address.port()), config);
                let mut command = Command::new(&kit.plain);
                command.arg("serve").arg(file);
                command.env("OTEL_TRACES_EXPORTER", "none");
                command
            }
        };
        let (reader, writer) = std::io::pipe().unwrap();
        command.stdin(Stdio::null());
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        let process = command.spawn().expect("a registry that can be executed");
        drop(command); // or our own end of the pipe would keep it open
        let log = Arc::default();
        let mut registry = Self {
            address,
            process,
            log: Arc::clone(&log),
        };
        let mut lines = BufReader::new(reader).lines().map_while(Result::ok);
        let listening = lines.by_ref().any(|line| {
            let found = line.contains("listening");
            log.lock().unwrap().push(line);
            found
        });
        if !listening {
            registry.process.wait().unwrap(); // it ended: the port was taken
            return None;
        }
        thread::spawn(move || lines.for_each(|line| log.lock().unwrap().push(line)));
        Some(registry)
    }

    /// Where it listens: also its name in references.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends one request.
    pub(crate) fn send(&self, request: &Request) -> Response {
        request
            .send(self.address)
            .expect("an answer of the registry")
    }

    /// Pushes a blob and describes it.
    pub(crate) fn push_blob(&self, repository: &str, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::sha256(bytes).to_string();
        let start = self.send(&Request::new(
            "POST",
            &format!("/v2/{repository}/blobs/uploads/"),
        ));
        assert_eq!(start.status, 202, "{start:?}");
        let location = start.header("location").unwrap();
        let path = location.split_once("://").map_or(location, |(_, rest)| {
            rest.find('/').map_or("/", |at| &rest[at..])
        });
        let joint = if path.contains('?') { '&' } else { '?' };
        let put = Request::new("PUT", &format!("{path}{joint}digest={digest}"))
            .header("content-type", "application/octet-stream")
            .body(bytes);
        let done = self.send(&put);
        assert_eq!(done.status, 201, "{done:?}");
        json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
    }

    /// Pushes a manifest under a tag, or under its digest, and describes it.
    pub(crate) fn push_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Value,
    ) -> Value {
        let bytes = manifest.to_string().into_bytes();
        let digest = Digest::sha256(&bytes).to_string();
        let media_type = manifest["mediaType"].as_str().unwrap();
        let name = tag.unwrap_or(&digest);
        let put = Request::new("PUT", &format!("/v2/{repository}/manifests/{name}"))
            .header("content-type", media_type)
            .body(&bytes);
        let done = self.send(&put);
        assert_eq!(done.status, 201, "{done:?}");
        if let Some(subject) = manifest["subject"]["digest"].as_str()
            && done.header("oci-subject").is_none()
        {
            self.push_fallback(repository, subject, &digest, &bytes, manifest);
        }
        json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
    }

    /// Gets a manifest by tag or digest.
    pub(crate) fn manifest(&self, repository: &str, name: &str) -> Option<Response> {
        let get = Request::new("GET", &format!("/v2/{repository}/manifests/{name}"))
            .header("accept", &format!("{MANIFEST}, {INDEX}"));
        Some(self.send(&get)).filter(|answer| answer.status == 200)
    }

    /// Gets a blob that must be there.
    pub(crate) fn blob(&self, repository: &str, digest: &str) -> Vec<u8> {
        self.find_blob(repository, digest).expect("a blob")
    }

    /// Gets a blob if it is there.
    pub(crate) fn find_blob(&self, repository: &str, digest: &str) -> Option<Vec<u8>> {
        let target = format!("/v2/{repository}/blobs/{digest}");
        let answer = self.send(&Request::new("GET", &target));
        (answer.status == 200).then_some(answer.body)
    }

    /// The list of referrers, if this registry keeps one.
    pub(crate) fn referrers(&self, repository: &str, digest: &str) -> Option<Response> {
        let get = Request::new("GET", &format!("/v2/{repository}/referrers/{digest}"));
        Some(self.send(&get)).filter(|answer| answer.status == 200)
    }

    /// Keeps the list of referrers for a registry that does not (OCI distribution 1.1, "Referrers
    /// Tag Schema").
    fn push_fallback(
        &self,
        repository: &str,
        subject: &str,
        digest: &str,
        bytes: &[u8],
        manifest: &Value,
    ) {
        let tag = subject.replace(':', "-");
        let mut index = self.manifest(repository, &tag).map_or_else(
            || json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] }),
            |found| serde_json::from_slice(&found.body).unwrap(),
        );
        index["manifests"].as_array_mut().unwrap().push(json!({
            "mediaType": MANIFEST, "digest": digest, "size": bytes.len(),
            "artifactType": manifest["artifactType"],
        }));
        self.push_manifest(repository, Some(&tag), &index);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            let log = self.log.lock().unwrap();
            eprintln!(
                "log of the registry at {}:\n{}",
                self.address,
                log.join("\n")
            );
        }
    }
}

/// A loopback address that nobody listens on right now.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}
