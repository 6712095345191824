//! Which fields of which kinds hold images.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::json::Json;
use super::node::Node;
use super::path::FieldPath;
use super::preset::Preset;
use super::shape::Shape;
use super::table::{BUILT_IN, Row};
use super::walk::Walk;
use super::{GroupKind, Placeholders, Workload, WorkloadError};
use crate::digest::Digest;

/// Which fields of which kinds hold images: those of Kubernetes, those of the presets that are
/// switched on, and those that are configured.
///
/// ```
/// use sovverify::workload::{GroupKind, Json, WorkloadFields};
///
/// let text = r#"{ "kind": "Pod", "spec": { "containers": [{ "name": "a", "image": "nginx" }] } }"#;
/// let pod: Json = serde_json::from_str(text).unwrap();
/// let fields = WorkloadFields::built_in();
/// let workload = fields.extract(&GroupKind::new("", "Pod"), &pod).unwrap().unwrap();
/// assert_eq!(workload.images[0].path, "spec.containers[0].image");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadFields {
    kinds: BTreeMap<GroupKind, KindFields>,
    presets: BTreeSet<Preset>,
    custom: Vec<CustomKind>,
}

/// A kind as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomKind {
    /// The kind.
    pub kind: GroupKind,
    /// Paths that lead to a pod's specification.
    pub pod_specs: Vec<FieldPath>,
    /// Paths that lead to an image reference.
    pub images: Vec<FieldPath>,
    /// Paths that lead to something that is called an image and is none.
    pub not_images: Vec<FieldPath>,
    /// How references are written whose parts are only known later.
    pub placeholders: Option<Placeholders>,
}

/// What is known of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KindFields {
    pub(super) root: Node,
    pub(super) absent: Absent,
    pub(super) placeholders: BTreeSet<Placeholders>,
}

/// What a container without an image is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Absent {
    /// Not known yet: the pod has it.
    #[default]
    Deferred,
    /// A mistake: nothing comes after the pod.
    Malformed,
}

impl Default for WorkloadFields {
    fn default() -> Self {
        Self::built_in()
    }
}

impl WorkloadFields {
    /// The kinds of Kubernetes.
    pub fn built_in() -> Self {
        Self::with(&[], &[])
    }

    /// The kinds of Kubernetes, of `presets`, and `custom` ones. A kind that is named twice has the
    /// fields of both: nothing takes an image away.
    pub fn with(presets: &[Preset], custom: &[CustomKind]) -> Self {
        let mut fields = Self {
            kinds: BTreeMap::new(),
            presets: presets.iter().copied().collect(),
            custom: custom.to_vec(),
        };
        for row in BUILT_IN {
            fields.add_row(row);
        }
        for kind in ["Pod", "EphemeralContainers"] {
            fields.kind(&GroupKind::new("", kind)).absent = Absent::Malformed;
        }
        for preset in presets {
            for row in preset.rows() {
                fields.add_row(row);
            }
        }
        for kind in custom {
            fields.add_custom(kind);
        }
        fields
    }

    /// The kinds of which something is known, in order.
    pub fn kinds(&self) -> impl Iterator<Item = &GroupKind> {
        self.kinds.keys()
    }

    /// SHA-256 of the configuration that this was made of. What ships with the program is no part of
    /// it.
    pub fn digest(&self) -> Digest {
        let presets: Vec<&str> = self.presets.iter().map(|preset| preset.name()).collect();
        let custom: Vec<Value> = self.custom.iter().map(CustomKind::canonical).collect();
        let canonical = json!({ "presets": presets, "custom": custom });
        Digest::sha256(canonical.to_string().as_bytes())
    }

    /// Lists the images of `object`, which is of the kind `kind`; `None` where nothing is known of
    /// the kind: it holds no images as far as we are told.
    ///
    /// # Errors
    ///
    /// [`WorkloadError`]: `workload/malformed` where something else stands where an image must be,
    /// `workload/unsupported-reference` where an image is named in a way that leads to no reference,
    /// `limit/exceeded` where the object is larger than the bounds of this module.
    pub fn extract(
        &self,
        kind: &GroupKind,
        object: &Json<'_>,
    ) -> Result<Option<Workload>, WorkloadError> {
        let Some(fields) = self.kinds.get(kind) else {
            return Ok(None);
        };
        Walk::new(fields).object(kind, object.root()).map(Some)
    }

    fn kind(&mut self, kind: &GroupKind) -> &mut KindFields {
        self.kinds.entry(kind.clone()).or_default()
    }

    fn add_row(&mut self, row: &Row) {
        for group in row.groups {
            let fields = self.kind(&GroupKind::new(*group, row.kind));
            fields.placeholders.extend(row.placeholders);
            for (path, shape) in row.paths {
                fields.root.add(path, *shape);
            }
        }
    }

    fn add_custom(&mut self, custom: &CustomKind) {
        let fields = self.kind(&custom.kind);
        fields.placeholders.extend(custom.placeholders);
        for path in &custom.pod_specs {
            // What stands around a specification is the template of a pod, with its labels.
            match path.text().strip_suffix(".spec") {
                Some(template) => fields.root.add(template, Shape::PodTemplate),
                None => fields.root.add(path.text(), Shape::PodSpec),
            }
        }
        for path in &custom.images {
            fields.root.add(path.text(), Shape::Image);
        }
        for path in &custom.not_images {
            fields.root.add(path.text(), Shape::NoImage);
        }
    }
}

impl CustomKind {
    fn canonical(&self) -> Value {
        let texts = |paths: &[FieldPath]| -> BTreeSet<String> {
            paths.iter().map(ToString::to_string).collect()
        };
        json!({
            "group": self.kind.group,
            "kind": self.kind.kind,
            "podSpecs": texts(&self.pod_specs),
            "images": texts(&self.images),
            "notImages": texts(&self.not_images),
            "placeholders": self.placeholders.map(Placeholders::name),
        })
    }
}
