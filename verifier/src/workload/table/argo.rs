//! Argo Rollouts and Argo Workflows.

use super::{Paths, Row, SPEC_TEMPLATE, row, templated};
use crate::workload::Placeholders;
use crate::workload::shape::Shape;

const GROUP: &[&str] = &["argoproj.io"];
/// Arguments of an analysis, parameters of a workflow.
const BRACES: Placeholders = Placeholders::DoubleBraces;

const ANALYSIS: Paths = &[
    (
        "spec.metrics[*].provider.job.spec.template",
        Shape::PodTemplate,
    ),
    // The body of a request, in words of its receiver.
    ("spec.metrics[*].provider.web.jsonBody", Shape::NoImage),
];

/// Argo Rollouts. A `workloadRef` names a Deployment, which is judged itself.
pub(in crate::workload) const ROLLOUTS: &[Row] = &[
    row(GROUP, "Rollout", SPEC_TEMPLATE),
    row(
        GROUP,
        "Experiment",
        &[("spec.templates[*].template", Shape::PodTemplate)],
    ),
    templated(GROUP, "AnalysisTemplate", ANALYSIS, BRACES),
    templated(GROUP, "ClusterAnalysisTemplate", ANALYSIS, BRACES),
    templated(GROUP, "AnalysisRun", ANALYSIS, BRACES),
];

const SPEC: Paths = &[("spec", Shape::ArgoWorkflow)];

/// Argo Workflows.
pub(in crate::workload) const WORKFLOWS: &[Row] = &[
    templated(GROUP, "Workflow", SPEC, BRACES),
    templated(GROUP, "WorkflowTemplate", SPEC, BRACES),
    templated(GROUP, "ClusterWorkflowTemplate", SPEC, BRACES),
    templated(
        GROUP,
        "CronWorkflow",
        &[("spec.workflowSpec", Shape::ArgoWorkflow)],
        BRACES,
    ),
    templated(
        GROUP,
        "WorkflowTaskSet",
        &[("spec.tasks.*", Shape::ArgoTemplate)],
        BRACES,
    ),
];
