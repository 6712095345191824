//! Mounted files: read as a whole, again when they change, and taken as a whole or not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sovverify::policy::{Configuration, Documents, FileKey, Lenient, PolicySet};
use sovverify::report::escape;
use sovverify::{Digest, Limits};
use sovverify_fetch::load::{self, Exceptions, Loaded, Settings};
use sovverify_fetch::observe::Observed;
use sovverify_fetch::{Discovery, FetchConfig};

use super::print::{Print, Watched};
use super::problem::{Problem, in_file};
use crate::state::GivenException;

/// The mounted files.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// Policy documents: files, or directories of them.
    pub policies: Vec<PathBuf>,
    /// Trust roots, in the same form.
    pub trust: Vec<PathBuf>,
    /// Signed exceptions.
    pub exceptions: Vec<PathBuf>,
    /// The `Configuration` document.
    pub configuration: Option<PathBuf>,
}

impl Paths {
    /// Where documents are.
    fn documents(&self) -> Vec<PathBuf> {
        let configuration = self.configuration.iter();
        let paths = self.policies.iter().chain(&self.trust);
        // One path may be given as both, and its documents are not two for that.
        let paths: BTreeSet<&PathBuf> = paths.chain(configuration).collect();
        paths.into_iter().cloned().collect()
    }
}

/// Whether there is an API server that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// There is: labels of namespaces can be known, and policies may come from objects alone.
    Cluster,
    /// There is not.
    FilesOnly,
}

/// Everything that the mounted files hold.
#[derive(Debug)]
pub(super) struct Mounted {
    /// The documents, and the files that they name.
    pub(super) loaded: Loaded,
    /// Exceptions that count in every namespace.
    pub(super) exceptions: Vec<GivenException>,
    /// Made of the settings.
    pub(super) discovery: Arc<Discovery>,
    /// Bounds of the core.
    pub(super) limits: Limits,
    /// What their author should look at again.
    pub(super) warnings: Vec<String>,
}

/// What came of reading the mounted files, and what has to be looked at for changes.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) result: Result<Mounted, Problem>,
    pub(super) watched: Watched,
}

/// Bytes of everything read for one image, where the configuration says nothing else: three times the largest
/// evidence that one image is known to have.
const TOTAL_BYTES: u64 = 48 * 1024 * 1024;
/// Bytes of evidence in memory for all images together, until they are judged: two of the largest. Reading them
/// takes some more, and all of it must stay below the 256 MiB at which the shipped container is ended.
const HELD_BYTES: u64 = 96 * 1024 * 1024;

/// Times that files are read until two readings in a row saw the same.
const ATTEMPTS: usize = 4;

/// What the mounted files are looked at for before any was read.
pub(super) fn watched(paths: &Paths) -> Watched {
    let documents = paths.documents();
    Watched {
        contents: documents.iter().chain(&paths.exceptions).cloned().collect(),
        trees: BTreeSet::new(),
    }
}

/// Reads the mounted files while they hold still; nothing where they do not. The print is of everything
/// that was read. Blocks.
pub(super) fn read_still(
    paths: &Paths,
    access: Access,
    observed: &Observed,
) -> Option<(Reading, Print)> {
    let mut watched = watched(paths);
    for _ in 0..ATTEMPTS {
        let print = watched.print();
        let reading = read_observed(paths, access, observed);
        // The first time, nobody knows yet which files the documents name.
        if reading.watched == watched && watched.print() == print {
            return Some((reading, print));
        }
        watched = reading.watched;
    }
    None
}

/// Reads the mounted files, and tells nobody of requests to registries.
#[cfg(test)]
pub(super) fn read(paths: &Paths, access: Access) -> Reading {
    read_observed(paths, access, &Observed::default())
}

/// Reads the mounted files. Blocks.
fn read_observed(paths: &Paths, access: Access, observed: &Observed) -> Reading {
    let mut watched = watched(paths);
    let loaded = match load::documents(&paths.documents()) {
        Ok(loaded) => loaded,
        Err(error) => {
            let result = Err(Problem::from(&error));
            return Reading { result, watched };
        }
    };
    let files = loaded.documents.file_requests();
    let databases = loaded.documents.database_requests();
    watched
        .contents
        .extend(files.iter().map(|file| beside(&file.key)));
    watched
        .trees
        .extend(databases.iter().map(|tree| beside(&tree.key)));
    let result = mounted(loaded, paths, (access, observed), &mut watched);
    Reading { result, watched }
}

fn mounted(
    loaded: Loaded,
    paths: &Paths,
    (access, observed): (Access, &Observed),
    watched: &mut Watched,
) -> Result<Mounted, Problem> {
    let set = stands_alone(&loaded, access)?;
    let configuration = set.configuration();
    let credentials = configuration.credential_files.iter().map(beside);
    watched.contents.extend(credentials);
    let mut warnings: Vec<String> = set.warnings().iter().map(in_file).collect();
    let Settings { mut fetch, limits } = Settings::of(configuration);
    warnings.extend(without_helpers(&mut fetch));
    let mut fetch = within_memory(fetch.for_tenants(), configuration);
    fetch.observer = observed.clone();
    let discovery = Discovery::new(fetch).map_err(|error| Problem::from(&error))?;
    // Found now, they are a set that is not taken; found later, every image of a registry would be refused.
    let usable = discovery.check_credentials();
    usable.map_err(|error| Problem::from(&error))?;
    Ok(Mounted {
        exceptions: exceptions(paths)?,
        discovery: Arc::new(discovery),
        limits,
        warnings,
        loaded,
    })
}

/// Compiles the mounted documents by themselves: they may not rest on objects, which anybody with the right
/// to them can delete while the files stay as they are.
fn stands_alone(loaded: &Loaded, access: Access) -> Result<PolicySet, Problem> {
    match access {
        Access::FilesOnly => {
            let set = loaded.compile().map_err(|error| Problem::from(&error))?;
            if set.policies().is_empty() {
                return Err(Problem::new([
                    "policy/invalid: no policy in the mounted documents; expected at least one \
                     `ClusterImagePolicy`; hint: give `--policy`, or `--cluster` for policies that are \
                     resources"
                        .to_owned(),
                ]));
            }
            match set.needs_namespace_labels() {
                None => Ok(set),
                Some(at) => Err(Problem::new([format!(
                    "{}: policy/invalid at line {}: a policy selects namespaces by their labels; expected a \
                     selector of `kubernetes.io/metadata.name` alone, found other labels; hint: without \
                     `--cluster` nothing but the name of a namespace can be known; line: `{}`",
                    escape::show(&at.file),
                    at.line,
                    escape::show(at.source.trim())
                )])),
            }
        }
        Access::Cluster => {
            let compiled = loaded
                .documents
                .compile_lenient(&loaded.files, &loaded.databases);
            let Lenient { policies, broken } = compiled.map_err(|error| Problem::from(&error))?;
            let problems = broken.iter().flat_map(|broken| broken.problems.iter());
            let lines: Vec<String> = problems.map(in_file).collect();
            if lines.is_empty() {
                Ok(policies)
            } else {
                Err(Problem::new(lines))
            }
        }
    }
}

/// Tenants decide how many images are verified at once and what is attached to them, so that bounds which
/// are right for one command are too wide here.
fn within_memory(mut fetch: FetchConfig, configuration: &Configuration) -> FetchConfig {
    if configuration.limits.total_bytes.is_none() {
        fetch.limits.total_bytes = TOTAL_BYTES;
    }
    // One image must be able to have what it may have.
    fetch.limits.held_bytes = HELD_BYTES.max(fetch.limits.total_bytes);
    fetch
}

/// No program is run in a cluster: a document that names helpers may be one for the command line too.
fn without_helpers(fetch: &mut FetchConfig) -> Option<String> {
    let directories = std::mem::take(&mut fetch.credentials.helper_directories);
    (!directories.is_empty()).then(|| {
        "credentials.helperDirectories of the configuration is passed over: in a cluster no credential \
         helper is run"
            .to_owned()
    })
}

fn exceptions(paths: &Paths) -> Result<Vec<GivenException>, Problem> {
    let exceptions = Exceptions::load(&paths.exceptions).map_err(|error| Problem::from(&error))?;
    // Whoever judges an image sets it as the subject.
    let nothing = Digest::sha256(b"");
    let given = exceptions.about(&nothing).into_iter();
    Ok(given
        .map(|evidence| GivenException {
            namespace: None,
            evidence,
        })
        .collect())
}

/// A path that a document names, relative to the document's directory.
fn beside(key: &FileKey) -> PathBuf {
    let directory = Path::new(&key.document).parent();
    directory.unwrap_or(Path::new("")).join(&key.path)
}

impl Mounted {
    /// Nothing mounted, with built-in settings.
    #[cfg(test)]
    pub(super) fn nothing() -> Self {
        let reading = read(&Paths::default(), Access::Cluster);
        reading.result.unwrap()
    }

    /// The documents.
    pub(super) const fn documents(&self) -> &Documents {
        &self.loaded.documents
    }
}

#[cfg(test)]
mod tests {
    use sovverify_fetch::FetchLimits;

    use super::*;

    #[test]
    fn documents_that_name_credentials_which_cannot_be_read_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("configuration.yaml");
        let text = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\n\
                    metadata: { name: settings }\nspec: { credentials: { files: [auth.json] } }\n";
        std::fs::write(&path, text).unwrap();
        let paths = Paths {
            configuration: Some(path),
            ..Paths::default()
        };
        let auth = folder.path().join("auth.json");
        for (content, is_taken) in [(None, false), (Some("no JSON"), false), (Some("{}"), true)] {
            if let Some(content) = content {
                std::fs::write(&auth, content).unwrap();
            }
            let reading = read(&paths, Access::Cluster);
            assert_eq!(reading.result.is_ok(), is_taken, "{content:?}");
            // Whatever is wrong with them, a change is seen.
            assert!(reading.watched.contents.contains(&auth));
        }
    }

    #[test]
    fn settings_without_bounds_of_memory_have_those_of_a_cluster() {
        let mut configuration = Configuration::default();
        let limits = |configuration: &Configuration| -> FetchLimits {
            let fetch = Settings::of(configuration).fetch;
            within_memory(fetch, configuration).limits
        };
        let usual = limits(&configuration);
        assert_eq!(
            (usual.total_bytes, usual.held_bytes),
            (TOTAL_BYTES, HELD_BYTES)
        );
        // What is asked for is given, and one image can have it.
        for total in [HELD_BYTES, HELD_BYTES + 1] {
            configuration.limits.total_bytes = Some(total);
            let asked = limits(&configuration);
            assert_eq!((asked.total_bytes, asked.held_bytes), (total, total));
        }
    }
}
