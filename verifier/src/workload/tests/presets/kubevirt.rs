//! Machines of `KubeVirt`, and the disks that are imported for them.

use super::*;
use crate::code::Code;

fn machine(name: &str) -> Value {
    json!({
        "domain": { "firmware": { "kernelBoot": { "container": {
            "image": format!("{name}-kernel"), "imagePullSecret": "kernel-secret", "kernelPath": "/k",
        } } } },
        "volumes": [
            { "name": "disk", "containerDisk": { "image": format!("{name}-disk"), "imagePullSecret": "disk-secret" } },
            { "name": "other", "cloudInitNoCloud": { "userData": "image: none" } },
        ],
    })
}

fn source(url: &str) -> Value {
    json!({ "registry": { "url": url, "pullMethod": "node" } })
}

#[test]
fn kubevirt() {
    let of_machine = ["m-disk", "m-kernel"];
    let version = "kubevirt.io/v1";
    let instance = object(version, "VirtualMachineInstance", machine("m"));
    assert_eq!(images(Preset::KubeVirt, &instance), of_machine);
    let workload = read(Preset::KubeVirt, &instance).unwrap();
    assert_eq!(workload.pods.pull_secrets, ["kernel-secret", "disk-secret"]);
    let replicas = object(
        version,
        "VirtualMachineInstanceReplicaSet",
        json!({
            "template": { "metadata": { "labels": { "of": "pods" } }, "spec": machine("m") },
        }),
    );
    assert_eq!(images(Preset::KubeVirt, &replicas), of_machine);
    let spec = json!({
        "template": { "metadata": { "labels": { "of": "pods" } }, "spec": machine("m") },
        "dataVolumeTemplates": [{ "metadata": { "name": "d" }, "spec": { "source": source("docker://quay.example/d:1") } }],
    });
    let machine = object(version, "VirtualMachine", spec.clone());
    let expected = ["m-disk", "m-kernel", "quay.example/d:1"];
    assert_eq!(images(Preset::KubeVirt, &machine), expected);
    assert_eq!(
        read(Preset::KubeVirt, &machine).unwrap().labels["of"],
        "pods"
    );
    let pool = object(
        "pool.kubevirt.io/v1beta1",
        "VirtualMachinePool",
        json!({
            "virtualMachineTemplate": { "spec": spec },
        }),
    );
    assert_eq!(images(Preset::KubeVirt, &pool), expected);
}

#[test]
fn disks_that_are_imported_from_a_registry() {
    let version = "cdi.kubevirt.io/v1beta1";
    let spec = json!({ "source": source("docker://quay.example/d:1") });
    for (kind, spec) in [
        ("DataVolume", spec.clone()),
        ("VolumeImportSource", spec.clone()),
        ("DataImportCron", json!({ "template": { "spec": spec } })),
    ] {
        let disk = object(version, kind, spec);
        assert_eq!(images(Preset::KubeVirt, &disk), ["quay.example/d:1"]);
        let workload = read(Preset::KubeVirt, &disk).unwrap();
        assert_eq!(workload.images[0].pointer, None);
    }
    let vddk =
        json!({ "source": { "vddk": { "url": "https://vcenter", "initImageURL": "vddk:1" } } });
    assert_eq!(
        images(Preset::KubeVirt, &object(version, "DataVolume", vddk)),
        ["vddk:1"]
    );
    for source in [
        json!({ "imageio": { "url": "https://ovirt.example", "diskId": "1" } }),
        json!({ "http": { "url": "https://example/fedora.qcow2" } }),
        json!({ "blank": {} }),
        json!({ "registry": null }),
    ] {
        let disk = object(version, "DataVolume", json!({ "source": source }));
        assert_eq!(images(Preset::KubeVirt, &disk), [""; 0]);
    }
}

#[test]
fn disks_whose_registry_leads_to_no_reference_are_refused() {
    for (registry, code) in [
        (
            json!({ "url": "oci-archive://x" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "url": "docker://" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "url": "DOCKER://x" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "imageStream": "s" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "url": "docker://a", "imageStream": "s" }),
            Code::WorkloadUnsupportedReference,
        ),
        (json!({ "url": 1 }), Code::WorkloadMalformed),
        (json!({}), Code::WorkloadMalformed),
        (json!("docker://x"), Code::WorkloadMalformed),
    ] {
        let disk = object(
            "cdi.kubevirt.io/v1beta1",
            "DataVolume",
            json!({ "source": { "registry": registry } }),
        );
        assert_eq!(
            read(Preset::KubeVirt, &disk).unwrap_err().code(),
            code,
            "{registry}"
        );
    }
}
