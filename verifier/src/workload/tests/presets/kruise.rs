//! Workloads of Kruise, and their patches.

use super::*;

#[test]
fn kruise() {
    let version = "apps.kruise.io/v1alpha1";
    for kind in ["CloneSet", "StatefulSet", "DaemonSet", "BroadcastJob"] {
        let set = object(version, kind, json!({ "template": template("k") }));
        assert_eq!(images(Preset::Kruise, &set), of_pod("k"));
    }
    for job in ["jobTemplate", "broadcastJobTemplate"] {
        let cron = object(
            version,
            "AdvancedCronJob",
            json!({ "template": { job: { "spec": { "template": template("k") } } } }),
        );
        assert_eq!(images(Preset::Kruise, &cron), of_pod("k"));
    }
    let cron = object(
        version,
        "AdvancedCronJob",
        json!({ "template": { "imageListPullJobTemplate": { "spec": { "images": ["a", "b"] } } } }),
    );
    assert_eq!(images(Preset::Kruise, &cron), ["a", "b"]);
    let mut sidecars = pod("k");
    sidecars["containers"][0]["upgradeStrategy"] = json!({ "hotUpgradeEmptyImage": "empty:1" });
    let set = object(version, "SidecarSet", sidecars);
    assert_eq!(
        images(Preset::Kruise, &set),
        [vec!["empty:1".to_owned()], of_pod("k")].concat()
    );
    let job = object(
        version,
        "EphemeralJob",
        json!({ "template": { "ephemeralContainers": [{ "name": "e", "image": "e" }] } }),
    );
    assert_eq!(images(Preset::Kruise, &job), ["e"]);
    let job = object(
        version,
        "ImagePullJob",
        json!({ "image": "a", "pullSecrets": ["s"], "pullPolicy": {} }),
    );
    assert_eq!(images(Preset::Kruise, &job), ["a"]);
    assert_eq!(read(Preset::Kruise, &job).unwrap().pods.pull_secrets, ["s"]);
    let job = object(version, "ImageListPullJob", json!({ "images": ["a", "b"] }));
    assert_eq!(images(Preset::Kruise, &job), ["a", "b"]);
}

#[test]
fn patches_of_kruise_are_read_like_pods() {
    let version = "apps.kruise.io/v1alpha1";
    for kind in [
        "statefulSetTemplate",
        "advancedStatefulSetTemplate",
        "cloneSetTemplate",
        "deploymentTemplate",
    ] {
        let united = object(
            version,
            "UnitedDeployment",
            json!({
                "template": { kind: { "spec": { "template": template("a") } } },
                "topology": { "subsets": [
                    { "name": "x", "patch": { "spec": { "containers": [{ "name": "c", "image": "b" }] } } },
                    { "name": "y", "patch": { "spec": { "template": { "spec": { "containers": [{ "name": "c", "image": "d" }] } } } } },
                ] },
            }),
        );
        let expected = [of_pod("a"), vec!["b".to_owned(), "d".to_owned()]].concat();
        assert_eq!(images(Preset::Kruise, &united), expected);
    }
    let spread = object(
        version,
        "WorkloadSpread",
        json!({
            "subsets": [{ "name": "x", "patch": { "metadata": { "annotations": {} }, "spec": { "containers": [{ "name": "c", "image": "b" }] } } }],
        }),
    );
    assert_eq!(images(Preset::Kruise, &spread), ["b"]);
}
