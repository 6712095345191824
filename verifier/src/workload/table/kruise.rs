//! `OpenKruise`.

use super::{Row, SPEC_TEMPLATE, row};
use crate::workload::Place;
use crate::workload::shape::Shape;

const GROUP: &[&str] = &["apps.kruise.io"];

/// `OpenKruise`.
pub(in crate::workload) const KRUISE: &[Row] = &[
    row(GROUP, "CloneSet", SPEC_TEMPLATE),
    row(GROUP, "StatefulSet", SPEC_TEMPLATE),
    row(GROUP, "DaemonSet", SPEC_TEMPLATE),
    row(GROUP, "BroadcastJob", SPEC_TEMPLATE),
    row(
        GROUP,
        "AdvancedCronJob",
        &[
            (
                "spec.template.jobTemplate.spec.template",
                Shape::PodTemplate,
            ),
            (
                "spec.template.broadcastJobTemplate.spec.template",
                Shape::PodTemplate,
            ),
            (
                "spec.template.imageListPullJobTemplate.spec.images[*]",
                Shape::Image,
            ),
            (
                "spec.template.imageListPullJobTemplate.spec.pullSecrets[*]",
                Shape::PullSecret,
            ),
        ],
    ),
    row(
        GROUP,
        "SidecarSet",
        &[
            ("spec", Shape::PodSpec),
            (
                "spec.containers[*].upgradeStrategy.hotUpgradeEmptyImage",
                Shape::OptionalImage,
            ),
            (
                "spec.initContainers[*].upgradeStrategy.hotUpgradeEmptyImage",
                Shape::OptionalImage,
            ),
        ],
    ),
    row(
        GROUP,
        "EphemeralJob",
        &[(
            "spec.template.ephemeralContainers[*]",
            Shape::Container(Place::EphemeralContainer),
        )],
    ),
    row(
        GROUP,
        "ImagePullJob",
        &[
            ("spec.image", Shape::Image),
            ("spec.pullSecrets[*]", Shape::PullSecret),
        ],
    ),
    row(
        GROUP,
        "ImageListPullJob",
        &[
            ("spec.images[*]", Shape::Image),
            ("spec.pullSecrets[*]", Shape::PullSecret),
        ],
    ),
    row(
        GROUP,
        "UnitedDeployment",
        &[
            (
                "spec.template.statefulSetTemplate.spec.template",
                Shape::PodTemplate,
            ),
            (
                "spec.template.advancedStatefulSetTemplate.spec.template",
                Shape::PodTemplate,
            ),
            (
                "spec.template.cloneSetTemplate.spec.template",
                Shape::PodTemplate,
            ),
            (
                "spec.template.deploymentTemplate.spec.template",
                Shape::PodTemplate,
            ),
            // A patch of the pod's template, or of the workload around it.
            ("spec.topology.subsets[*].patch", Shape::PodTemplate),
            (
                "spec.topology.subsets[*].patch.spec.template",
                Shape::PodTemplate,
            ),
        ],
    ),
    row(
        GROUP,
        "WorkloadSpread",
        // A patch of the pod, as an object.
        &[("spec.subsets[*].patch", Shape::PodTemplate)],
    ),
];
