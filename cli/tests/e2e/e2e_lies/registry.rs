//! Lies of a registry: what was pushed is honest, what is served is not.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::Lie;
use super::stage::{Stage, Told};
use sovverify_testbed::cosign::Reach;
use sovverify_testbed::http::{Request, Response};
use sovverify_testbed::image::Image;
use sovverify_testbed::proxy::{Answer, Proxy};
use sovverify_testbed::registry::{INDEX, MANIFEST};

/// The table.
pub(super) const LIES: &[Lie] = &[
    Lie {
        name: "another image under the digest that was asked for",
        code: "image/digest-mismatch",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_3(name);
            let other = index_bytes(stage, &stage.honest);
            stage.served(&image, &format!("manifests/{}", image.digest), move || {
                Answer::Instead(Response::new(200, INDEX, other.clone()))
            })
        },
    },
    Lie {
        // The header is not believed, and not passed over either: some runtimes pull what it says.
        name: "an unsigned image under a header with the digest of a signed one",
        code: "image/digest-mismatch",
        exit: 1,
        tell: |stage, name| {
            let image = stage.image(name);
            let honest = stage.honest.digest.clone();
            let mut told = stage.served(&image, "manifests/v1", move || {
                let honest = honest.clone();
                Answer::Changed(Box::new(move |answer| {
                    answer.set("docker-content-digest", &honest);
                }))
            });
            told.by_tag(&image);
            told
        },
    },
    Lie {
        name: "a tag that moves from an unsigned image to a signed one",
        code: "signature/missing",
        exit: 1,
        tell: |stage, name| moving_tag(stage, name),
    },
    Lie {
        name: "a truncated bundle",
        code: "image/size-mismatch",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_3(name);
            let digest = bundle_digest(stage, &image);
            stage.served(&image, &digest, || {
                Answer::Changed(Box::new(|answer| {
                    answer.body.truncate(answer.body.len() / 2);
                }))
            })
        },
    },
    Lie {
        name: "a truncated `.sig` payload",
        code: "image/size-mismatch",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_2(name);
            let digest = payload_digest(stage, &image);
            stage.served(&image, &digest, || {
                Answer::Changed(Box::new(|answer| {
                    answer.body.truncate(answer.body.len() / 2);
                }))
            })
        },
    },
    Lie {
        name: "a bundle with one changed byte",
        code: "image/digest-mismatch",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_3(name);
            let digest = bundle_digest(stage, &image);
            stage.served(&image, &digest, || {
                Answer::Changed(Box::new(|answer| answer.body[7] ^= 1))
            })
        },
    },
    Lie {
        name: "ten thousand referrers",
        code: "limit/exceeded",
        exit: 1,
        tell: ten_thousand_referrers,
    },
    Lie {
        name: "a signature that says that it has two gigabytes",
        code: "limit/exceeded",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_2(name);
            let mut manifest = stage.signature_manifest(&image);
            manifest["layers"][0]["size"] = json!(TWO_GIGABYTES);
            let body = manifest.to_string();
            stage.served(&image, ".sig", move || {
                Answer::Instead(Response::new(200, MANIFEST, body.clone()))
            })
        },
    },
    Lie {
        name: "a signature that says that it is small and has two gigabytes",
        code: "image/size-mismatch",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_2(name);
            let digest = payload_digest(stage, &image);
            stage.served(&image, &digest, || Answer::Flood {
                announced: TWO_GIGABYTES,
            })
        },
    },
    Lie {
        name: "a manifest of two gigabytes",
        code: "limit/exceeded",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_3(name);
            stage.served(&image, &format!("manifests/{}", image.digest), || {
                Answer::Flood {
                    announced: TWO_GIGABYTES,
                }
            })
        },
    },
    Lie {
        name: "a registry that stalls before the image",
        code: "registry/timeout",
        exit: 3,
        tell: |stage, name| {
            let image = stage.signed_by_3(name);
            let told = stage.served(&image, "/v2/", || Answer::Silence);
            impatient(stage, told)
        },
    },
    Lie {
        name: "a registry that stalls before the evidence",
        code: "registry/timeout",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_3(name);
            let digest = bundle_digest(stage, &image);
            let told = stage.served(&image, &digest, || Answer::Silence);
            impatient(stage, told)
        },
    },
];

/// What a flood offers.
const TWO_GIGABYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Ten thousand entries, all of the right shape, none of them there; the honest one comes last.
fn ten_thousand_referrers(stage: &Stage<'_>, name: &str) -> Told {
    let image = stage.signed_by_3(name);
    let (digest, manifest) = stage.bundle_manifest(&image);
    let mut entries: Vec<Value> = (0..10_000)
        .map(|n| entry(&format!("sha256:{n:064x}"), 500))
        .collect();
    entries.push(entry(&digest, manifest.to_string().len()));
    let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries }).to_string();
    let answer = move || Answer::Instead(Response::new(200, INDEX, list.clone()));
    let fallback = image.digest.replace(':', "-");
    let target = match stage.registry.referrers(name, &image.digest) {
        Some(_) => format!("referrers/{}", image.digest),
        None => format!("manifests/{fallback}"),
    };
    // The end, not any part: `sha256-….sig` is another tag.
    let proxy = Proxy::start(&stage.registry, move |request: &Request| {
        if request.target.ends_with(&target) {
            answer()
        } else {
            Answer::Honest
        }
    });
    stage.told(image.at(proxy.address()), Some(proxy))
}

/// One entry of a list of referrers.
fn entry(digest: &str, size: usize) -> Value {
    json!({
        "mediaType": MANIFEST, "digest": digest, "size": size,
        "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
    })
}

/// The tag names an unsigned image when it is asked for first, and a signed one ever after: a verifier
/// that resolves it twice admits the first by the signature of the second.
fn moving_tag(stage: &Stage<'_>, name: &str) -> Told {
    let unsigned = stage.image(name);
    let signed = Image::push(&stage.registry, name, "the signed one");
    let reference = signed.at(stage.registry.address());
    stage.cosign3.sign(&stage.key, &reference, Reach::Index);
    let bodies = [index_bytes(stage, &unsigned), index_bytes(stage, &signed)];
    let asked = AtomicUsize::new(0);
    let mut told = stage.served(&signed, "manifests/v1", move || {
        let turn = asked.fetch_add(1, Ordering::SeqCst).min(1);
        Answer::Instead(Response::new(200, INDEX, bodies[turn].clone()))
    });
    told.by_tag(&signed);
    told
}

/// The bytes of an image's index.
fn index_bytes(stage: &Stage<'_>, image: &Image) -> Vec<u8> {
    let found = stage.registry.manifest(&image.repository, &image.digest);
    found.unwrap().body
}

/// The digest of the only bundle of an image.
fn bundle_digest(stage: &Stage<'_>, image: &Image) -> String {
    let (_, manifest) = stage.bundle_manifest(image);
    manifest["layers"][0]["digest"].as_str().unwrap().to_owned()
}

/// The digest of the only simple-signing payload of an image.
fn payload_digest(stage: &Stage<'_>, image: &Image) -> String {
    let manifest = stage.signature_manifest(image);
    manifest["layers"][0]["digest"].as_str().unwrap().to_owned()
}

/// Bounds under which nobody waits long for a registry that says nothing.
fn impatient(stage: &Stage<'_>, told: Told) -> Told {
    let config = stage.kit.write(
        "impatient.yaml",
        "apiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: impatient }\n\
         spec:\n  limits: { idleTime: 1s, totalTime: 5s, attempts: 2 }\n",
    );
    told.with("--config", config)
}
