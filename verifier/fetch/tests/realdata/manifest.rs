//! The manifest of the real data.

use std::path::PathBuf;

/// The manifest, and the folder that it describes.
pub(crate) struct Manifest {
    root: PathBuf,
    rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) path: String,
    pub(crate) kind: String,
    pub(crate) expected: String,
    pub(crate) subject: String,
    pub(crate) identity: String,
    pub(crate) issuer: String,
    pub(crate) trust_root: String,
    pub(crate) as_of: String,
}

impl Manifest {
    /// Loads the manifest, or says why the test is skipped.
    pub(crate) fn load() -> Option<Self> {
        let root = sovverify_forge::realdata()?;
        let text = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap();
        let rows = text.lines().skip(1).map(Row::parse).collect();
        Some(Self { root, rows })
    }

    /// Every row whose path starts with `prefix` and which has a verdict.
    pub(crate) fn rows<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Row> {
        self.all(prefix)
            .filter(|row| row.expected.starts_with("valid") || row.expected == "invalid")
    }

    /// Every row whose path starts with `prefix`.
    pub(crate) fn all<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows
            .iter()
            .filter(move |row| row.path.starts_with(prefix))
    }

    /// The file or folder of a row, or of anything named relative to the manifest.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The names of the files in a folder named relative to the manifest, those in folders below it
    /// with their path, in order.
    pub(crate) fn files(&self, relative: &str) -> Vec<String> {
        let mut found = Vec::new();
        let folder = self.path(relative);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                let below = self.files(&format!("{relative}/{name}"));
                found.extend(below.iter().map(|file| format!("{name}/{file}")));
            } else {
                found.push(name);
            }
        }
        found.sort();
        assert!(!found.is_empty(), "{}: no file", folder.display());
        found
    }

    /// The number of rows.
    pub(crate) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The bytes of a file named relative to the manifest.
    pub(crate) fn read(&self, relative: &str) -> Vec<u8> {
        let path = self.path(relative);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
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
            as_of: field(7),
        }
    }

    /// Whether the manifest expects the evidence to verify.
    pub(crate) fn is_positive(&self) -> bool {
        self.expected.starts_with("valid")
    }

    /// The family: the first folder of the path.
    pub(crate) fn family(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}
