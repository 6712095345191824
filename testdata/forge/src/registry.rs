//! A registry on loopback that serves layouts: `GET` of manifests, blobs and referrers, over plain HTTP.
//!
//! It is honest by itself. What it does otherwise, a test says for each request.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::image::{OCI_INDEX, OCI_MANIFEST};
use crate::layout::{Layout, REF_NAME};

/// One request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The path: `/v2/team/app/manifests/v1`.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// How many requests for this path there were before.
    pub before: usize,
}

/// What is done about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is answered honestly.
    Serve,
    /// It is answered honestly after a time.
    ServeAfter(Duration),
    /// It is answered with this status and these header lines.
    Refuse(u16, Vec<(&'static str, String)>),
    /// It is answered with these bytes, whatever was asked for.
    Lie(Vec<u8>),
}

type Behaviour = dyn Fn(&Asked) -> Act + Send + Sync;

/// A running registry; it ends with the process.
#[derive(Clone)]
pub struct Registry {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    repositories: BTreeMap<String, Repository>,
    asked: Mutex<Vec<Asked>>,
    counts: Mutex<BTreeMap<String, usize>>,
    behaviour: Box<Behaviour>,
}

struct Repository {
    blobs: BTreeMap<String, Vec<u8>>,
    tags: BTreeMap<String, String>,
    /// By subject, what was attached to it.
    referrers: BTreeMap<String, Vec<Value>>,
}

impl Registry {
    /// Serves `repositories` by their names, as `behaviour` says.
    pub fn serve(
        repositories: &BTreeMap<String, Layout>,
        behaviour: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            repositories: repositories
                .iter()
                .map(|(name, layout)| (name.clone(), Repository::of(layout)))
                .collect(),
            asked: Mutex::default(),
            counts: Mutex::default(),
            behaviour: Box::new(behaviour),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.connection(connection));
            }
        });
        Self { address, shared }
    }

    /// Host and port, as a registry is named.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// How many requests had a path that contains `part`.
    pub fn count(&self, part: &str) -> usize {
        let counts = self.shared.counts.lock().unwrap();
        let found = counts.iter().filter(|(path, _)| path.contains(part));
        found.map(|(_, count)| count).sum()
    }
}

impl Repository {
    fn of(layout: &Layout) -> Self {
        let mut tags = BTreeMap::new();
        let mut referrers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for entry in &layout.entries {
            if let Some(tag) = entry.annotations.get(REF_NAME) {
                tags.insert(tag.clone(), entry.digest.clone());
            }
            let document: Value =
                serde_json::from_slice(&layout.blobs[&entry.digest]).unwrap_or_default();
            if let Some(subject) = document["subject"]["digest"].as_str() {
                let listed = referrers.entry(subject.to_owned()).or_default();
                listed.push(entry.json());
            }
        }
        Self {
            blobs: layout.blobs.clone(),
            tags,
            referrers,
        }
    }

    fn answer(&self, kind: &str, what: &str) -> Option<(String, Vec<u8>)> {
        if kind == "referrers" {
            let manifests = self.referrers.get(what).cloned().unwrap_or_default();
            let index = json!({
                "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests,
            });
            return Some((OCI_INDEX.to_owned(), index.to_string().into_bytes()));
        }
        let digest = self.tags.get(what).map_or(what, String::as_str);
        let bytes = self.blobs.get(digest)?;
        let media_type = match kind {
            "manifests" => {
                let document: Value = serde_json::from_slice(bytes).unwrap_or_default();
                let named = document["mediaType"].as_str();
                named.unwrap_or(OCI_MANIFEST).to_owned()
            }
            _ => "application/octet-stream".to_owned(),
        };
        Some((media_type, bytes.clone()))
    }
}

impl Shared {
    fn connection(&self, connection: TcpStream) {
        // A client that goes away ends its connection, and nothing else.
        let _ = connection.set_nodelay(true);
        let Ok(mut writer) = connection.try_clone() else {
            return;
        };
        let mut reader = BufReader::new(connection);
        while let Some(asked) = self.read(&mut reader) {
            let (status, headers, body) = self.act(&asked);
            let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(name);
                head.push_str(": ");
                head.push_str(&value);
                head.push_str("\r\n");
            }
            head.push_str("\r\n");
            let mut bytes = head.into_bytes();
            bytes.extend(body);
            if writer.write_all(&bytes).is_err() {
                return;
            }
        }
    }

    fn read(&self, reader: &mut BufReader<TcpStream>) -> Option<Asked> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let target = line.split(' ').nth(1)?;
        let path = target.split('?').next()?.to_owned();
        let mut authorization = None;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("authorization")
            {
                authorization = Some(value.to_owned());
            }
        }
        let before = {
            let mut counts = self.counts.lock().unwrap();
            let count = counts.entry(path.clone()).or_default();
            *count += 1;
            *count - 1
        };
        let asked = Asked {
            path,
            authorization,
            before,
        };
        self.asked.lock().unwrap().push(asked.clone());
        Some(asked)
    }

    fn act(&self, asked: &Asked) -> (u16, Vec<(&'static str, String)>, Vec<u8>) {
        match (self.behaviour)(asked) {
            Act::Serve => self.serve(&asked.path),
            Act::ServeAfter(time) => {
                thread::sleep(time);
                self.serve(&asked.path)
            }
            Act::Refuse(status, headers) => (status, headers, Vec::new()),
            Act::Lie(bytes) => (200, vec![("content-type", OCI_MANIFEST.to_owned())], bytes),
        }
    }

    fn serve(&self, path: &str) -> (u16, Vec<(&'static str, String)>, Vec<u8>) {
        let found = ["manifests", "blobs", "referrers"]
            .into_iter()
            .find_map(|kind| {
                let (name, what) = path
                    .strip_prefix("/v2/")?
                    .split_once(&format!("/{kind}/"))?;
                self.repositories.get(name)?.answer(kind, what)
            });
        match found {
            Some((media_type, bytes)) => (200, vec![("content-type", media_type)], bytes),
            None => (404, Vec::new(), Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn get(registry: &Registry, path: &str) -> String {
        let mut connection = TcpStream::connect(registry.host()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn it_serves_what_a_layout_holds_and_does_otherwise_when_told() {
        let mut layout = Layout::new();
        let image = layout.image("linux/amd64", "app");
        layout.tag(&image, "v1");
        layout.attach(&image, b"{}", &BTreeMap::new());
        let registry = Registry::serve(&[("team/app".to_owned(), layout)].into(), |asked| {
            if asked.path.ends_with("/v2") {
                Act::Refuse(429, vec![("retry-after", "1".to_owned())])
            } else {
                Act::Serve
            }
        });
        let manifest = get(&registry, "/v2/team/app/manifests/v1");
        assert!(manifest.starts_with("HTTP/1.1 200"), "{manifest}");
        let by_digest = format!("/v2/team/app/manifests/{}", image.digest);
        assert_eq!(get(&registry, &by_digest), manifest);
        let listed = get(
            &registry,
            &format!("/v2/team/app/referrers/{}", image.digest),
        );
        assert!(listed.contains("artifactType"), "{listed}");
        let refused = get(&registry, "/v2/team/app/manifests/v2");
        assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
        assert!(get(&registry, "/v2/other/manifests/v1").starts_with("HTTP/1.1 404"));
        assert_eq!(registry.count("/manifests/"), 4);
    }
}
