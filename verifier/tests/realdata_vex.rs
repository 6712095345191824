//! Real VEX documents by others, read in place: what their manifest calls valid is read whole.
//!
//! `SOVVERIFY_REALDATA` names the folder (default `../shared/realdata` beside the repository). With
//! `CI=true` a missing folder fails; elsewhere it is skipped, and says so.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this test reads a folder and may fail loudly"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sovverify::Code;
use sovverify::vex;
use sovverify::vulnerability::scan;
use sovverify_forge::realdata;

/// What is expected of the files that are not simply VEX documents, by the end of their path.
const NOT_VEX: [(&str, &str); 3] = [
    ("vex/trivy/unknown.json", "invalid by the manifest"),
    ("index.json", "the index of a repository of VEX documents"),
    (
        "vex-repository.json",
        "the manifest of a repository of VEX documents",
    ),
];

/// CycloneDX documents that list no vulnerabilities: the other half of an example.
const SILENT: &str = "bom";

#[test]
fn every_real_document_is_read_as_its_manifest_says() {
    let Some(root) = realdata() else {
        return;
    };
    let mut counts: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in documents(&root) {
        let shown = path
            .strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        let bytes = std::fs::read(&path).unwrap();
        let count = counts.entry(family(&shown)).or_default();
        let silent = shown.contains("cyclonedx-examples") && name(&path).starts_with(SILENT);
        let known = NOT_VEX.iter().find(|(end, _)| shown.ends_with(end));
        match (vex::read(&bytes), known.is_some() || silent) {
            (Ok(document), false) => {
                count.0 += 1;
                count.1 += document.statements.len();
                if document.statements.is_empty() && document.unstated == 0 {
                    wrong.push(format!("{shown}: read, and says nothing"));
                }
            }
            (Err(error), true) if error.code == Code::VexMalformed => {
                count.2 += 1;
                let reason = known.map_or("a BOM without vulnerabilities", |(_, reason)| reason);
                println!("refused: {shown}: {reason}");
            }
            (Ok(_), true) => wrong.push(format!("{shown}: expected refused, found read")),
            (Err(error), _) => wrong.push(format!("{shown}: {error}")),
        }
    }
    println!(
        "{:<28} {:>5} {:>10} {:>7}",
        "family", "read", "statements", "refused"
    );
    for (family, (read, statements, refused)) in &counts {
        println!("{family:<28} {read:>5} {statements:>10} {refused:>7}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let read: usize = counts.values().map(|(read, ..)| read).sum();
    assert!(read > 0, "no document was read");
}

#[test]
fn real_lists_of_vulnerabilities_are_scans() {
    let Some(root) = realdata() else {
        return;
    };
    let mut findings = 0;
    for name in [
        "sbom/guac/xray-cdx-vulns.json",
        "sbom/guac/cyclonedx-vex-no-analysis.json",
        "sbom/cyclonedx-spec/1.4/valid-vulnerability-1.4.json",
        "sbom/cyclonedx-spec/1.6/valid-vulnerability-1.6.json",
    ] {
        let text = std::fs::read_to_string(root.join(name)).unwrap();
        // Whoever says that it scanned may say what came of it; alone, a list of assessments is VEX.
        let envelope = format!(r#"{{"scanner":{{"uri":"x","result":{text}}}}}"#);
        let scanned = scan::read("https://cosign.sigstore.dev/attestation/vuln/v1", &envelope);
        let report = scanned.unwrap();
        assert!(!report.findings.is_empty(), "{name}");
        findings += report.findings.len();
        let alone = scan::read("https://cyclonedx.org/bom", &text);
        let is_vex = !vex::read(text.as_bytes()).is_ok_and(|document| document.unstated > 0);
        assert_eq!(alone.is_err(), is_vex, "{name}");
    }
    let silent =
        std::fs::read_to_string(root.join("sbom/cyclonedx-examples/VEX/bom.json")).unwrap();
    let error = scan::read("https://cyclonedx.org/bom", &silent).unwrap_err();
    assert_eq!(error.code, Code::VulnerabilityMalformed);
    println!("{findings} findings in 4 lists, and one BOM without a list is refused");
}

/// Every document that is VEX, or looks like it.
fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = files(&root.join("vex"));
    // The schema is no document.
    found.retain(|path| name(path) != "openvex_json_schema.json");
    found.extend(files(&root.join("sbom/cyclonedx-examples/VEX")));
    let guac = files(&root.join("sbom/guac"));
    found.extend(guac.into_iter().filter(|path| {
        let name = name(path);
        name.contains("vex") || name == "xray-cdx-vulns.json"
    }));
    found.retain(|path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("json" | "xml"))
    });
    found.sort();
    found
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

/// The folder that the table counts a document under.
fn family(shown: &str) -> String {
    let parts: Vec<&str> = shown.split('/').take(2).collect();
    parts.join("/")
}
