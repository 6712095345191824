//! Real registries: one with the referrers API, one without; and what pushing needs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use sovverify_forge::digest_of;

use crate::http::{Request, Response};
use crate::kit::Kit;
use crate::process::Process;

/// The media type of an image.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The media type of an image for several platforms.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Which registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flavour {
    /// With the referrers API.
    Referrers,
    /// Without: clients keep an index under a tag of the subject's digest.
    Plain,
}

/// A running registry, which ends with this value.
pub struct Registry {
    address: SocketAddr,
    process: Process,
    storage: PathBuf,
}

/// A port that was free a moment ago may be taken by somebody else: how often to try another one.
const START_ATTEMPTS: usize = 5;

/// How long a registry may take until it listens; it takes a tenth of a second.
const START_TIME: Duration = Duration::from_mins(1);

/// Who may read from a registry that asks for a name: its user and password.
pub const READER: (&str, &str) = ("reader", "open sesame");

/// The line of `htpasswd -nbB` for [`READER`]: the only form that `distribution` reads.
const READER_LINE: &str = "reader:$2a$04$86a3Xmm4/YX5M7hXwgc50uEVqOL.jJDZLJDKXkXCaDcsY50DYo3zm";

impl Registry {
    /// Starts a registry on a free loopback port and waits until it says that it listens.
    pub fn start(kit: &Kit, flavour: Flavour) -> Self {
        let storage = kit.fresh("registry");
        Self::start_with(|| {
            let address = free_address();
            let command = match flavour {
                Flavour::Referrers => referrers(kit, address),
                Flavour::Plain => plain(kit, address, &storage, ""),
            };
            (address, command, storage.clone())
        })
    }

    /// Starts a second registry without the referrers API that has what `open` has, and gives it only to
    /// who says that they are [`READER`].
    pub fn guarded(kit: &Kit, open: &Self) -> Self {
        let users = kit.write("htpasswd", format!("{READER_LINE}\n"));
        let auth = format!(
            "auth: {{htpasswd: {{realm: testbed, path: \"{}\"}}}}\n",
            users.display()
        );
        Self::start_with(|| {
            let address = free_address();
            let command = plain(kit, address, &open.storage, &auth);
            (address, command, open.storage.clone())
        })
    }

    fn start_with(attempt: impl Fn() -> (SocketAddr, Command, PathBuf)) -> Self {
        let started = (0..START_ATTEMPTS).find_map(|_| {
            let (address, command, storage) = attempt();
            let process = Process::start(&format!("the registry at {address}"), &command);
            process.says("listening", START_TIME)?; // or it ended: the port was taken
            Some(Self {
                address,
                process,
                storage,
            })
        });
        started.expect("a registry that starts")
    }

    /// Where it listens: also its name in references.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The program, with its log.
    pub const fn process(&self) -> &Process {
        &self.process
    }

    /// Sends one request.
    pub fn send(&self, request: &Request) -> Response {
        request
            .send(self.address)
            .expect("an answer of the registry")
    }

    /// Pushes a blob and describes it.
    pub fn push_blob(&self, repository: &str, media_type: &str, bytes: &[u8]) -> Value {
        let digest = digest_of(bytes);
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
    pub fn push_manifest(&self, repository: &str, tag: Option<&str>, manifest: &Value) -> Value {
        let bytes = manifest.to_string().into_bytes();
        let digest = digest_of(&bytes);
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
    pub fn manifest(&self, repository: &str, name: &str) -> Option<Response> {
        let get = Request::new("GET", &format!("/v2/{repository}/manifests/{name}"))
            .header("accept", &format!("{MANIFEST}, {INDEX}"));
        Some(self.send(&get)).filter(|answer| answer.status == 200)
    }

    /// Gets a blob that must be there.
    pub fn blob(&self, repository: &str, digest: &str) -> Vec<u8> {
        self.find_blob(repository, digest).expect("a blob")
    }

    /// Gets a blob if it is there.
    pub fn find_blob(&self, repository: &str, digest: &str) -> Option<Vec<u8>> {
        let target = format!("/v2/{repository}/blobs/{digest}");
        let answer = self.send(&Request::new("GET", &target));
        (answer.status == 200).then_some(answer.body)
    }

    /// The list of referrers, if this registry keeps one.
    pub fn referrers(&self, repository: &str, digest: &str) -> Option<Response> {
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

/// A registry with the referrers API, which keeps everything in memory.
fn referrers(kit: &Kit, address: SocketAddr) -> Command {
    let mut command = Command::new(&kit.referrers);
    command.env("FERRO_OCI_LISTEN", address.to_string());
    command
}

/// A registry without it, which keeps everything in a folder.
fn plain(kit: &Kit, address: SocketAddr, storage: &Path, more: &str) -> Command {
    let storage = storage.display();
    let config = kit.write(
        &format!("registry-{}.yml", address.port()),
        format!(
            "version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: \"{storage}\"}}}}\n\
             http: {{addr: \"{address}\"}}\n{more}"
        ),
    );
    let mut command = Command::new(&kit.plain);
    command.arg("serve").arg(config);
    command.env("OTEL_TRACES_EXPORTER", "none");
    command
}

/// A loopback address that nobody listens on right now.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}
