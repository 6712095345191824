//! The table of slsa-verifier's own regression tests: which provenance meets which expectation.
//!
//! Facts only: source, branch, tag, builder and the kind of error. Where upstream leaves the builder
//! open, its tests try the known builder by name, at its version in both spellings, and by default;
//! so does this.

use std::collections::{BTreeMap, BTreeSet};

use sovverify::claim::provenance::{Provenance, VersionedTag};

use super::corpus::{Corpus, Predicate, table};

const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows";

/// Rows that are out as a whole, by test, with the reason.
const OUT: [(&str, &str); 2] = [
    (
        "Test_runVerifyGCBArtifactImage",
        "Cloud Build's answer around its provenance is no evidence that is attached to an image",
    ),
    (
        "Test_runVerifyVSA",
        "an option of that command line: the identifier of a key, which counts for nothing here",
    ),
];

/// Errors that another check gives, or nobody's, with the reason.
const OTHER_CHECK: [(&str, &str); 8] = [
    (
        "ErrorMismatchHash",
        "the subject is bound before the predicate is read",
    ),
    (
        "ErrorInvalidSignature",
        "signatures are verified before the predicate is read",
    ),
    (
        "ErrorMismatchPackageName",
        "npm's name of its package, which no image has",
    ),
    (
        "ErrorMismatchPackageVersion",
        "npm's version of its package, which no image has",
    ),
    (
        "ErrorInvalidBuilderID",
        "the table does not hold the builder that this row expects",
    ),
    (
        "ErrorNotSupported",
        "the table does not hold the builder that this row expects",
    ),
    (
        "ErrorMismatchWorkflowInputs",
        "the table does not hold the inputs that this row expects",
    ),
    (
        "ErrorRekorSearch",
        "the log is looked at before the predicate is read",
    ),
];

/// Artifacts whose provenance is not in the folder.
const NO_FILE: [&str; 6] = [
    "binary-linux-amd64-multi-subject-first",
    "binary-linux-amd64-untrusted-builder",
    "annotated-tag",
    "MODULE-wrong-signer.bazel",
    "rules_lint-v1.3.1.tar.gz",
    "provenance-npm-test-cli-v1-prega.tgz",
];

/// Rows that end otherwise here, with the reason.
const DIFFERS: [(&str, &str); 1] = [(
    "e2e test repository verified with builder at head",
    "upstream lets its own builder run from a branch in its tests; a name without reference is a release here",
)];

/// The columns that this reads.
struct Case {
    test: String,
    name: String,
    artifact: String,
    source: String,
    branch: String,
    tag: String,
    version: String,
    builder: String,
    least: String,
    most: String,
    versionless: bool,
    error: String,
}

impl Case {
    fn parse(row: &[String]) -> Self {
        let field = |number: usize| row[number].trim().to_owned();
        let artifacts = field(3);
        let first = artifacts.trim_matches(['{', '}']).split(',').next();
        let first = first.unwrap_or_default().trim_matches('"').to_owned();
        Self {
            test: field(0),
            name: field(1),
            artifact: if first.is_empty() { field(2) } else { first },
            source: field(5),
            branch: field(6),
            tag: field(7),
            version: field(8),
            builder: field(9),
            least: field(12),
            most: field(13),
            versionless: field(14) == "true",
            error: field(15),
        }
    }

    /// Why the row is not run, if it is not.
    fn out(&self) -> Option<String> {
        let find = |list: &[(&str, &str)], key: &str| {
            let found = list.iter().find(|(known, _)| *known == key);
            found.map(|(_, reason)| (*reason).to_owned())
        };
        find(&OUT, &self.test)
            .or_else(|| find(&OTHER_CHECK, &self.error))
            .or_else(|| {
                let missing = NO_FILE.contains(&self.artifact.as_str());
                missing.then(|| format!("no provenance of `{}` in the folder", self.artifact))
            })
    }

    /// The conditions that do not hold, as slsa-verifier's options understand them.
    fn unmet(&self, provenance: &Provenance, builder: &str) -> BTreeSet<&'static str> {
        let mut unmet = BTreeSet::new();
        if !provenance.is_built_by(builder) {
            unmet.insert("builder");
        }
        if !provenance.is_from(&self.source) {
            unmet.insert("source");
        }
        let open = |wanted: &str, found: Option<&str>| wanted.is_empty() || found == Some(wanted);
        let versioned = self.version.is_empty() || {
            let wanted: Result<VersionedTag, _> = self.version.parse();
            wanted.is_ok_and(|wanted| provenance.tag().is_some_and(|tag| wanted.matches(tag)))
        };
        let refs = open(&self.branch, provenance.branch()) && open(&self.tag, provenance.tag());
        if !refs || !versioned {
            unmet.insert("ref");
        }
        unmet
    }

    fn expected(&self) -> BTreeSet<&'static str> {
        let one = match self.error.as_str() {
            "" => return BTreeSet::new(),
            "ErrorUntrustedReusableWorkflow" | "ErrorMismatchBuilderID" => "builder",
            "ErrorMismatchSource" => "source",
            "ErrorInvalidRef"
            | "ErrorInvalidSemver"
            | "ErrorMismatchBranch"
            | "ErrorMismatchTag"
            | "ErrorMismatchVersionedTag" => "ref",
            other => panic!("{}: unknown error {other}", self.name),
        };
        BTreeSet::from([one])
    }
}

pub(crate) fn run(corpus: &Corpus) {
    let text = corpus.text("provenance/slsa-verifier-policy-cases.tsv");
    let (mut rows, mut checks) = (0, 0);
    let mut excused: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut differs = Vec::new();
    for case in table(&text).iter().map(|row| Case::parse(row)) {
        if let Some(reason) = case.out() {
            *excused.entry(reason).or_default() += 1;
            continue;
        }
        let files = files(corpus, &case);
        assert!(!files.is_empty(), "{}: {}: no file", case.test, case.name);
        rows += 1;
        for (path, predicate, builders) in &files {
            let provenance = Provenance::read(&predicate.kind, &predicate.text).unwrap();
            for builder in builders {
                checks += 1;
                let unmet = case.unmet(&provenance, builder);
                if unmet == case.expected() {
                    continue;
                }
                match DIFFERS.iter().find(|(name, _)| *name == case.name) {
                    Some((name, reason)) => differs.push((*name, *reason)),
                    None => wrong.push(format!("{}: {path}: {builder}: {unmet:?}", case.name)),
                }
            }
        }
    }
    println!(
        "rows run {rows}, checks {checks}, of them otherwise {}",
        differs.len()
    );
    for (reason, count) in &excused {
        println!("rows out {count}: {reason}");
    }
    for (name, reason) in &differs {
        println!("otherwise: {name}: {reason}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        differs.len(),
        DIFFERS.len(),
        "exceptions that nothing needs"
    );
    assert!(rows > 0 && checks > 0, "no row was run");
    for artifact in NO_FILE {
        let folder = "provenance/slsa-github-generator";
        for path in [
            format!("{folder}/misc/{artifact}.intoto.jsonl"),
            format!("{folder}/npm/gha/{artifact}.json"),
            format!("bundles/bcr/{artifact}.intoto.jsonl"),
        ] {
            assert!(!corpus.has(&path), "{path} is there, and no row runs it");
        }
    }
}

type File = (String, Predicate, Vec<String>);

/// The provenance that a row is about, each with the names by which its builder is tried.
fn files(corpus: &Corpus, case: &Case) -> Vec<File> {
    let folder = "provenance/slsa-github-generator";
    let artifact = &case.artifact;
    let one = |path: String, builder: &str| {
        let found = if corpus.has(&path) {
            corpus.predicates(&path)
        } else {
            Vec::new()
        };
        let provenance = found
            .into_iter()
            .filter(|found| Provenance::is_type(&found.kind));
        let names = vec![chosen(case, builder)];
        provenance
            .map(|found| (path.clone(), found, names.clone()))
            .collect()
    };
    match case.test.as_str() {
        "Test_runVerifyGHAArtifactPath" if case.versionless => {
            let builder = format!("{GENERATOR}/generator_generic_slsa3.yml");
            one(format!("{folder}/misc/{artifact}.intoto.jsonl"), &builder)
        }
        "Test_runVerifyGHAArtifactPath" => families(
            corpus,
            case,
            &[
                ("gha_go", "builder_go_slsa3.yml", ".intoto.jsonl"),
                (
                    "gha_generic",
                    "generator_generic_slsa3.yml",
                    ".intoto.jsonl",
                ),
            ],
        ),
        "Test_runVerifyGHAContainerBased" => families(
            corpus,
            case,
            &[(
                "gha_container-based",
                "builder_container-based_slsa3.yml",
                ".intoto.build.slsa",
            )],
        ),
        "Test_runVerifyGHAArtifactImage" => images(corpus, case),
        "Test_runVerifyGithubAttestation" => one(
            format!("bundles/bcr/{artifact}.intoto.jsonl"),
            "https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml",
        ),
        "Test_runVerifyNpmPackage" => {
            let builder = if artifact.contains("-ossf") {
                format!("{GENERATOR}/builder_nodejs_slsa3.yml")
            } else {
                "https://github.com/actions/runner/github-hosted".to_owned()
            };
            one(format!("{folder}/npm/gha/{artifact}.json"), &builder)
        }
        other => panic!("unknown test {other}"),
    }
}

/// The provenance of every version of some builders.
fn families(corpus: &Corpus, case: &Case, list: &[(&str, &str, &str)]) -> Vec<File> {
    let mut files = Vec::new();
    for (family, builder, suffix) in list {
        let folder = format!("provenance/slsa-github-generator/{family}");
        for version in corpus.names(&folder) {
            let path = format!("{folder}/{version}/{}{suffix}", case.artifact);
            let names = names(case, &format!("{GENERATOR}/{builder}"), &version);
            for found in corpus.predicates(&path) {
                files.push((path.clone(), found, names.clone()));
            }
        }
    }
    files
}

/// The images of the container generator, within the versions that the row asks for.
fn images(corpus: &Corpus, case: &Case) -> Vec<File> {
    let builder = format!("{GENERATOR}/generator_container_slsa3.yml");
    let mut files = Vec::new();
    for version in corpus.names("images/slsa-github-generator") {
        let at = numbers(&version);
        let early = !case.least.is_empty() && at < numbers(&case.least);
        let late = !case.most.is_empty() && at > numbers(&case.most);
        if early || late {
            continue;
        }
        let layout = format!("images/slsa-github-generator/{version}");
        for found in corpus.attached(&layout) {
            files.push((layout.clone(), found, names(case, &builder, &version)));
        }
    }
    files
}

fn chosen(case: &Case, builder: &str) -> String {
    if case.builder.is_empty() {
        builder.to_owned()
    } else {
        case.builder.clone()
    }
}

/// The builder of the row, or the family's by name and at its version in both spellings.
fn names(case: &Case, builder: &str, version: &str) -> Vec<String> {
    if !case.builder.is_empty() {
        return vec![case.builder.clone()];
    }
    vec![
        builder.to_owned(),
        format!("{builder}@{version}"),
        format!("{builder}@refs/tags/{version}"),
    ]
}

fn numbers(version: &str) -> Vec<u32> {
    let parts = version.trim_start_matches('v').split('.');
    parts.map(|part| part.parse().unwrap()).collect()
}
