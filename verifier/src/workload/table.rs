//! The kinds that hold images, as data: those of Kubernetes here, those of other projects below.

mod argo;
mod kruise;
mod kubevirt;
mod others;
mod tekton;

pub(super) use argo::{ROLLOUTS, WORKFLOWS};
pub(super) use kruise::KRUISE;
pub(super) use kubevirt::KUBEVIRT;
pub(super) use others::{FLUX, KNATIVE};
pub(super) use tekton::TEKTON;

use super::shape::Shape;
use super::{Place, Placeholders};

/// What one kind holds.
pub(super) struct Row {
    /// The API groups that have this kind.
    pub(super) groups: &'static [&'static str],
    /// The kind.
    pub(super) kind: &'static str,
    /// The places that hold images.
    pub(super) paths: Paths,
    /// How references are written whose parts are only known later.
    pub(super) placeholders: Option<Placeholders>,
}

/// Paths, each with what it leads to.
type Paths = &'static [(&'static str, Shape)];

const fn row(groups: &'static [&'static str], kind: &'static str, paths: Paths) -> Row {
    Row {
        groups,
        kind,
        paths,
        placeholders: None,
    }
}

const fn templated(
    groups: &'static [&'static str],
    kind: &'static str,
    paths: Paths,
    placeholders: Placeholders,
) -> Row {
    Row {
        groups,
        kind,
        paths,
        placeholders: Some(placeholders),
    }
}

const SPEC_TEMPLATE: Paths = &[("spec.template", Shape::PodTemplate)];

const CORE: &[&str] = &[""];
const BATCH: &[&str] = &["batch"];
/// Where these kinds were before they moved too: a webhook may be registered for that group without
/// `matchPolicy: Equivalent`.
const APPS: &[&str] = &["apps", "extensions"];

/// The kinds of Kubernetes itself.
pub(super) const BUILT_IN: &[Row] = &[
    row(CORE, "Pod", &[("spec", Shape::PodSpec)]),
    // The object of `pods/ephemeralcontainers` before Kubernetes 1.22.
    row(
        CORE,
        "EphemeralContainers",
        &[(
            "ephemeralContainers[*]",
            Shape::Container(Place::EphemeralContainer),
        )],
    ),
    row(CORE, "PodTemplate", &[("template", Shape::PodTemplate)]),
    row(
        CORE,
        "ReplicationController",
        &[
            ("spec.template", Shape::PodTemplate),
            // Labels: their names are their author's.
            ("spec.selector", Shape::NoImage),
        ],
    ),
    row(APPS, "Deployment", SPEC_TEMPLATE),
    row(APPS, "ReplicaSet", SPEC_TEMPLATE),
    row(APPS, "DaemonSet", SPEC_TEMPLATE),
    row(&["apps"], "StatefulSet", SPEC_TEMPLATE),
    row(BATCH, "Job", SPEC_TEMPLATE),
    row(
        BATCH,
        "CronJob",
        &[("spec.jobTemplate.spec.template", Shape::PodTemplate)],
    ),
];
