//! Seeds for the fuzzer: the documents of the cases, each for the targets that read its kind.
//!
//! Nothing but `testdata/`, the shipped policies and profiles, and `seeds/` is read, so that the same
//! repository gives the same seeds. There, each line of `<target>.txt` is one, and each file in
//! `<target>/`; those in `sbom/` are for every target that reads SBOMs.

mod parts;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{FOLDER, MAX_DOCUMENT};
use crate::context::Context;
use crate::steps::Stop;

/// Targets that read SBOMs.
const SBOM: [&str; 3] = ["sbom_check", "sbom_cyclonedx", "sbom_spdx"];

/// Seeds by target, each once.
#[derive(Default)]
struct Seeds(BTreeMap<String, Vec<Vec<u8>>>);

/// Writes the seeds of every target below `folder`.
pub(super) fn write(context: &Context, folder: &Path) -> Result<(), Stop> {
    let mut seeds = Seeds::default();
    for name in context.files()? {
        let path = context.root().join(&name);
        if !is_source(&name) {
            continue;
        }
        let bytes = fs::read(&path)
            .map_err(|error| Stop::failed(format!("cannot read {name}: {error}")))?;
        seeds.take(&name, &bytes);
        // What a layer of cosign is, its manifest and its blob say together.
        for (digest, annotations) in annotated_layers(&bytes) {
            let blob = path.with_file_name(digest);
            if let Ok(payload) = fs::read_to_string(&blob) {
                seeds.take_layer(annotations, payload);
            }
        }
    }
    let told =
        |error: std::io::Error| Stop::failed(format!("cannot write {}: {error}", folder.display()));
    let mut count = 0;
    for (target, inputs) in &seeds.0 {
        let folder = folder.join(target);
        fs::create_dir_all(&folder).map_err(told)?;
        for (number, input) in inputs.iter().enumerate() {
            fs::write(folder.join(format!("{number:04}")), input).map_err(told)?;
        }
        count += inputs.len();
    }
    if count == 0 {
        return Err(Stop::failed("`testdata` has no seed"));
    }
    println!("{count} seeds for {} targets", seeds.0.len());
    Ok(())
}

/// The annotated layers of a manifest: the file name of each blob, and its annotations.
fn annotated_layers(manifest: &[u8]) -> Vec<(String, Map<String, Value>)> {
    let manifest = serde_json::from_slice::<Value>(manifest).unwrap_or_default();
    let layers = manifest.get("layers").and_then(Value::as_array);
    let layer = |layer: &Value| {
        let digest = layer.get("digest")?.as_str()?.split_once(':')?.1;
        let annotations = layer.get("annotations")?.as_object()?;
        Some((digest.to_owned(), annotations.clone()))
    };
    layers.into_iter().flatten().filter_map(layer).collect()
}

/// Whether a file of the repository is read for seeds.
fn is_source(name: &str) -> bool {
    name.starts_with("testdata/cases/")
        || name.starts_with("testdata/policy/")
        || name.starts_with("testdata/sbom/")
        || name.starts_with("testdata/trust/")
        || name.starts_with("policies/")
        || name.starts_with("verifier/src/sbom/profile/")
        || name.starts_with(FOLDER)
}

impl Seeds {
    /// Takes what the file `name` has for some target.
    fn take(&mut self, name: &str, bytes: &[u8]) {
        let own = name.strip_prefix(FOLDER);
        let own = own.and_then(|rest| rest.strip_prefix("/seeds/"));
        if let Some(target) = own.and_then(|rest| rest.strip_suffix(".txt")) {
            for line in bytes.split(|byte| *byte == b'\n') {
                self.add(target, line);
            }
        } else if let Some((target, _)) = own.and_then(|rest| rest.split_once('/')) {
            match target {
                "sbom" => self.add_each(&SBOM, bytes),
                _ => self.add(target, bytes),
            }
            if target == "workload"
                && let Ok(object) = serde_json::from_slice(bytes)
            {
                self.add("review", &parts::review(&object));
            }
        } else if name.starts_with("testdata/sbom/") {
            self.add_each(&SBOM, bytes);
        } else if name.contains("/blobs/") {
            self.take_blob(bytes);
        } else if name.ends_with("/trusted_root.json") || has_extension(name, "pub") {
            self.add("trust_root", bytes);
        } else if name.contains("/osv/") {
            self.add("osv", &[&b"pkg:npm/left-pad@1.3.0\n"[..], bytes].concat());
        } else if name.starts_with("verifier/src/sbom/profile/") && is_yaml(name) {
            self.add("sbom_profile", bytes);
        } else if is_yaml(name) {
            self.add("policy", bytes);
        }
    }

    /// Takes a blob of a layout: a bundle, an envelope, or a document as it is.
    fn take_blob(&mut self, bytes: &[u8]) {
        let Ok(document) = serde_json::from_slice::<Value>(bytes) else {
            return;
        };
        if document.get("schemaVersion").is_some() {
            self.add("image", bytes);
        }
        if document.get("verificationMaterial").is_some() {
            self.add("bundle", bytes);
            self.add_parts(parts::of_bundle(&document));
        } else if document.get("payloadType").is_some() {
            self.add_parts(parts::of_envelope(bytes));
        }
        if document.get("critical").is_some() {
            self.add("statement", bytes);
            self.add_parts(parts::of_simple_signing(bytes));
        }
        let envelope = document.get("dsseEnvelope").unwrap_or(&document);
        let payload = envelope.get("payload").and_then(Value::as_str);
        if let Some(payload) = payload.and_then(|text| STANDARD.decode(text).ok()) {
            self.take_statement(&payload);
        }
    }

    /// Takes a layer of cosign's tags, as one object.
    fn take_layer(&mut self, mut annotations: Map<String, Value>, payload: String) {
        self.add_parts(parts::of_annotations(annotations.values()));
        annotations.insert("payload".to_owned(), Value::String(payload));
        self.add("legacy", Value::Object(annotations).to_string().as_bytes());
    }

    /// Takes a statement, and its predicate for the targets that read such a one.
    fn take_statement(&mut self, payload: &[u8]) {
        self.add("statement", payload);
        let Ok(statement) = serde_json::from_slice::<Value>(payload) else {
            return;
        };
        let text = |name: &str| statement.get(name).and_then(Value::as_str);
        let targets = targets_of(text("predicateType").unwrap_or_default());
        let predicate = match statement.get("predicate") {
            Some(Value::String(text)) => text.clone(),
            Some(predicate) => predicate.to_string(),
            None => return,
        };
        self.add_each(targets, predicate.as_bytes());
    }

    fn add_each(&mut self, targets: &[&str], input: &[u8]) {
        for target in targets {
            self.add(target, input);
        }
    }

    fn add_parts(&mut self, parts: Vec<(&str, Vec<u8>)>) {
        for (target, input) in parts {
            self.add(target, &input);
        }
    }

    fn add(&mut self, target: &str, input: &[u8]) {
        let fits = u32::try_from(input.len()).is_ok_and(|length| length <= MAX_DOCUMENT);
        let known = self.0.entry(target.to_owned()).or_default();
        if fits && !input.is_empty() && !known.iter().any(|seed| seed == input) {
            known.push(input.to_vec());
        }
    }
}

fn is_yaml(name: &str) -> bool {
    has_extension(name, "yaml")
}

fn has_extension(name: &str, wanted: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == wanted)
}

/// The targets that read predicates of this type.
fn targets_of(predicate_type: &str) -> &'static [&'static str] {
    const KINDS: [(&str, &[&str]); 6] = [
        ("https://spdx.dev/", &SBOM),
        (
            "https://cyclonedx.org/",
            &["sbom_check", "sbom_cyclonedx", "sbom_spdx", "scan", "vex"],
        ),
        ("https://cosign.sigstore.dev/attestation/vuln", &["scan"]),
        ("https://openvex.dev/", &["vex"]),
        ("https://slsa.dev/", &["predicate"]),
        (
            "https://policy.sovverify.dev/PolicyException",
            &["exception"],
        ),
    ];
    let kind = KINDS
        .iter()
        .find(|(prefix, _)| predicate_type.starts_with(prefix));
    kind.map_or(&[], |(_, targets)| targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seeds: &Seeds, target: &str) -> Vec<String> {
        let inputs = seeds.0.get(target).map(Vec::as_slice).unwrap_or_default();
        let text = |input: &Vec<u8>| String::from_utf8_lossy(input).into_owned();
        inputs.iter().map(text).collect()
    }

    #[test]
    fn a_bundle_is_a_seed_and_so_are_its_statement_and_its_document() {
        let statement = r#"{"predicateType":"https://openvex.dev/ns/v0.2.0","predicate":{"a":1}}"#;
        let bundle = format!(
            r#"{{"verificationMaterial":{{}},"dsseEnvelope":{{"payload":"{}"}}}}"#,
            STANDARD.encode(statement)
        );
        let mut seeds = Seeds::default();
        for _ in 0..2 {
            seeds.take("testdata/cases/x/layout/blobs/sha256/00", bundle.as_bytes());
        }
        assert_eq!(of(&seeds, "bundle"), [bundle]);
        assert_eq!(of(&seeds, "statement"), [statement]);
        assert_eq!(of(&seeds, "vex"), [r#"{"a":1}"#]);
        assert_eq!(of(&seeds, "scan"), [""; 0]);
    }

    #[test]
    fn trust_material_and_objects_are_seeds_of_more_than_one_target() {
        let mut seeds = Seeds::default();
        seeds.take("testdata/trust/cases/trusted_root.json", b"{}");
        seeds.take("testdata/cases/honest/key-p256/signer.pub", b"-----BEGIN");
        assert_eq!(of(&seeds, "trust_root"), ["{}", "-----BEGIN"]);
        seeds.take("verifier/fuzz/seeds/workload/pod.json", br#"{"spec":{}}"#);
        assert_eq!(of(&seeds, "workload"), [r#"{"spec":{}}"#]);
        let reviews = of(&seeds, "review");
        assert!(
            reviews
                .iter()
                .any(|review| review.contains(r#""object":{"spec":{}}"#))
        );
    }

    #[test]
    fn a_layer_is_found_with_its_annotations() {
        let manifest = br#"{"layers":[{"digest":"sha256:ab","annotations":{"a":"1"}},{"digest":"sha256:cd"}]}"#;
        let mut layers = annotated_layers(manifest);
        let (digest, annotations) = layers.remove(0);
        assert!(layers.is_empty());
        assert_eq!(digest, "ab");
        let mut seeds = Seeds::default();
        seeds.take_layer(annotations, "{}".to_owned());
        assert_eq!(of(&seeds, "legacy"), [r#"{"a":"1","payload":"{}"}"#]);
    }

    #[test]
    fn each_line_of_a_text_is_a_seed_and_so_is_each_file_of_a_folder() {
        let mut seeds = Seeds::default();
        seeds.take("verifier/fuzz/seeds/purl.txt", b"pkg:a/b\n\npkg:c/d\n");
        assert_eq!(of(&seeds, "purl"), ["pkg:a/b", "pkg:c/d"]);
        seeds.take("verifier/fuzz/seeds/sbom/a.xml", b"<bom/>\n");
        for target in SBOM {
            assert_eq!(of(&seeds, target), ["<bom/>\n"]);
        }
    }
}
