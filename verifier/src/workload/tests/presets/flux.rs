//! Repositories of Flux, whose reference stands in several fields.

use super::*;
use crate::code::Code;

fn flux(spec: Value) -> Value {
    object("source.toolkit.fluxcd.io/v1", "OCIRepository", spec)
}

#[test]
fn flux_composes_the_reference_of_several_fields() {
    let url = "oci://registry.example:5000/manifests/app";
    for (reference, expected) in [
        (json!(null), "registry.example:5000/manifests/app"),
        (json!({}), "registry.example:5000/manifests/app"),
        (
            json!({ "tag": "1.2" }),
            "registry.example:5000/manifests/app:1.2",
        ),
        (
            json!({ "tag": "", "semver": "" }),
            "registry.example:5000/manifests/app",
        ),
        (
            json!({ "digest": "sha256:0a" }),
            "registry.example:5000/manifests/app@sha256:0a",
        ),
        (
            json!({ "digest": "sha256:0a", "semver": ">1", "tag": "1.2" }),
            "registry.example:5000/manifests/app@sha256:0a",
        ),
    ] {
        let repository = flux(json!({
            "url": url, "ref": reference, "secretRef": { "name": "secret" }, "serviceAccountName": "account",
        }));
        assert_eq!(images(Preset::Flux, &repository), [expected]);
        let workload = read(Preset::Flux, &repository).unwrap();
        assert_eq!(workload.images[0].path, "spec.url");
        assert_eq!(workload.pods.pull_secrets, ["secret"]);
        assert_eq!(workload.pods.service_account.as_deref(), Some("account"));
    }
}

#[test]
fn flux_references_that_we_cannot_follow_are_refused() {
    let url = "oci://registry.example/app";
    for (spec, code, path) in [
        (
            json!({ "url": url, "ref": { "semver": ">=1.0", "tag": "1.2" } }),
            Code::WorkloadUnsupportedReference,
            "spec.ref.semver",
        ),
        (
            json!({ "url": "oci://registry.example/app:1" }),
            Code::WorkloadUnsupportedReference,
            "spec.url",
        ),
        (
            json!({ "url": "oci://registry.example/app@sha256:0a" }),
            Code::WorkloadUnsupportedReference,
            "spec.url",
        ),
        (
            json!({ "url": "https://registry.example/app" }),
            Code::WorkloadUnsupportedReference,
            "spec.url",
        ),
        (json!({}), Code::WorkloadMalformed, "spec.url"),
        (json!({ "url": ["x"] }), Code::WorkloadMalformed, "spec.url"),
        (
            json!({ "url": url, "ref": "1.2" }),
            Code::WorkloadMalformed,
            "spec.ref",
        ),
        (
            json!({ "url": url, "ref": { "tag": 1 } }),
            Code::WorkloadMalformed,
            "spec.ref.tag",
        ),
        (
            json!("oci://registry.example/app"),
            Code::WorkloadMalformed,
            "spec",
        ),
    ] {
        let error = read(Preset::Flux, &flux(spec.clone())).unwrap_err();
        assert_eq!((error.code(), error.path()), (code, Some(path)), "{spec}");
    }
}
