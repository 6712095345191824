//! A registry on loopback that is also the proxy to everything else, so that no request leaves this
//! machine, and that every one is seen with the host that it was meant for.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

use crate::answers::{Answer, Kind};

/// The registry that is asked for the image.
pub const REGISTRY: &str = "registry.example";
/// The token service that belongs to it.
pub const TOKENS: &str = "auth.example";
/// A place to which it may redirect.
pub const STORAGE: &str = "storage.example";
/// The repository, and the tag of the one image in it.
pub const REPOSITORY: &str = "team/app";
pub const TAG: &str = "v1";

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Bytes of a request's head or body; ours are far shorter.
const MAX_REQUEST: u64 = 1024 * 1024;

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub host: String,
    pub path: String,
    pub authorization: Option<String>,
    pub body: Vec<u8>,
}

/// The running server; it ends with the process.
#[derive(Clone)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    shelf: Shelf,
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    asked: Vec<Asked>,
}

impl Server {
    /// Serves the quickstart image of `testdata`.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let shared = Arc::new(Shared {
            shelf: Shelf::of_quickstart(),
            script: Mutex::default(),
        });
        let (address, serving) = (listener.local_addr(), Arc::clone(&shared));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.connection(connection));
            }
        });
        Self {
            address: address.expect("an address"),
            shared,
        }
    }

    /// As a proxy.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on these are the answers, before the honest ones.
    pub fn script(&self, answers: VecDeque<Answer>) {
        let asked = Vec::new();
        *self.shared.script() = Script { answers, asked };
    }

    /// Every request since then.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.script().asked)
    }
}

impl Shared {
    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection(&self, connection: TcpStream) {
        // A client that goes away ends its connection, and nothing else.
        let _ = connection.set_nodelay(true);
        let Ok(mut writer) = connection.try_clone() else {
            return;
        };
        let mut reader = BufReader::new(connection);
        while let Some((method, asked)) = read(&mut reader) {
            // Nothing is behind this proxy but what it serves itself.
            let answer = if method == "CONNECT" {
                refusal(403)
            } else {
                self.answer(asked)
            };
            if writer.write_all(&written(&answer)).is_err() {
                return;
            }
        }
    }

    fn answer(&self, asked: Asked) -> Answer {
        let kind = Kind::of_path(&asked.path);
        let honest = self.shelf.answer(&asked.path);
        let mut script = self.script();
        script.asked.push(asked);
        let place = script.answers.iter().position(|answer| answer.kind == kind);
        let scripted = place.and_then(|place| script.answers.remove(place));
        scripted.unwrap_or(honest)
    }
}

/// One request off a connection.
fn read(reader: &mut BufReader<TcpStream>) -> Option<(String, Asked)> {
    let mut head = reader.by_ref().take(MAX_REQUEST);
    let mut line = String::new();
    head.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let (method, target) = line.split_once(' ')?;
    let target = target.split(' ').next()?;
    let (host, path) = match target.strip_prefix("http://") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => (target, ""),
    };
    let (mut authorization, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        head.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.to_owned()),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = Vec::new();
    reader.by_ref().take(length).read_to_end(&mut body).ok()?;
    let asked = Asked {
        host: host.to_owned(),
        path: path.to_owned(),
        authorization,
        body,
    };
    Some((method.to_owned(), asked))
}

/// The bytes of an answer. Its length is always the true one: what is wrong about lengths is tested with
/// a clock, and costs a fuzzer a pause each time.
fn written(answer: &Answer) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {} X\r\n", answer.status).into_bytes();
    for (name, value) in &answer.headers {
        let framing = [&b"content-length"[..], b"transfer-encoding", b"connection"];
        if framing
            .iter()
            .any(|framing| name.trim_ascii().eq_ignore_ascii_case(framing))
        {
            continue;
        }
        out.extend_from_slice(name);
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend(format!("content-length: {}\r\n\r\n", answer.body.len()).into_bytes());
    // These have no body, whatever their length says.
    if !matches!(answer.status, 204 | 304) {
        out.extend_from_slice(&answer.body);
    }
    out
}

fn refusal(status: u16) -> Answer {
    Answer {
        kind: Kind::Other,
        status,
        headers: Vec::new(),
        body: Vec::new(),
    }
}

/// What the registry holds.
struct Shelf {
    blobs: BTreeMap<String, Vec<u8>>,
    root: String,
}

impl Shelf {
    fn of_quickstart() -> Self {
        let layout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/images/quickstart");
        let index = fs::read(layout.join("index.json")).expect("an index");
        let index: Value = serde_json::from_slice(&index).expect("JSON");
        // The image is the one entry that has a name.
        let named =
            |entry: &&Value| !entry["annotations"]["org.opencontainers.image.ref.name"].is_null();
        let entries = index["manifests"].as_array().expect("entries");
        let root = entries.iter().find(named).unwrap_or(&entries[0]);
        let files = fs::read_dir(layout.join("blobs/sha256")).expect("blobs");
        let blobs = files.map(|file| {
            let file = file.expect("a blob");
            let digest = format!("sha256:{}", file.file_name().to_string_lossy());
            (digest, fs::read(file.path()).expect("a blob"))
        });
        Self {
            blobs: blobs.collect(),
            root: root["digest"].as_str().expect("a digest").to_owned(),
        }
    }

    fn answer(&self, path: &str) -> Answer {
        let path = path.split('?').next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        match Kind::of_path(path) {
            Kind::Token => found(
                "application/json",
                br#"{"token":"of the service"}"#.to_vec(),
            ),
            Kind::Referrers => found(INDEX, self.referrers(name).to_string().into_bytes()),
            Kind::Manifests | Kind::Blobs => {
                let digest = if name == TAG { &self.root } else { name };
                let Some(bytes) = self.blobs.get(digest) else {
                    return refusal(404);
                };
                let document: Value = serde_json::from_slice(bytes).unwrap_or_default();
                found(
                    document["mediaType"].as_str().unwrap_or(MANIFEST),
                    bytes.clone(),
                )
            }
            Kind::Other => refusal(404),
        }
    }

    fn referrers(&self, subject: &str) -> Value {
        let about = self.blobs.iter().filter_map(|(digest, bytes)| {
            let document: Value = serde_json::from_slice(bytes).ok()?;
            (document["subject"]["digest"] == subject).then(|| {
                json!({
                    "mediaType": MANIFEST, "digest": digest, "size": bytes.len(),
                    "artifactType": document["artifactType"],
                })
            })
        });
        let manifests: Vec<Value> = about.collect();
        json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests })
    }
}

fn found(media_type: &str, body: Vec<u8>) -> Answer {
    Answer {
        status: 200,
        headers: vec![(b"content-type".to_vec(), media_type.as_bytes().to_vec())],
        body,
        ..refusal(200)
    }
}
