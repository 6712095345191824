//! Tekton Pipelines.

use super::{Paths, Row, templated};
use crate::workload::Placeholders;
use crate::workload::shape::Shape;

const GROUP: &[&str] = &["tekton.dev"];
/// Parameters of a task or pipeline.
const DOLLAR: Placeholders = Placeholders::DollarParentheses;

const TASK: Paths = &[("spec", Shape::TektonTask)];

/// Every version of a kind: `v1` moved what is said of pods into `taskRunTemplate`, and left out the
/// bundles that `v1beta1` names.
pub(in crate::workload) const TEKTON: &[Row] = &[
    templated(GROUP, "Task", TASK, DOLLAR),
    templated(GROUP, "ClusterTask", TASK, DOLLAR),
    templated(GROUP, "StepAction", &[("spec.image", Shape::Image)], DOLLAR),
    templated(
        GROUP,
        "TaskRun",
        &[
            ("spec.taskSpec", Shape::TektonTask),
            ("spec.taskRef.bundle", Shape::OptionalImage),
            ("spec.serviceAccountName", Shape::ServiceAccount),
            ("spec.podTemplate.volumes[*]", Shape::Volume),
            (
                "spec.podTemplate.imagePullSecrets[*].name",
                Shape::PullSecret,
            ),
        ],
        DOLLAR,
    ),
    templated(
        GROUP,
        "Pipeline",
        &[("spec", Shape::TektonPipeline)],
        DOLLAR,
    ),
    templated(GROUP, "PipelineRun", PIPELINE_RUN, DOLLAR),
    templated(
        GROUP,
        "CustomRun",
        &[("spec.customRef.bundle", Shape::OptionalImage)],
        DOLLAR,
    ),
    templated(
        GROUP,
        "Run",
        &[("spec.ref.bundle", Shape::OptionalImage)],
        DOLLAR,
    ),
];

const PIPELINE_RUN: Paths = &[
    ("spec.pipelineSpec", Shape::TektonPipeline),
    ("spec.pipelineRef.bundle", Shape::OptionalImage),
    ("spec.serviceAccountName", Shape::ServiceAccount),
    ("spec.podTemplate.volumes[*]", Shape::Volume),
    (
        "spec.podTemplate.imagePullSecrets[*].name",
        Shape::PullSecret,
    ),
    (
        "spec.taskRunTemplate.serviceAccountName",
        Shape::ServiceAccount,
    ),
    ("spec.taskRunTemplate.podTemplate.volumes[*]", Shape::Volume),
    (
        "spec.taskRunTemplate.podTemplate.imagePullSecrets[*].name",
        Shape::PullSecret,
    ),
    (
        "spec.taskRunSpecs[*].serviceAccountName",
        Shape::ServiceAccount,
    ),
    (
        "spec.taskRunSpecs[*].taskServiceAccountName",
        Shape::ServiceAccount,
    ),
    ("spec.taskRunSpecs[*].podTemplate.volumes[*]", Shape::Volume),
    (
        "spec.taskRunSpecs[*].podTemplate.imagePullSecrets[*].name",
        Shape::PullSecret,
    ),
    (
        "spec.taskRunSpecs[*].taskPodTemplate.volumes[*]",
        Shape::Volume,
    ),
    (
        "spec.taskRunSpecs[*].taskPodTemplate.imagePullSecrets[*].name",
        Shape::PullSecret,
    ),
];
