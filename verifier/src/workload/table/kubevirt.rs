//! `KubeVirt`, and its importer of disks.

use super::{Row, row};
use crate::workload::shape::Shape;

const GROUP: &[&str] = &["kubevirt.io"];
const IMPORTER: &[&str] = &["cdi.kubevirt.io"];

/// `KubeVirt`, and its importer of disks.
pub(in crate::workload) const KUBEVIRT: &[Row] = &[
    row(
        GROUP,
        "VirtualMachine",
        &[("spec", Shape::VirtualMachineSpec)],
    ),
    row(
        GROUP,
        "VirtualMachineInstance",
        &[("spec", Shape::VirtualMachine)],
    ),
    row(
        GROUP,
        "VirtualMachineInstanceReplicaSet",
        &[
            ("spec.template", Shape::Labelled),
            ("spec.template.spec", Shape::VirtualMachine),
        ],
    ),
    row(
        &["pool.kubevirt.io"],
        "VirtualMachinePool",
        &[(
            "spec.virtualMachineTemplate.spec",
            Shape::VirtualMachineSpec,
        )],
    ),
    row(
        IMPORTER,
        "DataVolume",
        &[("spec.source", Shape::DiskSource)],
    ),
    row(
        IMPORTER,
        "DataImportCron",
        &[("spec.template.spec.source", Shape::DiskSource)],
    ),
    row(
        IMPORTER,
        "VolumeImportSource",
        &[("spec.source", Shape::DiskSource)],
    ),
];
