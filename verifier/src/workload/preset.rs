//! Kinds of other projects that hold images, as data.

use super::table::{self, Row};

/// A set of kinds that is switched on by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Preset {
    /// Argo Rollouts.
    ArgoRollouts,
    /// Argo Workflows.
    ArgoWorkflows,
    /// Knative Serving.
    Knative,
    /// `KubeVirt`, with its importer of disks.
    KubeVirt,
    /// Tekton Pipelines.
    Tekton,
    /// Flux.
    Flux,
    /// `OpenKruise`.
    Kruise,
}

impl Preset {
    /// Every preset.
    pub const ALL: &'static [Self] = &[
        Self::ArgoRollouts,
        Self::ArgoWorkflows,
        Self::Knative,
        Self::KubeVirt,
        Self::Tekton,
        Self::Flux,
        Self::Kruise,
    ];

    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ArgoRollouts => "argo-rollouts",
            Self::ArgoWorkflows => "argo-workflows",
            Self::Knative => "knative",
            Self::KubeVirt => "kubevirt",
            Self::Tekton => "tekton",
            Self::Flux => "flux",
            Self::Kruise => "kruise",
        }
    }

    /// What its kinds hold.
    pub(super) const fn rows(self) -> &'static [Row] {
        match self {
            Self::ArgoRollouts => table::ROLLOUTS,
            Self::ArgoWorkflows => table::WORKFLOWS,
            Self::Knative => table::KNATIVE,
            Self::KubeVirt => table::KUBEVIRT,
            Self::Tekton => table::TEKTON,
            Self::Flux => table::FLUX,
            Self::Kruise => table::KRUISE,
        }
    }
}
