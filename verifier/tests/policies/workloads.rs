//! `workloads` of a `Configuration`, as whoever judges objects gets it.

use std::collections::BTreeMap;

use sovverify::policy::{Configuration, Documents, Source, schema};
use sovverify::workload::{CustomKind, GroupKind, Placeholders, Preset, WorkloadFields};

/// The configuration with `workloads` as written in `text`, if any.
fn configuration(text: Option<&str>) -> Configuration {
    let head = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: process }\n";
    let text = match text {
        Some(text) => format!("{head}spec:\n  workloads: {text}\n"),
        None => format!("{head}spec: {{}}\n"),
    };
    let file = "configuration.yaml".to_owned();
    let documents = Documents::parse(&[Source { file, text }]).unwrap();
    documents.compile_configuration(&BTreeMap::new()).unwrap()
}

#[test]
fn without_configuration_only_the_kinds_of_kubernetes_are_known() {
    let expected = WorkloadFields::built_in();
    assert_eq!(configuration(None).workloads, expected);
    assert_eq!(configuration(Some("{}")).workloads, expected);
    assert_eq!(Configuration::default().workloads, expected);
}

#[test]
fn every_preset_can_be_switched_on_by_its_name() {
    for preset in Preset::ALL {
        let text = format!("{{ presets: [{}] }}", preset.name());
        let expected = WorkloadFields::with(&[*preset], &[]);
        assert_eq!(configuration(Some(&text)).workloads, expected);
    }
    let words = schema().pointer("/$defs/PresetWord").unwrap().to_string();
    for preset in Preset::ALL {
        assert!(words.contains(&format!("\"{}\"", preset.name())));
    }
}

#[test]
fn kinds_of_ones_own_are_taken_as_written() {
    let paths = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    for (word, placeholders) in [
        ("double-braces", Placeholders::DoubleBraces),
        ("dollar-parentheses", Placeholders::DollarParentheses),
    ] {
        let text = format!(
            "{{ custom: [{{ group: example.dev, kind: Thing, podSpecs: [spec.pod], images: [\"spec.a[*].image\"], \
             notImages: [spec.logoImage], placeholders: {word} }}] }}"
        );
        let kind = CustomKind {
            kind: GroupKind::new("example.dev", "Thing"),
            pod_specs: paths(&["spec.pod"]),
            images: paths(&["spec.a[*].image"]),
            not_images: paths(&["spec.logoImage"]),
            placeholders: Some(placeholders),
        };
        let expected = WorkloadFields::with(&[], &[kind]);
        assert_eq!(configuration(Some(&text)).workloads, expected);
    }
}
