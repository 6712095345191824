//! Which image is it: every child of an index wherever it stands, every spelling of a name, and what a
//! signature says about either.

use std::slice::from_ref;

use serde_json::{Value, json};
use sovverify::evidence::Form;
use sovverify::image::PinError;
use sovverify::policy::{PolicySet, Selection};
use sovverify::{Code, Decision, Digest, Evidence, ImageReference, PinnedImage};
use sovverify_forge::{OCI_INDEX, OCI_MANIFEST, Statement};

use crate::world::{IMAGE, World, codes, evidence, said};

fn pinned(document: &Value) -> Result<PinnedImage, PinError> {
    let bytes = document.to_string().into_bytes();
    let (name, digest) = (IMAGE.parse().ok(), Digest::sha256(&bytes));
    PinnedImage::pin(IMAGE.to_owned(), name, digest, &bytes, None)
}

fn index(entries: &[Value]) -> Value {
    json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries })
}

/// An entry for the image with this content, under this platform where there is one.
fn entry(content: &str, platform: &Value) -> Value {
    let digest = Digest::sha256(content.as_bytes());
    let mut entry = json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": content.len() });
    if !platform.is_null() {
        entry["platform"] = platform.clone();
    }
    entry
}

fn linux(architecture: &str) -> Value {
    json!({ "os": "linux", "architecture": architecture })
}

/// The same world with another image.
fn about(mut world: World, document: &Value) -> World {
    world.image = pinned(document).unwrap();
    world
}

/// A signature on the image with this digest.
fn signed(world: &World, digest: &Digest) -> Evidence {
    let mut found = world.stated("release", &Statement::cosign_sign(&digest.to_string()));
    found.subject = digest.clone();
    found
}

fn child(world: &World, content: &str) -> Evidence {
    signed(world, &Digest::sha256(content.as_bytes()))
}

fn on(world: &World, place: &str, more: &str) -> PolicySet {
    world.policy(&format!(
        "    - {{ name: x, on: {place}, signature: {{ by: [release] }} }}\n{more}"
    ))
}

#[test]
fn gauntlet_050_an_index_with_a_second_list_for_readers_that_ignore_case_is_refused() {
    let entries = [entry("good", &linux("amd64"))];
    let honest = index(&entries);
    let world = about(World::new(), &honest);
    world.admits(&on(&world, "platform", ""), &[child(&world, "good")]);
    // Go's `encoding/json` takes the last of these for `manifests`, and a runtime would run it.
    let evil = json!([entry("evil", &linux("amd64"))]);
    for name in ["Manifests", "MANIFESTS", "manife\u{17f}ts"] {
        let mut lie = honest.clone();
        lie[name] = evil.clone();
        let refused = pinned(&lie).unwrap_err().to_string();
        assert!(refused.contains(name), "{refused}");
    }
    for (member, value) in [
        ("Digest", json!(Digest::sha256(b"evil"))),
        ("MediaType", json!(OCI_INDEX)),
        ("Platform", linux("arm64")),
    ] {
        let mut lie = honest.clone();
        lie["manifests"][0][member] = value;
        assert!(pinned(&lie).is_err(), "{member}");
    }
    let mut lie = honest.clone();
    lie["manifests"][0]["platform"]["OS"] = json!("windows");
    assert!(pinned(&lie).is_err());
    // What is too deep to look through hides nothing that stands behind it.
    let mut lie = honest.clone();
    lie["Above"] = (0..200).fold(json!(0), |inner, _| json!([inner]));
    assert!(lie.to_string().starts_with(r#"{"Above":[[["#));
    assert!(pinned(&lie).is_err());
    lie["Manifests"] = evil;
    assert!(pinned(&lie).is_err());
    // Annotations have names of their own.
    let mut honest = honest;
    honest["annotations"] = json!({ "Manifests": "x", "digest": "y", "Digest": "z" });
    assert!(pinned(&honest).is_ok());
}

#[test]
fn gauntlet_051_a_part_that_is_signed_is_not_the_whole() {
    let both = [
        entry("amd64", &linux("amd64")),
        entry("arm64", &linux("arm64")),
    ];
    let world = about(World::new(), &index(&both));
    let whole = signed(&world, world.image.digest());
    let (amd64, arm64) = (child(&world, "amd64"), child(&world, "arm64"));
    let children = [amd64.clone(), arm64.clone()];
    let one = "  platforms: [linux/amd64]";
    for (place, more, found, admitted) in [
        ("any", "", from_ref(&whole), true),
        ("any", "", &children[..], true),
        ("any", "", from_ref(&amd64), false),
        ("any", "", from_ref(&arm64), false),
        ("index", "", from_ref(&whole), true),
        ("index", "", &children[..], false),
        ("platform", "", from_ref(&whole), false),
        ("platform", "", &children[..], true),
        ("platform", "", from_ref(&amd64), false),
        // Only where the policy itself says that nothing else will run.
        ("platform", one, from_ref(&amd64), true),
        ("platform", one, from_ref(&arm64), false),
    ] {
        let verdict = world.judge(&on(&world, place, more), found);
        let decision = verdict.decision == Decision::Admit;
        assert_eq!(decision, admitted, "{place} {more}: {}", said(&verdict));
    }
    // Another index around a signed child and one that nobody signed, with the evidence of the old one.
    let swapped = [both[0].clone(), entry("evil", &linux("arm64"))];
    let swapped = about(world, &index(&swapped));
    for place in ["any", "index", "platform"] {
        let set = on(&swapped, place, "");
        let mut moved = whole.clone();
        moved.subject = swapped.image.digest().clone();
        let found = [whole.clone(), amd64.clone(), arm64.clone(), moved];
        let verdict = swapped.judge(&set, &found);
        assert_eq!(verdict.decision, Decision::Deny, "{place}");
    }
}

#[test]
fn gauntlet_052_a_bad_child_is_found_at_every_place_and_under_every_name() {
    let good = ["a", "b", "c"].map(|content| entry(content, &linux("amd64")));
    let attestation = |mut entry: Value| {
        let annotations = json!({
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": Digest::sha256(b"a"),
        });
        entry["annotations"] = annotations;
        entry
    };
    let nested = |platform: &Value| {
        let mut entry = entry("bad", platform);
        entry["mediaType"] = json!(OCI_INDEX);
        entry
    };
    let (none, amd64) = (Value::Null, linux("amd64"));
    let bad = [
        entry("bad", &amd64),
        entry("bad", &none),
        entry("bad", &linux("x86_64")),
        entry("bad", &json!({ "os": "Linux", "architecture": "AMD64" })),
        entry(
            "bad",
            &json!({ "os": "linux", "architecture": "amd64", "variant": "v3" }),
        ),
        // containerd takes its own system where none is named.
        entry("bad", &json!({ "os": "", "architecture": "amd64" })),
        entry("bad", &json!({ "os": "linux", "architecture": "" })),
        nested(&none),
        nested(&amd64),
        attestation(entry("bad", &amd64)),
        attestation(entry("bad", &none)),
    ];
    let unknown = json!({ "os": "unknown", "architecture": "unknown" });
    for place in 0..=good.len() {
        let judged = |extra: &Value, more: &str| {
            let mut entries = good.to_vec();
            entries.insert(place, extra.clone());
            let world = about(World::new(), &index(&entries));
            let set = on(&world, "platform", more);
            let found = ["a", "b", "c"].map(|content| child(&world, content));
            world.judge(&set, &found)
        };
        for more in ["", "  platforms: [linux/amd64]"] {
            for lie in &bad {
                let verdict = judged(lie, more);
                assert_eq!(verdict.decision, Decision::Deny, "{place} {more}: {lie}");
                let codes = codes(&verdict);
                assert!(codes.contains(&Code::SignatureMissing), "{lie}: {codes:?}");
            }
            // What no runtime can pick is no child, and hides none.
            let verdict = judged(&attestation(entry("x", &unknown)), more);
            assert_eq!(verdict.decision, Decision::Admit, "{}", said(&verdict));
        }
        // Another platform is judged unless the policy leaves it out.
        let other = entry("bad", &linux("arm64"));
        assert_eq!(judged(&other, "").decision, Decision::Deny);
        let left_out = judged(&other, "  platforms: [linux/amd64]");
        assert_eq!(left_out.decision, Decision::Admit);
    }
}

/// A signature of cosign's older form over a payload.
fn older(world: &World, name: &str, payload: &[u8]) -> Evidence {
    let layer = world.signing(name).cosign_signature_over(payload);
    let form = Form::CosignSignature {
        payload: layer.blob,
        annotations: layer.annotations,
    };
    evidence(world.image.digest(), form)
}

#[test]
fn gauntlet_059_a_signature_is_about_a_digest_and_its_signer_about_a_repository() {
    let world = World::new();
    let set = world.policy("    - { name: signed, signature: { by: [first] } }");
    let payload = |name: &str, digest: &str| {
        format!(
            r#"{{"critical":{{"identity":{{"docker-reference":"{name}"}},"image":{{{digest}}},"type":"cosign container image signature"}},"optional":null}}"#
        )
    };
    let ours = format!("\"docker-manifest-digest\":\"{}\"", world.digest());
    let other = format!(
        "\"docker-manifest-digest\":\"{}\"",
        Digest::sha256(b"other")
    );
    // The name in the payload is what the signer called the image: no repository, and no tag, is bound by it.
    for name in [
        IMAGE,
        "registry.forge.example/dev/app",
        "registry.forge.example/acme/app:v1",
        "",
    ] {
        let found = older(&world, "first", payload(name, &ours).as_bytes());
        world.admits(&set, from_ref(&found));
        // What binds an image to a repository is who may sign for it there.
        let replayed = older(&world, "second", payload(name, &ours).as_bytes());
        world.denies(&set, &[replayed], Code::SignatureUntrusted);
        let found = older(&world, "first", payload(name, &other).as_bytes());
        world.denies(&set, &[found], Code::SubjectMismatch);
    }
    for digest in [
        "",
        "\"docker-manifest-digest\":\"\"",
        "\"docker-manifest-digest\":null",
    ] {
        let found = older(&world, "first", payload(IMAGE, digest).as_bytes());
        let verdict = world.judge(&set, &[found]);
        assert_eq!(verdict.decision, Decision::Deny, "{digest}");
    }
}

/// Spellings, and what each is canonically; nothing where it is refused.
const SPELLINGS: [(&str, Option<&str>); 44] = [
    ("nginx", Some("docker.io/library/nginx:latest")),
    ("nginx:latest", Some("docker.io/library/nginx:latest")),
    ("library/nginx", Some("docker.io/library/nginx:latest")),
    ("docker.io/nginx", Some("docker.io/library/nginx:latest")),
    (
        "docker.io/library/nginx",
        Some("docker.io/library/nginx:latest"),
    ),
    (
        "docker.io:443/nginx",
        Some("docker.io/library/nginx:latest"),
    ),
    ("Docker.IO/nginx", Some("docker.io/library/nginx:latest")),
    (
        "index.docker.io/nginx",
        Some("docker.io/library/nginx:latest"),
    ),
    (
        "index.docker.io/library/nginx",
        Some("docker.io/library/nginx:latest"),
    ),
    (
        "INDEX.docker.io:443/library/nginx",
        Some("docker.io/library/nginx:latest"),
    ),
    (
        "registry-1.docker.io/library/nginx",
        Some("docker.io/library/nginx:latest"),
    ),
    (
        "registry-1.docker.io:443/nginx",
        Some("docker.io/library/nginx:latest"),
    ),
    ("docker.io:80/nginx", Some("docker.io:80/nginx:latest")),
    ("docker.io:5000/nginx", Some("docker.io:5000/nginx:latest")),
    ("docker.io./nginx", None),
    (
        "docker.io/library/library/nginx",
        Some("docker.io/library/library/nginx:latest"),
    ),
    ("docker.io//nginx", None),
    ("docker.io/", None),
    ("docker.io/library/NGINX", None),
    ("https://docker.io/nginx", None),
    ("docker.io/library/nginx/", None),
    ("docker.io/library/./nginx", None),
    ("docker.io/library/../library/nginx", None),
    ("docker.io/library%2fnginx", None),
    ("docker.io@docker.io/nginx", None),
    ("user:word@docker.io/nginx", None),
    ("docker.io/library/nginx ", None),
    (" docker.io/library/nginx", None),
    ("docker.io\\library\\nginx", None),
    ("docker.io/library/nginx:latest:latest", None),
    ("docker.io/library/nginx:", None),
    ("docker.io/library/nginx?x=1", None),
    ("docker.io/library/nginx#x", None),
    ("dосker.io/library/nginx", None),
    (
        "registry.forge.example/acme/app",
        Some("registry.forge.example/acme/app:latest"),
    ),
    (
        "Registry.Forge.Example/acme/app",
        Some("registry.forge.example/acme/app:latest"),
    ),
    (
        "registry.forge.example:443/acme/app",
        Some("registry.forge.example/acme/app:latest"),
    ),
    (
        "registry.forge.example:0443/acme/app",
        Some("registry.forge.example/acme/app:latest"),
    ),
    (
        "registry.forge.example:8443/acme/app",
        Some("registry.forge.example:8443/acme/app:latest"),
    ),
    ("registry.forge.example:/acme/app", None),
    ("registry.forge.example:65979/acme/app", None),
    ("registry.forge.example./acme/app", None),
    ("registry.forge.example/Acme/app", None),
    ("registry.forge.example/acme/app\n", None),
];

#[test]
fn gauntlet_060_forty_spellings_are_one_name_or_none() {
    let world = World::new();
    let policy = |pattern: &str| {
        let text = format!(
            "apiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {{ name: x }}\nspec:\n  match: {{ images: [\"{pattern}\"] }}\n  signers: {{ first: {{ key: {{ file: first }}, trustRoot: none }} }}\n  require: [{{ name: signed, signature: {{ by: [first] }} }}]\n"
        );
        world.documents(&text)
    };
    let sets = [
        ("docker.io/library/nginx:latest", "docker.io/library/nginx"),
        (
            "registry.forge.example/acme/app:latest",
            "registry.forge.example/acme/*",
        ),
    ];
    let sets = sets.map(|(name, pattern)| (name, policy(pattern).unwrap()));
    for (written, canonical) in SPELLINGS {
        let found: Option<ImageReference> = written.parse().ok();
        let text = found.as_ref().map(ToString::to_string);
        assert_eq!(text.as_deref(), canonical, "{written:?}");
        let Some(found) = found else { continue };
        // What is one name is one name to every policy, and what is another is another.
        for (name, set) in &sets {
            let matches = !set.matching(found.name(), None).is_empty();
            assert_eq!(matches, canonical == Some(name), "{written} {name}");
        }
        let again: ImageReference = found.to_string().parse().unwrap();
        assert_eq!(again.name(), found.name(), "{written}");
    }
    // A policy may be written in any of the spellings that are one name, or it is refused.
    let nginx: ImageReference = "nginx".parse().unwrap();
    for pattern in [
        "index.docker.io/library/nginx",
        "Docker.IO/library/nginx",
        "nginx",
    ] {
        if let Ok(set) = policy(pattern) {
            assert!(!set.matching(nginx.name(), None).is_empty(), "{pattern}");
        }
    }
    let selection = Selection::default();
    let verdict = sets[0]
        .1
        .evaluate(&world.appraise(&sets[0].1, &[]), &selection);
    assert_eq!(codes(&verdict), [Code::PolicyNoMatch]);
}
