//! CycloneDX documents made by others, read in place: every one of them says by its name or by the
//! manifest whether it obeys the schema.
//!
//! `SOVVERIFY_REALDATA` names the folder (default `../shared/realdata` beside the repository). With
//! `CI=true` a missing folder fails; elsewhere it is skipped, and says so.

#![expect(
    clippy::disallowed_methods,
    reason = "the documents lie on disk, and only the test knows"
)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
#![expect(
    clippy::print_stdout,
    reason = "the table of counts is part of the result"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sovverify::sbom::cyclonedx::vulnerability::vulnerabilities;
use sovverify::sbom::{Family, read};
use sovverify_forge::realdata;

/// Folders with CycloneDX documents, and how many documents a folder has at least.
const FOLDERS: [(&str, usize); 5] = [
    ("sbom/cyclonedx-spec/1.4", 100),
    ("sbom/cyclonedx-spec/1.6", 130),
    ("sbom/cyclonedx-examples", 25),
    ("sbom/guac", 10),
    ("sbom/protobom/cyclonedx", 2),
];

/// Documents with another outcome than their name or the manifest expects, and why that is right.
const EXCEPTIONS: [(&str, &str); 3] = [
    (
        "sbom/guac/laravel-cyclonedx.xml",
        "has an element `BOMFormat`, which no version of the XML schema knows",
    ),
    (
        "sbom/guac/small-legal-cyclonedx.json",
        "has a SHA-512 with letters beyond `f`, and `bom-ref` on licenses, which came after 1.4",
    ),
    (
        "sbom/guac/xray-cdx-vulns.json",
        "gives one `bom-ref` to two components, which the specification forbids in words",
    ),
];

/// Files that are not claimed, and why.
const NOT_CLAIMED: [(&str, &str); 1] = [(
    "sbom/guac/busybox-cyclonedx.json.bz2",
    "compressed with bzip2, which no registry and no attestation carries",
)];

/// What happened in one folder.
#[derive(Default)]
struct Counts {
    documents: usize,
    conforming: usize,
    violating: usize,
    refused: usize,
    components: usize,
    vulnerabilities: usize,
}

#[test]
fn every_document_is_judged_as_its_name_says() {
    let Some(root) = realdata() else {
        return;
    };
    let mut table: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut exceptions = 0;
    for (folder, least) in FOLDERS {
        let counts = table.entry(folder).or_default();
        for path in files(&root.join(folder)) {
            let name = shown(&root, &path);
            if NOT_CLAIMED.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let document = std::fs::read(&path).unwrap();
            if !is_cyclonedx(&document) {
                continue;
            }
            let expected = !path
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("invalid");
            let (found, why) = judge(&document, counts);
            let is_exception = EXCEPTIONS.iter().any(|(known, _)| *known == name);
            exceptions += usize::from(is_exception);
            if (expected == found) == is_exception {
                wrong.push(format!("{name}: {why}"));
            }
        }
        assert!(
            counts.documents >= least,
            "{folder}: {} documents",
            counts.documents
        );
    }
    print(&table);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        exceptions,
        EXCEPTIONS.len(),
        "an exception has no document any more"
    );
}

/// What a generator wrote for an image that it scanned: a dependency of the root on a part that the
/// document leaves out, which the schema allows.
#[test]
fn an_attested_document_may_depend_on_what_it_leaves_out() {
    let Some(root) = realdata() else {
        return;
    };
    let path = root.join("images/cosign-v3-referrers/trivy-cyclonedx/sigstore-bundle.json");
    let bundle: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
    let statement: Value = serde_json::from_slice(&STANDARD.decode(payload).unwrap()).unwrap();
    let sbom = read(statement["predicate"].to_string().as_bytes()).unwrap();
    assert!(sbom.violations.is_empty(), "{:?}", sbom.violations);
    assert_eq!((sbom.components.len(), sbom.relationships.len()), (3, 0));
}

/// Whether a document obeys the schema, and why not.
fn judge(document: &[u8], counts: &mut Counts) -> (bool, String) {
    counts.documents += 1;
    let sbom = match read(document) {
        Ok(sbom) => sbom,
        Err(error) => {
            counts.refused += 1;
            return (false, error.to_string());
        }
    };
    assert_eq!(sbom.format.family, Family::CycloneDx);
    let listed = vulnerabilities(document).unwrap();
    assert_eq!(listed.len(), sbom.vulnerabilities);
    counts.components += sbom.components.len();
    counts.vulnerabilities += listed.len();
    match sbom.violations.first() {
        None => {
            counts.conforming += 1;
            (true, format!("{} without violation", sbom.format))
        }
        Some(first) => {
            counts.violating += 1;
            let found = format!(
                "{}: expected {}, found {}",
                first.place, first.expected, first.found
            );
            (false, format!("{}: {found}", sbom.format))
        }
    }
}

/// Whether the folder's other documents are meant: SPDX, VEX, in-toto.
fn is_cyclonedx(document: &[u8]) -> bool {
    let text = String::from_utf8_lossy(document);
    text.contains("\"bomFormat\"") && !text.contains("\"predicateType\"")
        || text.contains("http://cyclonedx.org/schema/bom/")
}

fn print(table: &BTreeMap<&str, Counts>) {
    println!(
        "folder                      documents conforming violating refused components vulnerabilities"
    );
    for (folder, counts) in table {
        let Counts {
            documents,
            conforming,
            violating,
            refused,
            components,
            vulnerabilities,
        } = counts;
        println!(
            "{folder:<27} {documents:>9} {conforming:>10} {violating:>9} {refused:>7} {components:>10} {vulnerabilities:>15}"
        );
    }
    for (file, reason) in EXCEPTIONS {
        println!("exception: {file}: {reason}");
    }
    for (file, reason) in NOT_CLAIMED {
        println!("not claimed: {file}: {reason}");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder);
        let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap();
    path.to_str().unwrap().replace('\\', "/")
}
