//! Objects that are larger than any honest one, and objects at random.

use serde_json::{Map, Value, json};

use super::{deployment, extract, pod, references};
use crate::code::Code;
use crate::workload::path::{MAX_BYTES, MAX_STEPS};
use crate::workload::{
    CustomKind, FieldPath, GroupKind, Json, MAX_DEPTH, MAX_IMAGES, MAX_LABELS, MAX_PLACE,
    MAX_PULL_SECRETS, MAX_REFERENCE, PathError, Preset, WorkloadError, WorkloadFields,
};

#[test]
fn paths_of_custom_kinds_have_bounds() {
    let long = |bytes: usize| format!("spec.{}", "a".repeat(bytes - 5)).parse::<FieldPath>();
    assert!(long(MAX_BYTES).is_ok());
    let found = MAX_BYTES + 1;
    assert_eq!(long(found).unwrap_err(), PathError::TooLong { found });
    // Lists are steps too.
    for step in [".a", "[*]"] {
        let deep = |steps: usize| format!("spec{}", step.repeat(steps - 1)).parse::<FieldPath>();
        assert!(deep(MAX_STEPS).is_ok(), "{step}");
        let found = MAX_STEPS + 1;
        assert_eq!(deep(found).unwrap_err(), PathError::TooManySteps { found });
    }
}

fn containers(count: usize) -> Value {
    let one =
        |number: usize| json!({ "name": format!("c{number}"), "image": format!("i:{number}") });
    Value::Array((0..count).map(one).collect())
}

#[test]
fn as_many_images_as_the_bound_are_found_and_one_more_is_an_error() {
    let workload = extract("Pod", &pod(json!({ "containers": containers(MAX_IMAGES) }))).unwrap();
    assert_eq!(workload.images.len(), MAX_IMAGES);
    let error = extract(
        "Pod",
        &pod(json!({ "containers": containers(MAX_IMAGES + 1) })),
    )
    .unwrap_err();
    assert_eq!(
        error,
        WorkloadError::TooMany {
            what: "images",
            limit: MAX_IMAGES
        }
    );
    assert_eq!(error.code(), Code::LimitExceeded);
    let blank = Value::Array(vec![json!({}); MAX_IMAGES + 1]);
    let error = extract("Deployment", &deployment(json!({ "containers": blank }))).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
}

#[test]
fn texts_beyond_their_bounds_are_errors() {
    let image = |length: usize| pod(json!({ "containers": [{ "image": "a".repeat(length) }] }));
    assert!(extract("Pod", &image(MAX_REFERENCE)).is_ok());
    let error = extract("Pod", &image(MAX_REFERENCE + 1)).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    assert_eq!(error.path(), Some("spec.containers[0].image"));
    let kind = GroupKind::new("example.dev", "Thing");
    let custom = CustomKind {
        kind: kind.clone(),
        pod_specs: Vec::new(),
        images: vec!["spec.*".parse().unwrap()],
        not_images: Vec::new(),
        placeholders: None,
    };
    let fields = WorkloadFields::with(&[], &[custom]);
    let at = |length: usize| {
        let mut spec = Map::new();
        spec.insert("n".repeat(length - "spec.".len()), json!("a"));
        fields.extract(&kind, &Json::from(&json!({ "spec": spec })))
    };
    let longest = at(MAX_PLACE).unwrap().unwrap();
    assert_eq!(longest.images[0].path.len(), MAX_PLACE);
    let error = at(MAX_PLACE + 1).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    assert!(error.to_string().len() < 500, "{error}");
}

#[test]
fn names_and_labels_beyond_their_bounds_are_errors() {
    let secrets = |count: usize| {
        let one = |number: usize| json!({ "name": format!("s{number}") });
        pod(json!({ "imagePullSecrets": (0..count).map(one).collect::<Vec<_>>() }))
    };
    assert!(extract("Pod", &secrets(MAX_PULL_SECRETS)).is_ok());
    let error = extract("Pod", &secrets(MAX_PULL_SECRETS + 1)).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    let labels = |count: usize| {
        let labels: Map<String, Value> = (0..count)
            .map(|number| (format!("l{number}"), json!("")))
            .collect();
        json!({ "kind": "Pod", "metadata": { "labels": labels } })
    };
    assert!(extract("Pod", &labels(MAX_LABELS)).is_ok());
    assert_eq!(
        extract("Pod", &labels(MAX_LABELS + 1)).unwrap_err().code(),
        Code::LimitExceeded
    );
}

/// How a value is put into another one, and how often that may be.
type Way = (fn(Value) -> Value, usize);

#[test]
fn nesting_without_end_is_an_error() {
    let nested = |levels: usize, wrap: fn(Value) -> Value| {
        let value = (0..levels).fold(json!("x"), |inner, _| wrap(inner));
        extract("Pod", &pod(json!({ "image": value })))
    };
    // `spec` is a level, and a text is one where it is looked at: in a list of images, and not under `a`.
    let ways: [Way; 2] = [
        (|inner| json!([inner]), MAX_DEPTH - 2),
        (|inner| json!({ "a": inner }), MAX_DEPTH - 1),
    ];
    for (wrap, most) in ways {
        assert!(nested(most, wrap).is_ok());
        let error = nested(most + 1, wrap).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
    }
    let mut inline = json!({ "container": { "image": "a" } });
    for _ in 0..MAX_DEPTH {
        inline = json!({ "dag": { "tasks": [{ "inline": inline }] } });
    }
    let workflow = json!({ "kind": "Workflow", "spec": { "templates": [inline] } });
    let kind = GroupKind::new("argoproj.io", "Workflow");
    let found =
        WorkloadFields::with(&[Preset::ArgoWorkflows], &[]).extract(&kind, &Json::from(&workflow));
    assert_eq!(found.unwrap_err().code(), Code::LimitExceeded);
}

#[test]
fn service_account_and_pull_secrets_are_those_that_the_kubelet_takes() {
    for (spec, account, secrets) in [
        (json!({}), None, vec![]),
        (json!({ "serviceAccountName": "a" }), Some("a"), vec![]),
        (json!({ "serviceAccount": "b" }), Some("b"), vec![]),
        (
            json!({ "serviceAccountName": "a", "serviceAccount": "b" }),
            Some("a"),
            vec![],
        ),
        (
            json!({ "serviceAccountName": "", "serviceAccount": "b" }),
            Some("b"),
            vec![],
        ),
        (json!({ "serviceAccountName": null }), None, vec![]),
        (
            json!({ "imagePullSecrets": [{ "name": "y" }, { "name": "x" }, {}, { "name": "" }, { "name": "y" }] }),
            None,
            vec!["y", "x"],
        ),
        (json!({ "imagePullSecrets": null }), None, vec![]),
    ] {
        let pods = extract("Deployment", &deployment(spec.clone()))
            .unwrap()
            .pods;
        assert_eq!(pods.service_account.as_deref(), account, "{spec}");
        assert_eq!(pods.pull_secrets, secrets, "{spec}");
        assert_eq!(pods.further_service_accounts, [""; 0]);
    }
    for spec in [
        json!({ "serviceAccountName": 1 }),
        json!({ "serviceAccount": {} }),
        json!({ "imagePullSecrets": "s" }),
        json!({ "imagePullSecrets": ["s"] }),
        json!({ "imagePullSecrets": [{ "name": 1 }] }),
    ] {
        let error = extract("Pod", &pod(spec.clone())).unwrap_err();
        assert_eq!(error.code(), Code::WorkloadMalformed, "{spec}");
    }
    for labels in [
        json!("x"),
        json!(["x"]),
        json!({ "a": 1 }),
        json!({ "a": null }),
    ] {
        let object = json!({ "kind": "Pod", "metadata": { "labels": labels } });
        assert_eq!(
            extract("Pod", &object).unwrap_err().code(),
            Code::WorkloadMalformed
        );
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    /// A value of few levels, with names that mean something to us among others.
    fn value(&mut self, levels: usize) -> Value {
        const NAMES: [&str; 15] = [
            "image",
            "imageStream",
            "reference",
            "containers",
            "volumes",
            "spec",
            "template",
            "metadata",
            "labels",
            "name",
            "imageRef",
            "url",
            "other",
            "image:\u{202e}",
            "serviceAccountName",
        ];
        match self.roll(if levels == 0 { 6 } else { 10 }) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(self.roll(9)),
            3 => json!(""),
            4 | 5 => json!(format!("t:{}", self.roll(99))),
            6 | 7 => (0..self.roll(4)).map(|_| self.value(levels - 1)).collect(),
            _ => {
                let members = (0..self.roll(5)).map(|_| {
                    let name = NAMES[self.roll(NAMES.len())];
                    (name.to_owned(), self.value(levels - 1))
                });
                Value::Object(members.collect())
            }
        }
    }

    /// A pod with images that are known, among things that are not images.
    fn pod(&mut self, expected: &mut Vec<String>) -> Value {
        let mut spec = Map::new();
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            let containers = (0..self.roll(4)).map(|_| {
                let image = format!("registry.example/{}:{}", self.roll(99), expected.len());
                expected.push(image.clone());
                json!({ "name": "c", "image": image, "env": [{ "name": "IMAGE", "value": "x" }], "args": ["image"] })
            });
            spec.insert(list.to_owned(), containers.collect());
        }
        let volumes = (0..self.roll(4)).map(|_| {
            if self.roll(2) == 0 {
                return json!({ "name": "v", "emptyDir": {} });
            }
            let image = format!("volume:{}", expected.len());
            expected.push(image.clone());
            json!({ "name": "v", "image": { "reference": image } })
        });
        spec.insert("volumes".to_owned(), volumes.collect());
        Value::Object(spec)
    }
}

#[test]
fn no_image_is_lost_wherever_it_stands() {
    let mut dice = Dice(4);
    for _ in 0..500 {
        let mut expected = Vec::new();
        let spec = dice.pod(&mut expected);
        expected.sort();
        for (kind, object) in [
            ("Pod", pod(spec.clone())),
            ("Deployment", deployment(spec.clone())),
        ] {
            let workload = extract(kind, &object).unwrap();
            let mut found = references(&workload);
            found.sort_unstable();
            assert_eq!(found, expected);
            assert_eq!((workload.unknown, workload.deferred), (vec![], vec![]));
        }
    }
}

#[test]
fn no_object_makes_extraction_panic_and_the_same_one_says_the_same_twice() {
    let mut dice = Dice(7);
    let fields = WorkloadFields::with(Preset::ALL, &[]);
    let kinds: Vec<GroupKind> = fields.kinds().cloned().collect();
    let (mut images, mut unknown, mut errors) = (0, 0, 0);
    for round in 0..2_000 {
        let mut spec = dice.value(7);
        if round % 2 == 0 {
            spec = dice.pod(&mut Vec::new());
            let name = ["image", "containers", "volumes", "other"][dice.roll(4)];
            spec[name] = dice.value(4);
        }
        for kind in &kinds {
            let object = json!({ "spec": spec, "template": { "spec": spec } });
            let found = fields.extract(kind, &Json::from(&object));
            assert_eq!(found, fields.extract(kind, &Json::from(&object)));
            match found {
                Ok(workload) => {
                    let workload = workload.unwrap();
                    images += workload.images.len();
                    unknown += workload.unknown.len();
                    let blank = |text: &str| text.trim().is_empty();
                    assert!(!workload.images.iter().any(|image| blank(&image.reference)));
                    assert!(!workload.unknown.iter().any(|field| blank(&field.value)));
                }
                Err(error) => {
                    errors += 1;
                    let codes = [Code::WorkloadMalformed, Code::WorkloadUnsupportedReference];
                    assert!(codes.contains(&error.code()), "{error}");
                }
            }
        }
    }
    assert!(
        images > 1_000 && unknown > 1_000 && errors > 1_000,
        "{images} {unknown} {errors}"
    );
}
