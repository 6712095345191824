//! What can stand at a path: an image, or something that holds images at known places.

use super::Place;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// A text that is an image reference.
    Image,
    /// The same, where `null` and an empty text mean that there is none.
    OptionalImage,
    /// A container: an object with a name and, mostly, an image.
    Container(Place),
    /// The `image` of a volume: an object with a reference.
    ImageVolume,
    /// A volume of a pod.
    Volume,
    /// A pod's specification.
    PodSpec,
    /// An object whose `metadata` has the labels of the pods.
    Labelled,
    /// Metadata and specification of a pod.
    PodTemplate,
    /// A text that is merged into the specification of a pod when it is created.
    Patch,
    /// The name of a service account of the pods.
    ServiceAccount,
    /// The name of a pull secret of the pods.
    PullSecret,
    /// `WorkflowSpec` of Argo Workflows.
    ArgoWorkflow,
    /// `Template` of Argo Workflows, which may hold further ones.
    ArgoTemplate,
    /// `TaskSpec` of Tekton.
    TektonTask,
    /// `PipelineSpec` of Tekton, which may hold further ones.
    TektonPipeline,
    /// `VirtualMachineInstanceSpec` of `KubeVirt`.
    VirtualMachine,
    /// `VirtualMachineSpec` of `KubeVirt`: a template with its disks.
    VirtualMachineSpec,
    /// Where a disk is imported from.
    DiskSource,
    /// A registry as the source of a disk: `docker://…`.
    DiskRegistry,
    /// `OCIRepositorySpec` of Flux: the parts of a reference in several fields.
    OciRepository,
    /// A reference that was read with the object around it.
    Taken,
    /// No image, whatever it is called.
    NoImage,
}

type Members = &'static [(&'static str, Shape)];

impl Shape {
    /// Every shape that has members.
    pub(super) const COMPOSED: &'static [Self] = &[
        Self::Container(Place::Container),
        Self::Container(Place::InitContainer),
        Self::Container(Place::EphemeralContainer),
        Self::ImageVolume,
        Self::Volume,
        Self::PodSpec,
        Self::PodTemplate,
        Self::ArgoWorkflow,
        Self::ArgoTemplate,
        Self::TektonTask,
        Self::TektonPipeline,
        Self::VirtualMachine,
        Self::VirtualMachineSpec,
        Self::DiskSource,
        Self::DiskRegistry,
        Self::OciRepository,
    ];

    /// What is known of the members of an object of this shape.
    pub(super) const fn members(self) -> Members {
        match self {
            Self::Container(_) => &[("image", Self::Taken)],
            Self::ImageVolume => &[("reference", Self::Taken)],
            Self::Volume => VOLUME,
            Self::PodSpec => POD_SPEC,
            Self::PodTemplate => &[("spec", Self::PodSpec)],
            Self::ArgoWorkflow => ARGO_WORKFLOW,
            Self::ArgoTemplate => ARGO_TEMPLATE,
            Self::TektonTask => TEKTON_TASK,
            Self::TektonPipeline => TEKTON_PIPELINE,
            Self::VirtualMachine => VIRTUAL_MACHINE,
            Self::VirtualMachineSpec => VIRTUAL_MACHINE_SPEC,
            Self::DiskSource => DISK_SOURCE,
            Self::DiskRegistry => &[
                ("url", Self::Taken),
                ("imageStream", Self::Taken),
                ("secretRef", Self::NoImage),
            ],
            Self::OciRepository => OCI_REPOSITORY,
            Self::Image
            | Self::OptionalImage
            | Self::Labelled
            | Self::Patch
            | Self::ServiceAccount
            | Self::PullSecret
            | Self::Taken
            | Self::NoImage => &[],
        }
    }
}

/// `Volume` of `core/v1`.
const VOLUME: Members = &[
    ("image", Shape::ImageVolume),
    // A block device of a Ceph cluster, which is called an image there.
    ("rbd.image", Shape::NoImage),
    // Settings of a storage driver, in words of its own.
    ("flexVolume.options", Shape::NoImage),
];

/// `PodSpec` of `core/v1`.
const POD_SPEC: Members = &[
    ("containers[*]", Shape::Container(Place::Container)),
    ("initContainers[*]", Shape::Container(Place::InitContainer)),
    (
        "ephemeralContainers[*]",
        Shape::Container(Place::EphemeralContainer),
    ),
    ("volumes[*]", Shape::Volume),
    ("imagePullSecrets[*].name", Shape::PullSecret),
];

const ARGO_WORKFLOW: Members = &[
    ("templates[*]", Shape::ArgoTemplate),
    ("templateDefaults", Shape::ArgoTemplate),
    ("volumes[*]", Shape::Volume),
    ("podSpecPatch", Shape::Patch),
    ("artifactGC.podSpecPatch", Shape::Patch),
    ("serviceAccountName", Shape::ServiceAccount),
    ("imagePullSecrets[*].name", Shape::PullSecret),
];

const ARGO_TEMPLATE: Members = &[
    ("container", Shape::Container(Place::Container)),
    ("script", Shape::Container(Place::Container)),
    (
        "containerSet.containers[*]",
        Shape::Container(Place::Container),
    ),
    ("sidecars[*]", Shape::Container(Place::Container)),
    ("initContainers[*]", Shape::Container(Place::InitContainer)),
    ("volumes[*]", Shape::Volume),
    ("podSpecPatch", Shape::Patch),
    ("serviceAccountName", Shape::ServiceAccount),
    // A list of lists in a workflow, a list of objects with a list in a task set.
    ("steps[*][*].inline", Shape::ArgoTemplate),
    ("steps[*].steps[*].inline", Shape::ArgoTemplate),
    ("dag.tasks[*].inline", Shape::ArgoTemplate),
];

const TEKTON_TASK: Members = &[
    ("steps[*]", Shape::Container(Place::Container)),
    ("sidecars[*]", Shape::Container(Place::Container)),
    ("stepTemplate.image", Shape::OptionalImage),
    ("volumes[*]", Shape::Volume),
];

const TEKTON_PIPELINE: Members = &[
    ("tasks[*].taskSpec", Shape::TektonTask),
    ("tasks[*].taskRef.bundle", Shape::OptionalImage),
    ("tasks[*].pipelineSpec", Shape::TektonPipeline),
    ("tasks[*].pipelineRef.bundle", Shape::OptionalImage),
    ("finally[*].taskSpec", Shape::TektonTask),
    ("finally[*].taskRef.bundle", Shape::OptionalImage),
    ("finally[*].pipelineSpec", Shape::TektonPipeline),
    ("finally[*].pipelineRef.bundle", Shape::OptionalImage),
];

const VIRTUAL_MACHINE: Members = &[
    (
        "volumes[*].containerDisk",
        Shape::Container(Place::Container),
    ),
    (
        "volumes[*].containerDisk.imagePullSecret",
        Shape::PullSecret,
    ),
    (
        "domain.firmware.kernelBoot.container",
        Shape::Container(Place::Container),
    ),
    (
        "domain.firmware.kernelBoot.container.imagePullSecret",
        Shape::PullSecret,
    ),
];

const VIRTUAL_MACHINE_SPEC: Members = &[
    ("template", Shape::Labelled),
    ("template.spec", Shape::VirtualMachine),
    ("dataVolumeTemplates[*].spec.source", Shape::DiskSource),
];

const DISK_SOURCE: Members = &[
    ("registry", Shape::DiskRegistry),
    ("vddk.initImageURL", Shape::OptionalImage),
    // A disk of an oVirt engine.
    ("imageio", Shape::NoImage),
];

const OCI_REPOSITORY: Members = &[
    ("url", Shape::Taken),
    ("ref", Shape::Taken),
    ("secretRef.name", Shape::PullSecret),
    ("serviceAccountName", Shape::ServiceAccount),
];
