//! The folder of real data, and the statements in it.

use std::path::PathBuf;

use base64::Engine as _;
use serde_json::Value;

/// The folder.
pub(crate) struct Corpus {
    root: PathBuf,
    rows: Vec<Vec<String>>,
}

/// A statement's predicate.
pub(crate) struct Predicate {
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Corpus {
    /// Loads the manifest, or says why the test is skipped.
    pub(crate) fn load() -> Option<Self> {
        let root = sovverify_forge::realdata()?;
        let text = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap();
        let rows = table(&text);
        Some(Self { root, rows })
    }

    /// The rows of the manifest: path, kind, expected, subject, identity, …; the note is the last.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The text of a file named relative to the manifest.
    pub(crate) fn text(&self, relative: &str) -> String {
        let path = self.root.join(relative);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn has(&self, relative: &str) -> bool {
        self.root.join(relative).exists()
    }

    /// The names in a folder, in order; none where there is no such folder.
    pub(crate) fn names(&self, relative: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join(relative))
            .into_iter()
            .flatten();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// The predicates in a file: a bundle, an envelope, a line of JSON with one, or npm's list.
    pub(crate) fn predicates(&self, relative: &str) -> Vec<Predicate> {
        let text = self.text(relative);
        let value: Value = serde_json::from_str(&text)
            .or_else(|_| serde_json::from_str(text.lines().next().unwrap_or_default()))
            .unwrap_or_else(|error| panic!("{relative}: {error}"));
        match value["attestations"].as_array() {
            Some(list) => list
                .iter()
                .filter_map(|one| predicate(&one["bundle"]))
                .collect(),
            None => predicate(&value).into_iter().collect(),
        }
    }

    /// The predicates of every envelope among the blobs of an OCI layout.
    pub(crate) fn attached(&self, layout: &str) -> Vec<Predicate> {
        let folder = format!("{layout}/blobs/sha256");
        let envelope = |name: String| {
            let bytes = std::fs::read(self.root.join(&folder).join(name)).unwrap();
            predicate(&serde_json::from_slice(&bytes).ok()?)
        };
        self.names(&folder)
            .into_iter()
            .filter_map(envelope)
            .collect()
    }
}

/// A file of tab-separated values, without its header.
pub(crate) fn table(text: &str) -> Vec<Vec<String>> {
    let fields = |line: &str| line.split('\t').map(ToOwned::to_owned).collect();
    text.lines().skip(1).map(fields).collect()
}

/// The predicate under a bundle or an envelope. The text is that of the payload as signed, as far
/// as a reader of JSON can see.
fn predicate(value: &Value) -> Option<Predicate> {
    #[derive(serde::Deserialize)]
    struct Statement<'a> {
        #[serde(rename = "predicateType")]
        predicate_type: String,
        #[serde(borrow)]
        predicate: &'a serde_json::value::RawValue,
    }
    let envelope = value.get("dsseEnvelope").unwrap_or(value);
    let payload = base64::engine::general_purpose::STANDARD
        .decode(envelope["payload"].as_str()?)
        .ok()?;
    let statement: Statement<'_> = serde_json::from_slice(&payload).ok()?;
    Some(Predicate {
        kind: statement.predicate_type,
        text: statement.predicate.get().to_owned(),
    })
}
