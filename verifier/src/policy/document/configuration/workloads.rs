//! `workloads` of a `Configuration`: which Kubernetes objects hold images, beside those of Kubernetes itself.

use crate::policy::decode::{List, Spanned, document, words};

document! {
    /// Kinds that hold images, beside those of Kubernetes itself.
    struct Workloads {
        /// Kinds of other projects, by the names of the projects.
        optional presets: List<PresetWord> = "presets",
        /// Further kinds.
        optional custom: List<CustomKind> = "custom",
    }
}

words! {
    /// A project whose kinds are known.
    enum PresetWord {
        /// Argo Rollouts.
        ArgoRollouts = "argo-rollouts",
        /// Argo Workflows.
        ArgoWorkflows = "argo-workflows",
        /// Knative Serving.
        Knative = "knative",
        /// `KubeVirt`, with its importer of disks.
        KubeVirt = "kubevirt",
        /// Tekton Pipelines.
        Tekton = "tekton",
        /// Flux.
        Flux = "flux",
        /// `OpenKruise`.
        Kruise = "kruise",
    }
}

document! {
    /// A kind that holds images, and where. Paths are names with `.` between them, `[*]` for every item of
    /// a list, `*` for every member of a map.
    struct CustomKind {
        /// The API group; empty for the core group.
        required group: Spanned<String> = "group",
        /// The kind.
        required kind: Spanned<String> = "kind",
        /// Paths that lead to a pod's specification: `spec.template.spec`.
        optional pod_specs: List<Spanned<String>> = "podSpecs",
        /// Paths that lead to an image reference: `spec.steps[*].image`.
        optional images: List<Spanned<String>> = "images",
        /// Paths that lead to what is called an image and is none; every other such field is denied.
        optional not_images: List<Spanned<String>> = "notImages",
        /// How references are written whose parts are only known in the pod.
        optional placeholders: PlaceholdersWord = "placeholders",
    }
}

words! {
    /// How references are written whose parts are only known in the pod.
    enum PlaceholdersWord {
        /// `{{inputs.parameters.image}}`.
        DoubleBraces = "double-braces",
        /// `$(params.image)`.
        DollarParentheses = "dollar-parentheses",
    }
}
