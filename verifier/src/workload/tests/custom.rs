//! Kinds as they are configured.

use serde_json::{Value, json};

use crate::code::Code;
use crate::workload::{
    CustomKind, FieldPath, GroupKind, Json, PathError, Place, Placeholders, Preset, WorkloadFields,
};

fn paths(texts: &[&str]) -> Vec<FieldPath> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn kind(images: &[&str], pod_specs: &[&str], not_images: &[&str]) -> CustomKind {
    CustomKind {
        kind: GroupKind::new("example.dev", "Thing"),
        pod_specs: paths(pod_specs),
        images: paths(images),
        not_images: paths(not_images),
        placeholders: None,
    }
}

fn thing(spec: Value) -> Value {
    json!({
        "apiVersion": "example.dev/v1", "kind": "Thing",
        "metadata": { "labels": { "of": "object" } }, "spec": spec,
    })
}

fn fields(kind: CustomKind) -> WorkloadFields {
    WorkloadFields::with(&[], &[kind])
}

/// The references of a thing, and the fields of it that are unknown.
fn found(kind: CustomKind, spec: Value) -> (Vec<String>, Vec<String>) {
    let group_kind = kind.kind.clone();
    let workload = fields(kind)
        .extract(&group_kind, &Json::from(&thing(spec)))
        .unwrap()
        .unwrap();
    let images = workload.images.into_iter().map(|image| image.reference);
    let unknown = workload.unknown.into_iter().map(|field| field.path);
    (images.collect(), unknown.collect())
}

#[test]
fn images_are_found_at_every_configured_path() {
    let kind = kind(
        &[
            "spec.image",
            "spec.steps[*].image",
            "spec.matrix[*][*]",
            "spec.parts.*.runtimeImage",
        ],
        &["spec.template.spec", "spec.pod"],
        &[],
    );
    let spec = json!({
        "image": "a",
        "steps": [{ "image": "b" }, { "image": "c" }, {}],
        "matrix": [["d"], ["e", "f"], []],
        "parts": { "x/y": { "runtimeImage": "g" }, "z": {} },
        "template": { "metadata": { "labels": { "of": "pods" } }, "spec": { "containers": [{ "image": "h" }] } },
        "pod": { "initContainers": [{ "image": "i" }] },
    });
    let (mut images, unknown) = found(kind, spec);
    images.sort();
    assert_eq!(images, ["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn a_name_from_a_map_is_written_so_that_it_can_be_found_again() {
    let kind = kind(&["spec.parts.*.image"], &[], &[]);
    let object = thing(json!({ "parts": { "x/~y.z": { "name": "n", "image": "a" } } }));
    let workload = fields(kind.clone())
        .extract(&kind.kind, &Json::from(&object))
        .unwrap()
        .unwrap();
    let image = &workload.images[0];
    assert_eq!(image.path, r#"spec.parts["x/~y.z"].image"#);
    assert_eq!(
        object.pointer(image.pointer.as_ref().unwrap()).unwrap(),
        "a"
    );
    assert_eq!(image.name.as_deref(), Some("n"));
    assert_eq!(image.place, Place::Custom);
}

#[test]
fn labels_are_those_of_the_template_where_there_is_one() {
    let template = json!({ "metadata": { "labels": { "of": "pods" } }, "spec": {} });
    for (specs, spec, of) in [
        (
            &["spec.template.spec"][..],
            json!({ "template": template }),
            "pods",
        ),
        (
            &["spec.template.spec"],
            json!({ "template": { "spec": {} } }),
            "object",
        ),
        (
            &["spec.a.spec", "spec.b.spec"],
            json!({ "a": template, "b": template }),
            "object",
        ),
        (
            &["spec.a.spec", "spec.b.spec"],
            json!({ "a": template }),
            "pods",
        ),
        (&["spec.pod"], json!({ "pod": {} }), "object"),
    ] {
        let kind = kind(&[], specs, &[]);
        let workload = fields(kind.clone())
            .extract(&kind.kind, &Json::from(&thing(spec)))
            .unwrap()
            .unwrap();
        assert_eq!(workload.labels["of"], of, "{specs:?}");
    }
}

#[test]
fn a_path_that_leads_nowhere_is_fine_and_one_that_leads_to_something_else_is_not() {
    let paths = [
        "spec.image",
        "spec.steps[*].image",
        "spec.list[*]",
        "spec.map.*",
    ];
    for spec in [
        json!({}),
        json!({ "steps": [], "list": [], "map": {} }),
        json!({ "steps": null, "list": null, "map": null }),
        json!({ "steps": [null, {}] }),
    ] {
        assert_eq!(found(kind(&paths, &[], &[]), spec).0, [""; 0]);
    }
    for spec in [
        json!({ "image": null }),
        json!({ "image": "" }),
        json!({ "image": "  " }),
        json!({ "image": 1 }),
        json!({ "image": true }),
        json!({ "image": ["a"] }),
        json!({ "image": { "reference": "a" } }),
        json!({ "steps": "a" }),
        json!({ "steps": { "image": "a" } }),
        json!({ "steps": ["a"] }),
        json!({ "steps": [{ "image": null }] }),
        json!({ "list": "a" }),
        json!({ "list": { "a": "b" } }),
        json!({ "list": [null] }),
        json!({ "list": [["a"]] }),
        json!({ "map": ["a"] }),
        json!({ "map": "a" }),
        json!({ "map": { "a": null } }),
        json!("a"),
    ] {
        let kind = kind(&paths, &[], &[]);
        let error = fields(kind.clone())
            .extract(&kind.kind, &Json::from(&thing(spec.clone())))
            .unwrap_err();
        assert_eq!(error.code(), Code::WorkloadMalformed, "{spec}");
    }
}

#[test]
fn what_looks_like_an_image_beside_the_paths_is_unknown_unless_it_is_named() {
    let spec =
        json!({ "image": "a", "logoImage": "b", "baseImage": { "repository": "c", "tag": "d" } });
    let (images, unknown) = found(kind(&["spec.image"], &[], &[]), spec.clone());
    assert_eq!(images, ["a"]);
    assert_eq!(
        unknown,
        [
            "spec.baseImage.repository",
            "spec.baseImage.tag",
            "spec.logoImage"
        ]
    );
    let named = ["spec.logoImage", "spec.baseImage"];
    let (images, unknown) = found(kind(&["spec.image"], &[], &named), spec);
    assert_eq!(images, ["a"]);
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn half_of_a_reference_is_not_taken_for_the_whole() {
    let spec = json!({ "image": { "repository": "registry.example/a", "tag": "1" } });
    let (_, unknown) = found(kind(&["spec.image.repository"], &[], &[]), spec);
    assert_eq!(unknown, ["spec.image.tag"]);
}

#[test]
fn no_configuration_takes_an_image_away() {
    let pod = json!({ "kind": "Pod", "spec": { "containers": [{ "image": "a" }], "volumes": [{ "image": { "reference": "b" } }] } });
    let mut hidden = kind(
        &[],
        &[],
        &[
            "spec",
            "spec.containers",
            "spec.containers[*]",
            "spec.containers[*].image",
            "spec.volumes",
            "spec.volumes[*].image",
            "spec.volumes[*].image.reference",
        ],
    );
    hidden.kind = GroupKind::new("", "Pod");
    let mut twice = kind(&["spec.containers[*].image"], &["spec"], &[]);
    twice.kind = hidden.kind.clone();
    for custom in [hidden, twice] {
        let found = WorkloadFields::with(&[], &[custom])
            .extract(&GroupKind::new("", "Pod"), &Json::from(&pod));
        let images = found.unwrap().unwrap().images;
        let references: Vec<&str> = images
            .iter()
            .map(|image| image.reference.as_str())
            .collect();
        assert_eq!(references, ["a", "b"]);
        assert_eq!(images[0].place, Place::Container);
    }
}

#[test]
fn placeholders_of_a_kind_are_deferred() {
    for (placeholders, text) in [
        (Placeholders::DoubleBraces, "a:{{tag}}"),
        (Placeholders::DollarParentheses, "a:$(tag)"),
    ] {
        let mut kind = kind(&["spec.image"], &[], &[]);
        let object = thing(json!({ "image": text }));
        let images = |kind: &CustomKind| {
            let workload = fields(kind.clone())
                .extract(&kind.kind, &Json::from(&object))
                .unwrap()
                .unwrap();
            (workload.images.len(), workload.deferred.len())
        };
        assert_eq!(images(&kind), (1, 0));
        kind.placeholders = Some(placeholders);
        assert_eq!(images(&kind), (0, 1));
    }
    for text in ["{{", "}}{{", "$(", ")$("] {
        let whole = [Placeholders::DoubleBraces, Placeholders::DollarParentheses];
        assert!(!whole.iter().any(|form| form.is_in(text)), "{text}");
    }
}

#[test]
fn texts_that_are_no_paths_are_refused_with_their_reason() {
    for text in [
        "",
        ".",
        "spec.",
        ".spec",
        "spec..image",
        "spec.image ",
        "spec/image",
        "spec.[*]",
        "spec.a[0]",
        "spec.a[*",
        "spec.a*",
        "spec.**",
        "spec.a[*]b",
        "spec.ä",
        "$.spec",
        "spec.a[*]]",
    ] {
        let error = text.parse::<FieldPath>().unwrap_err();
        assert!(matches!(error, PathError::Step { .. }), "{text}: {error}");
    }
    for text in [
        "status.image",
        "metadata.annotations",
        "kind",
        "*",
        "*.image",
        "apiVersion",
    ] {
        let error = text.parse::<FieldPath>().unwrap_err();
        assert!(
            matches!(error, PathError::Beginning { .. }),
            "{text}: {error}"
        );
    }
    let deep = ["a"; 33].join(".");
    assert!(matches!(
        deep.parse::<FieldPath>(),
        Err(PathError::TooManySteps { found: 33 })
    ));
    let long = "a".repeat(513);
    assert!(matches!(
        long.parse::<FieldPath>(),
        Err(PathError::TooLong { found: 513 })
    ));
}

#[test]
fn the_digest_is_that_of_the_configuration_and_not_of_its_order() {
    let digest =
        |presets: &[Preset], custom: &[CustomKind]| WorkloadFields::with(presets, custom).digest();
    let plain = WorkloadFields::built_in().digest();
    assert_eq!(digest(&[], &[]), plain);
    let (flux, knative) = (Preset::Flux, Preset::Knative);
    assert_eq!(
        digest(&[flux, knative], &[]),
        digest(&[knative, flux, flux], &[])
    );
    let (one, other) = (
        kind(&["spec.a", "spec.b"], &[], &[]),
        kind(&["spec.b", "spec.a"], &[], &[]),
    );
    assert_eq!(
        digest(&[], std::slice::from_ref(&one)),
        digest(&[], &[other])
    );
    let differing = [
        plain,
        digest(&[flux], &[]),
        digest(&[], std::slice::from_ref(&one)),
        digest(&[], &[kind(&["spec.a"], &["spec.b"], &[])]),
        digest(
            &[],
            &[CustomKind {
                placeholders: Some(Placeholders::DoubleBraces),
                ..one
            }],
        ),
    ];
    let distinct: std::collections::BTreeSet<_> =
        differing.iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), differing.len());
}
