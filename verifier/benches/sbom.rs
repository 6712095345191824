//! SBOMs of 100 000 components: reading one and holding it against two profiles, as a ratio to the floor
//! of any reader, which is to parse the text and keep nothing. All are measured in turn in one run.
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
/// The smallest and the largest of the profiles.
const PROFILES: [&str; 2] = ["ntia-2021", "bsi-tr-03183-2-v2.1"];
/// The file that a process of its own reads.
const FILE: &str = "SOVVERIFY_BENCH_SBOM";

fn main() {
    if let Ok(path) = std::env::var(FILE) {
        return once(Path::new(&path));
    }
    println!(
        "{:<16} {:>6} {:>8} {:>8} {:>8} {:>8} {:>7} {:>8} {:>10}",
        "100 000 parts", "MB", "floor", "read", "ntia", "bsi", "/floor", "peak MB", "/document"
    );
    let documents: [(&str, Floor, Maker); 5] = [
        ("CycloneDX JSON", json_floor, cyclonedx),
        ("CycloneDX XML", xml_floor, cyclonedx_xml),
        ("SPDX 2.3 JSON", json_floor, spdx),
        ("SPDX tag-value", lines_floor, tag_value),
        ("SPDX 3 JSON-LD", json_floor, spdx3),
    ];
    for (name, floor, document) in documents {
        let document = document();
        let [floor, read, ntia, bsi] = measure(document.as_bytes(), floor);
        let size = megabytes(document.len());
        let peak = peak(&document);
        println!(
            "{name:<16} {size:>6.1} {floor:>5.0} ms {read:>5.0} ms {ntia:>5.0} ms {bsi:>5.0} ms {:>6.1}x {peak:>8.0} {:>9.2}x",
            (read + bsi) / floor,
            peak / size,
        );
    }
}

/// Parses a document and keeps nothing.
type Floor = fn(&[u8]);
/// Makes a document.
type Maker = fn() -> String;

fn json_floor(document: &[u8]) {
    black_box(serde_json::from_slice::<IgnoredAny>(document).unwrap());
}

fn xml_floor(document: &[u8]) {
    let mut reader = quick_xml::Reader::from_reader(document);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
}

/// Tag-value has no parser that could be asked to keep nothing: lines, and where their tags end.
fn lines_floor(document: &[u8]) {
    let text = std::str::from_utf8(document).unwrap();
    let tags = text.lines().filter_map(|line| line.split_once(':'));
    assert!(black_box(tags.count()) > COMPONENTS);
}

/// Medians in milliseconds: the floor, reading, and two profiles.
fn measure(document: &[u8], floor: Floor) -> [f64; 4] {
    let profiles = PROFILES.map(|name| Profile::named(name).unwrap());
    let mut times = [const { Vec::new() }; 4];
    let [floors, reads, checks @ ..] = &mut times;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        floor(document);
        floors.push(start.elapsed());
        let start = Instant::now();
        let sbom = sbom::read(document).unwrap();
        reads.push(start.elapsed());
        assert!(sbom.components.len() > COMPONENTS);
        assert_eq!(sbom.violations, []);
        for (profile, checks) in profiles.iter().zip(checks.iter_mut()) {
            let start = Instant::now();
            assert!(!profile.check(&sbom).fields.is_empty());
            checks.push(start.elapsed());
        }
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
    for name in PROFILES {
        let outcome = Profile::named(name).unwrap().check(&sbom);
        assert!(!outcome.fields.is_empty());
    }
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

fn cyclonedx_xml() -> String {
    let mut text = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:5b1a0c9e-6c0f-4f0a-9a53-0d5f6d1c2b3a" version="1"><metadata><timestamp>2026-03-02T11:04:05Z</timestamp><authors><author><name>Acme</name><email>a@acme.example</email></author></authors><component type="container" bom-ref="root"><name>app</name><version>1</version></component></metadata><components>"#,
    );
    for number in 0..COMPONENTS {
        let hash = hex(number, 128);
        write!(
            text,
            r#"<component type="library" bom-ref="part-{number}"><manufacturer><url>https://acme.example</url></manufacturer><name>part-{number}</name><version>1.{number}.0</version><licenses><expression acknowledgement="concluded">MIT</expression></licenses><purl>pkg:npm/part-{number}@1.{number}.0</purl><externalReferences><reference type="distribution"><url>https://acme.example/{number}.tgz</url><hashes><hash alg="SHA-512">{hash}</hash></hashes></reference></externalReferences><properties><property name="bsi:component:filename">{number}.tgz</property></properties></component>"#
        )
        .unwrap();
    }
    text.push_str(r#"</components><dependencies><dependency ref="root"><dependency ref="part-0"/></dependency>"#);
    for number in 0..COMPONENTS - 1 {
        let next = number + 1;
        write!(
            text,
            r#"<dependency ref="part-{number}"><dependency ref="part-{next}"/></dependency>"#
        )
        .unwrap();
    }
    text.push_str("</dependencies></bom>");
    text
}

fn tag_value() -> String {
    let mut text = String::from(
        "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: app\nDocumentNamespace: https://acme.example/app\nCreator: Tool: forge-1\nCreated: 2026-03-02T11:04:05Z\n\nPackageName: app\nSPDXID: SPDXRef-root\nPackageDownloadLocation: NOASSERTION\n",
    );
    for number in 0..COMPONENTS {
        let hash = hex(number, 64);
        write!(
            text,
            "\nPackageName: part-{number}\nSPDXID: SPDXRef-part-{number}\nPackageVersion: 1.{number}.0\nPackageSupplier: Organization: Acme (a@acme.example)\nPackageDownloadLocation: https://acme.example/{number}.tgz\nFilesAnalyzed: false\nPackageChecksum: SHA256: {hash}\nPackageLicenseConcluded: MIT\nPackageLicenseDeclared: MIT\nPackageCopyrightText: NOASSERTION\nExternalRef: PACKAGE-MANAGER purl pkg:npm/part-{number}@1.{number}.0\n"
        )
        .unwrap();
    }
    text.push_str("\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-root\n");
    for number in 0..COMPONENTS {
        writeln!(
            text,
            "Relationship: SPDXRef-root CONTAINS SPDXRef-part-{number}"
        )
        .unwrap();
    }
    text
}

fn spdx3() -> String {
    let mut text = String::from(
        r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"CreationInfo","@id":"_:made","specVersion":"3.0.1","created":"2026-03-02T11:04:05Z","createdBy":["https://acme.example/acme"]},{"type":"Organization","spdxId":"https://acme.example/acme","creationInfo":"_:made","name":"Acme","externalIdentifier":[{"type":"ExternalIdentifier","externalIdentifierType":"email","identifier":"a@acme.example"}]},{"type":"SpdxDocument","spdxId":"https://acme.example/document","creationInfo":"_:made","name":"app","profileConformance":["core","software"],"rootElement":["https://acme.example/sbom"]},{"type":"software_Sbom","spdxId":"https://acme.example/sbom","creationInfo":"_:made","rootElement":["https://acme.example/root"]},{"type":"software_Package","spdxId":"https://acme.example/root","creationInfo":"_:made","name":"app"},{"type":"simplelicensing_LicenseExpression","spdxId":"https://acme.example/mit","creationInfo":"_:made","simplelicensing_licenseExpression":"MIT"}"#,
    );
    for number in 0..COMPONENTS {
        let hash = hex(number, 64);
        write!(
            text,
            r#",{{"type":"software_Package","spdxId":"https://acme.example/part-{number}","creationInfo":"_:made","name":"part-{number}","software_packageVersion":"1.{number}.0","software_packageUrl":"pkg:npm/part-{number}@1.{number}.0","software_downloadLocation":"https://acme.example/{number}.tgz","suppliedBy":"https://acme.example/acme","verifiedUsing":[{{"type":"Hash","algorithm":"sha256","hashValue":"{hash}"}}]}},{{"type":"Relationship","spdxId":"https://acme.example/contains-{number}","creationInfo":"_:made","relationshipType":"contains","from":"https://acme.example/root","to":["https://acme.example/part-{number}"]}},{{"type":"Relationship","spdxId":"https://acme.example/license-{number}","creationInfo":"_:made","relationshipType":"hasConcludedLicense","from":"https://acme.example/part-{number}","to":["https://acme.example/mit"]}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    text
}
