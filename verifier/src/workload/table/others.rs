//! Projects with few kinds.

use super::{Row, SPEC_TEMPLATE, row};
use crate::workload::shape::Shape;

/// Knative Serving.
pub(in crate::workload) const KNATIVE: &[Row] = &[
    row(&["serving.knative.dev"], "Service", SPEC_TEMPLATE),
    row(&["serving.knative.dev"], "Configuration", SPEC_TEMPLATE),
    row(
        &["serving.knative.dev"],
        "Revision",
        &[("spec", Shape::PodSpec)],
    ),
];

/// Flux.
pub(in crate::workload) const FLUX: &[Row] = &[row(
    &["source.toolkit.fluxcd.io"],
    "OCIRepository",
    &[("spec", Shape::OciRepository)],
)];
