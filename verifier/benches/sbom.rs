//! SBOMs of 100 000 components: reading one and holding it against a profile, as a ratio to the floor
//! of any reader, which is to parse the JSON and keep nothing. Both are measured in turn in one run.
//! A process of its own does the same once and tells the most memory that it ever had.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, and prints what it read"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde::de::IgnoredAny;
use sovverify::sbom::{self, profile::Profile};

/// Components of one document.
const COMPONENTS: usize = 100_000;
/// Rounds; each measures everything once, so that a drifting machine drifts for all.
const ROUNDS: usize = 5;
/// The file that a process of its own reads.
const FILE: &str = "SOVVERIFY_BENCH_SBOM";

fn main() {
    if let Ok(path) = std::env::var(FILE) {
        return once(Path::new(&path));
    }
    println!(
        "{:<16} {:>7} {:>9} {:>9} {:>9} {:>7} {:>8} {:>10}",
        "100 000 parts", "MB", "floor", "read", "profile", "/floor", "peak MB", "/document"
    );
    for (name, document) in [("CycloneDX 1.6", cyclonedx()), ("SPDX 2.3", spdx())] {
        let [floor, read, check] = measure(document.as_bytes());
        let size = megabytes(document.len());
        let peak = peak(&document);
        println!(
            "{name:<16} {size:>7.1} {floor:>6.0} ms {read:>6.0} ms {check:>6.0} ms {:>6.2}x {peak:>8.0} {:>9.2}x",
            (read + check) / floor,
            peak / size,
        );
    }
}

/// Medians in milliseconds: the floor, reading, and one profile.
fn measure(document: &[u8]) -> [f64; 3] {
    let profile = Profile::named("bsi-tr-03183-2-v2.1").unwrap();
    let mut times = [const { Vec::new() }; 3];
    let [floors, reads, checks] = &mut times;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(serde_json::from_slice::<IgnoredAny>(document).unwrap());
        floors.push(start.elapsed());
        let start = Instant::now();
        let sbom = sbom::read(document).unwrap();
        reads.push(start.elapsed());
        assert!(sbom.components.len() > COMPONENTS);
        let start = Instant::now();
        assert!(!profile.check(&sbom).fields.is_empty());
        checks.push(start.elapsed());
    }
    times.map(|mut times| {
        times.sort();
        times.get(ROUNDS / 2).unwrap().as_secs_f64() * 1000.0
    })
}

/// The most memory, in megabytes, of a process that reads the document from a file and checks it.
fn peak(document: &str) -> f64 {
    let folder = std::env::temp_dir().join(format!("sovverify-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("sbom.json");
    std::fs::write(&path, document).unwrap();
    let own = std::env::current_exe().unwrap();
    let output = Command::new(own).env(FILE, &path).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

fn once(path: &Path) {
    let document = std::fs::read(path).unwrap();
    let sbom = sbom::read(&document).unwrap();
    let outcome = Profile::named("bsi-tr-03183-2-v2.1").unwrap().check(&sbom);
    assert!(!outcome.fields.is_empty());
    // proc(5): the peak resident set size, in kB.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    println!("{:.0}", kilobytes / 1000.0);
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a length in megabytes, with one digit behind the point"
)]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Two digits that differ from component to component, as often as a hash needs them.
fn hex(number: usize, digits: usize) -> String {
    let one = format!("{:08x}", number.wrapping_mul(2_654_435_761) % 0xffff_ffff);
    one.repeat(digits / 8)
}

fn cyclonedx() -> String {
    let mut text = String::from(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:5b1a0c9e-6c0f-4f0a-9a53-0d5f6d1c2b3a","version":1,"metadata":{"timestamp":"2026-03-02T11:04:05Z","authors":[{"name":"Acme","email":"a@acme.example"}],"component":{"type":"container","bom-ref":"root","name":"app","version":"1"}},"components":["#,
    );
    for number in 0..COMPONENTS {
        let comma = if number == 0 { "" } else { "," };
        let hash = hex(number, 128);
        write!(
            text,
            r#"{comma}{{"type":"library","bom-ref":"part-{number}","manufacturer":{{"url":["https://acme.example"]}},"name":"part-{number}","version":"1.{number}.0","licenses":[{{"expression":"MIT","acknowledgement":"concluded"}}],"purl":"pkg:npm/part-{number}@1.{number}.0","externalReferences":[{{"type":"distribution","url":"https://acme.example/{number}.tgz","hashes":[{{"alg":"SHA-512","content":"{hash}"}}]}}],"properties":[{{"name":"bsi:component:filename","value":"{number}.tgz"}}]}}"#
        )
        .unwrap();
    }
    text.push_str(r#"],"dependencies":[{"ref":"root","dependsOn":["part-0"]}"#);
    for number in 0..COMPONENTS - 1 {
        let next = number + 1;
        write!(
            text,
            r#",{{"ref":"part-{number}","dependsOn":["part-{next}"]}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    text
}

fn spdx() -> String {
    let mut text = String::from(
        r#"{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"app","documentNamespace":"https://acme.example/app","creationInfo":{"created":"2026-03-02T11:04:05Z","creators":["Tool: forge-1"]},"packages":[{"SPDXID":"SPDXRef-root","name":"app","downloadLocation":"NOASSERTION"}"#,
    );
    for number in 0..COMPONENTS {
        let hash = hex(number, 64);
        write!(
            text,
            r#",{{"SPDXID":"SPDXRef-part-{number}","name":"part-{number}","versionInfo":"1.{number}.0","supplier":"Organization: Acme (a@acme.example)","downloadLocation":"https://acme.example/{number}.tgz","filesAnalyzed":false,"licenseConcluded":"MIT","licenseDeclared":"MIT","copyrightText":"NOASSERTION","checksums":[{{"algorithm":"SHA256","checksumValue":"{hash}"}}],"externalRefs":[{{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/part-{number}@1.{number}.0"}}]}}"#
        )
        .unwrap();
    }
    text.push_str(r#"],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-root","relationshipType":"DESCRIBES"}"#);
    for number in 0..COMPONENTS {
        write!(
            text,
            r#",{{"spdxElementId":"SPDXRef-root","relatedSpdxElement":"SPDXRef-part-{number}","relationshipType":"CONTAINS"}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    text
}
