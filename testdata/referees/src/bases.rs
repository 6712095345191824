//! What is asked first as it is, and then with one lie or two: real bundles by others with a known artifact,
//! signer and trusted root, and those of our own forge.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::case::{Case, Demands, Signer, Subject, UNCHANGED};
use crate::forged;

/// The bases, and the folder in which the trusted roots lie that had to be taken out of others.
pub struct Bases {
    /// Every base, once for each way to name its artifact.
    pub cases: Vec<Case>,
    /// Trusted roots, to be confused with each other.
    pub roots: Vec<PathBuf>,
}

/// Kinds of rows that are bundles.
const KINDS: [&str; 3] = [
    "sigstore-bundle",
    "sigstore-conformance-case",
    "slsa-provenance:sigstore-bundle",
];

/// Endings of bundles whose artifact lies beside them.
const ENDINGS: [&str; 3] = [".sigstore.json", ".sigstore", ".intoto.jsonl"];

impl Bases {
    /// Reads them in place; `scratch` takes the roots that are parts of other documents. `None` where
    /// there is no real data, and then the reason was said.
    pub fn load(scratch: &Path) -> Option<Self> {
        let data = RealData {
            folder: sovverify_forge::realdata()?,
            scratch: scratch.to_owned(),
        };
        let text = fs::read_to_string(data.folder.join("MANIFEST.tsv")).expect("the manifest");
        let rows = text.lines().skip(1).map(Row::parse);
        let mut cases: Vec<Case> = rows
            .filter(|row| KINDS.iter().any(|kind| row.kind.starts_with(kind)))
            .filter(|row| row.expected == "valid" || row.expected == "invalid")
            .flat_map(|row| data.cases(&row))
            .collect();
        cases.extend(forged::cases(scratch));
        let mut roots: Vec<PathBuf> = cases.iter().map(|case| case.root.clone()).collect();
        roots.sort();
        roots.dedup();
        Some(Self { cases, roots })
    }
}

/// One row of the manifest.
struct Row {
    path: String,
    kind: String,
    expected: String,
    subject: String,
    identity: String,
    issuer: String,
    trust_root: String,
}

impl Row {
    fn parse(line: &str) -> Self {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |number: usize| fields.get(number).copied().unwrap_or_default().to_owned();
        Self {
            path: field(0),
            kind: field(1),
            expected: field(2),
            subject: field(3),
            identity: field(4),
            issuer: field(5),
            trust_root: field(6),
        }
    }
}

/// The folder with data by others, and one of our own.
struct RealData {
    folder: PathBuf,
    scratch: PathBuf,
}

impl RealData {
    /// The questions that a row asks; none where its artifact, signer or root is not known.
    fn cases(&self, row: &Row) -> Vec<Case> {
        let Some(path) = self.bundle(row) else {
            return Vec::new();
        };
        let Some(signer) = self.signer(row) else {
            return Vec::new();
        };
        let bundle = one_line(fs::read(&path).expect("a bundle"));
        let mut cases = Vec::new();
        for root in self.roots(row) {
            let text = fs::read_to_string(&root).expect("a trusted root");
            let value: Value = serde_json::from_str(&text).expect("a trusted root in JSON");
            let has = |part: &str| value[part].as_array().is_some_and(|list| !list.is_empty());
            let demands = Demands {
                log: has("tlogs"),
                sct: has("ctlogs"),
            };
            for (how, subject) in self.subjects(row, &path) {
                cases.push(Case {
                    base: format!("{}{how}", row.path),
                    mutation: UNCHANGED.to_owned(),
                    positive: row.expected == "valid",
                    bundle: bundle.clone(),
                    subject,
                    signer: signer.clone(),
                    root: root.clone(),
                    demands,
                });
            }
        }
        cases
    }

    fn bundle(&self, row: &Row) -> Option<PathBuf> {
        let path = self.folder.join(&row.path);
        if path.is_file() {
            return Some(path);
        }
        ["bundle.sigstore.json", "sigstore-bundle.json"]
            .map(|name| path.join(name))
            .into_iter()
            .find(|path| path.is_file())
    }

    fn signer(&self, row: &Row) -> Option<Signer> {
        let beside = ENDINGS
            .iter()
            .filter_map(|ending| row.path.strip_suffix(ending))
            .map(|stem| format!("{stem}.pem"));
        let keys = [format!("{}/key.pub", row.path)].into_iter().chain(beside);
        let key = keys
            .map(|key| self.folder.join(key))
            .find(|key| key.is_file());
        if let Some(key) = key {
            return Some(Signer::Key {
                path: key,
                hash: "sha256",
            });
        }
        let known = !row.identity.is_empty() && !row.issuer.is_empty();
        known.then(|| Signer::Identity {
            identity: row.identity.clone(),
            issuer: row.issuer.clone(),
        })
    }

    /// The trusted root; several where the file has one a line.
    fn roots(&self, row: &Row) -> Vec<PathBuf> {
        let path = self.folder.join(&row.trust_root);
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("json" | "jsonl")) {
            return Vec::new();
        }
        let text = fs::read_to_string(&path).expect("a trusted root");
        if extension == Some("jsonl") {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            return lines.map(|line| self.keep(line)).collect();
        }
        let mut value: Value = serde_json::from_str(&text).expect("a trusted root in JSON");
        let Some(inner) = value.get_mut("trustedRoot") else {
            return vec![path];
        };
        if row.path.starts_with("bundles/sigstore-python-tsa/") {
            // The suite's own timestamp authority, which its client adds to the configuration.
            let own = self.folder.join("bundles/sigstore-python-tsa/ca.json");
            let own = fs::read(own).expect("an authority");
            let authorities = inner["timestampAuthorities"].as_array_mut().unwrap();
            authorities.push(serde_json::from_slice(&own).expect("an authority in JSON"));
        }
        vec![self.keep(&inner.to_string())]
    }

    /// Writes a root into the folder of our own, under a name that depends on nothing else.
    fn keep(&self, text: &str) -> PathBuf {
        let digest = sovverify_forge::digest_of(text.as_bytes()).replace("sha256:", "");
        let path = self.scratch.join(format!("root-{}.json", &digest[..16]));
        fs::write(&path, text).expect("a folder of our own");
        path
    }

    /// The artifact beside the bundle, by its bytes and by its digest, unless the manifest names another
    /// digest; else what is written down.
    fn subjects(&self, row: &Row, bundle: &Path) -> Vec<(&'static str, Subject)> {
        let stems = || {
            let stem = |ending| row.path.strip_suffix(ending);
            ENDINGS.into_iter().filter_map(stem)
        };
        let named = Subject::digest(&row.subject);
        let beside = stems().flat_map(|stem| [stem.to_owned(), format!("{stem}.txt")]);
        let file = [format!("{}/artifact", row.path)]
            .into_iter()
            .chain(beside)
            .map(|path| self.folder.join(path))
            .chain([bundle.with_file_name("artifact.txt")])
            .find(|path| path.is_file() && path != bundle);
        if let Some(file) = file {
            let bytes = fs::read(file).expect("an artifact");
            let digest = Subject::digest(&sovverify_forge::digest_of(&bytes)).expect("a digest");
            if named.as_ref().is_none_or(|named| *named == digest) {
                return vec![("", Subject::Bytes(bytes)), (" (digest)", digest)];
            }
        }
        let written = stems().find_map(|stem| {
            let text = fs::read_to_string(self.folder.join(format!("{stem}.sha256"))).ok()?;
            Subject::digest(&format!("sha256:{}", text.split_whitespace().next()?))
        });
        let subject = named.or(written);
        subject.map(|subject| ("", subject)).into_iter().collect()
    }
}

/// JSON lines hold one bundle here.
fn one_line(bytes: Vec<u8>) -> Vec<u8> {
    if serde_json::from_slice::<Value>(&bytes).is_ok() {
        return bytes;
    }
    let line = bytes.split(|byte| *byte == b'\n').next();
    match line {
        Some(line) if serde_json::from_slice::<Value>(line).is_ok() => line.to_vec(),
        _ => bytes,
    }
}
