//! Decisions: honest worlds first, then one lie or gap at a time.

mod content;
mod exceptions;
mod places;
mod properties;
mod reasons;
mod vulnerabilities;
mod world;

use super::*;
use crate::claim::{Content, SimpleSigning};
use crate::digest::Digest;
use crate::image::{PinnedImage, Platform};
use world::*;

#[test]
fn a_signature_on_the_index_admits() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    world
        .verified
        .push(honest(&set, &world.image.digest().clone()));
    let verdict = verdict(&set, &world);
    assert_eq!(verdict.decision, Decision::Admit);
    assert_eq!(verdict.policies[0].requirements[0].by, [0]);
    assert!(verdict.warnings.is_empty() && verdict.dangers.is_empty());
    assert_eq!(verdict.trust_roots[0].name, "forge");
}

#[test]
fn signatures_on_every_platform_admit_and_one_missing_denies() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    world.verified.push(honest(&set, &Digest::sha256(&[1])));
    let half = verdict(&set, &world);
    assert_eq!(half.decision, Decision::Deny);
    assert_eq!(codes(&half), ["signature/missing", "signature/missing"]);
    world.verified.push(honest(&set, &Digest::sha256(&[2])));
    let whole = verdict(&set, &world);
    assert_eq!(whole.decision, Decision::Admit);
    assert_eq!(whole.policies[0].requirements[0].by, [0, 1]);
}

#[test]
fn on_says_where_the_evidence_must_be() {
    let on = |on: &str| format!("    - {{ name: s, on: {on}, signature: {{ by: [release] }} }}");
    let on_index = policy("enforce", "", &on("index"));
    let on_platform = policy("enforce", "", &on("platform"));
    let mut index_only = appraisal(image());
    let root = index_only.image.digest().clone();
    index_only.verified.push(honest(&on_index, &root));
    let mut platforms_only = appraisal(image());
    for number in [1, 2] {
        platforms_only
            .verified
            .push(honest(&on_index, &Digest::sha256(&[number])));
    }
    assert_eq!(verdict(&on_index, &index_only).decision, Decision::Admit);
    assert_eq!(
        verdict(&on_platform, &platforms_only).decision,
        Decision::Admit
    );
    for (set, world, hint) in [
        (&on_index, &platforms_only, "`on: platform`"),
        (&on_platform, &index_only, "`on: index`"),
    ] {
        let verdict = verdict(set, world);
        assert_eq!(verdict.decision, Decision::Deny);
        let finding = &verdict.policies[0].requirements[0].findings[0];
        assert!(finding.hint.as_ref().unwrap().contains(hint));
    }
}

#[test]
fn a_single_manifest_is_index_and_platform_at_once() {
    let bytes = br#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"layers":[]}"#;
    let name = "registry.example/app".parse().ok();
    let pinned = PinnedImage::pin(
        "registry.example/app".into(),
        name,
        Digest::sha256(bytes),
        bytes,
        None,
    );
    for on in ["any", "index", "platform"] {
        let rule = format!("    - {{ name: s, on: {on}, signature: {{ by: [release] }} }}");
        let set = policy("enforce", "platforms: [linux/amd64]", &rule);
        let mut world = appraisal(pinned.clone().unwrap());
        assert_eq!(verdict(&set, &world).decision, Decision::Deny);
        world.verified.push(honest(&set, &Digest::sha256(bytes)));
        assert_eq!(verdict(&set, &world).decision, Decision::Admit, "{on}");
    }
}

#[test]
fn a_platform_that_is_missing_or_not_judged_never_admits() {
    let set = policy("enforce", "platforms: [linux/amd64, linux/s390x]", SIGNED);
    let mut world = appraisal(image());
    world
        .verified
        .push(honest(&set, &world.image.digest().clone()));
    let missing = verdict(&set, &world);
    assert_eq!(missing.decision, Decision::Deny);
    assert_eq!(
        missing.policies[0].findings[0].code,
        Code::ImagePlatformMissing
    );

    let selected = |platforms: &[&str]| Selection {
        target: None,
        platforms: platforms
            .iter()
            .map(|p| p.parse::<Platform>().unwrap())
            .collect(),
    };
    let narrowed = set.evaluate(&world, &selected(&["linux/amd64"]));
    assert_eq!(narrowed.decision, Decision::Admit);
    let disjoint = set.evaluate(&world, &selected(&["linux/arm64"]));
    assert_eq!(disjoint.decision, Decision::Deny);
    assert_eq!(
        disjoint.policies[0].findings[0].code,
        Code::ImagePlatformMissing
    );

    let set = policy("enforce", "", SIGNED);
    let mut empty = appraisal(index(
        "registry.example/app",
        &[entry(1, "unknown/unknown")],
    ));
    empty
        .verified
        .push(honest(&set, &empty.image.digest().clone()));
    let nothing = verdict(&set, &empty);
    assert_eq!(nothing.decision, Decision::Deny);
    assert_eq!(
        nothing.policies[0].findings[0].code,
        Code::ImagePlatformMissing
    );
}

#[test]
fn an_entry_without_platform_is_judged_with_every_selection() {
    let bare = r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"sha256:2222222222222222222222222222222222222222222222222222222222222222"}"#;
    let rule = "    - { name: s, on: platform, signature: { by: [release] } }";
    let set = policy("enforce", "platforms: [linux/amd64]", rule);
    let entries = [entry(1, "linux/amd64"), bare.to_owned()];
    let mut world = appraisal(index("registry.example/app", &entries));
    world.verified.push(honest(&set, &Digest::sha256(&[1])));
    assert_eq!(verdict(&set, &world).decision, Decision::Deny);
    // Two entries for one platform: a runtime may take either.
    let entries = [entry(1, "linux/amd64"), entry(7, "linux/x86_64")];
    let mut world = appraisal(index("registry.example/app", &entries));
    world.verified.push(honest(&set, &Digest::sha256(&[1])));
    assert_eq!(verdict(&set, &world).decision, Decision::Deny);
    world.verified.push(honest(&set, &Digest::sha256(&[7])));
    assert_eq!(verdict(&set, &world).decision, Decision::Admit);
}

#[test]
fn distinct_signers_are_counted_by_who_they_are() {
    let set = policy("enforce", "", TWO);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    world.verified.push(keyed(&set, KEY_A, &root));
    world.verified.push(keyed(&set, KEY_A, &root));
    let one = verdict(&set, &world);
    assert_eq!(one.decision, Decision::Deny);
    assert_eq!(codes(&one)[0], "signature/threshold");
    assert_eq!(one.dangers, [Danger::NoLog, Danger::NoTimestamp]);
    // One on the index and one on a platform are not two in one place.
    world
        .verified
        .push(keyed(&set, KEY_B, &Digest::sha256(&[1])));
    assert_eq!(verdict(&set, &world).decision, Decision::Deny);
    world.verified.push(keyed(&set, KEY_B, &root));
    assert_eq!(verdict(&set, &world).decision, Decision::Admit);

    let overlapping = "    - { name: two, signature: { by: [release, anybody], atLeast: 2 } }";
    let set = policy("enforce", "", overlapping);
    let mut world = appraisal(image());
    world.verified.push(honest(&set, &root));
    assert_eq!(codes(&verdict(&set, &world))[0], "signature/threshold");
    let other = holder("https://issuer.example", "https://ci.example/other", None);
    world
        .verified
        .push(claim(&root, anchor(&set, None), other, Content::Artifact));
    assert_eq!(verdict(&set, &world).decision, Decision::Admit);
}

#[test]
fn an_attestation_is_not_a_signature_and_has_its_type() {
    let rule = "    - { name: p, attestation: { type: slsa-provenance, by: [release] } }";
    let set = policy("enforce", "", rule);
    let signed = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let who = || {
        holder(
            "https://issuer.example",
            GOOD,
            Some("https://git.example/app"),
        )
    };
    let certificates = anchor(&set, None);
    world.verified.push(honest(&set, &root));
    let attest = |kind: &str, predicate: &str| {
        claim(&root, certificates, who(), stated(kind, &root, predicate))
    };
    world
        .verified
        .push(attest("https://spdx.dev/Document", "{}"));
    let missing = verdict(&set, &world);
    assert_eq!(codes(&missing), ["attestation/missing"]);
    let found = &missing.policies[0].requirements[0].findings[0].found;
    assert!(found.contains("https://spdx.dev/Document"), "{found}");
    for (kind, predicate) in [
        (
            "https://slsa.dev/provenance/v1",
            r#"{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b"}}}"#,
        ),
        (
            "https://slsa.dev/provenance/v0.2",
            r#"{"builder":{"id":"b"},"buildType":"t"}"#,
        ),
    ] {
        let mut world = world.clone();
        world.verified.push(attest(kind, predicate));
        assert_eq!(verdict(&set, &world).decision, Decision::Admit);
        world.verified.remove(0);
        assert_eq!(verdict(&signed, &world).decision, Decision::Deny);
    }
}

#[test]
fn annotations_are_those_that_were_signed() {
    let rule = "    - { name: s, signature: { by: [first], annotations: { stage: production } } }";
    let set = policy("enforce", "", rule);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let with = |stage: &[(&str, &str)]| {
        let plain = keyed(&set, KEY_A, &root);
        let payload = SimpleSigning {
            docker_reference: String::new(),
            manifest_digest: root.clone(),
            optional: stage
                .iter()
                .map(|(k, v)| ((*k).into(), (*v).into()))
                .collect(),
        };
        claim(
            &root,
            plain.anchor,
            plain.signer.clone(),
            Content::SimpleSigning(payload),
        )
    };
    for lie in [
        with(&[("stage", "test")]),
        with(&[]),
        keyed(&set, KEY_A, &root),
    ] {
        world.verified = vec![lie];
        assert_eq!(
            codes(&verdict(&set, &world))[0],
            "signature/annotation-mismatch"
        );
    }
    world
        .verified
        .push(with(&[("stage", "production"), ("x", "y")]));
    assert_eq!(verdict(&set, &world).decision, Decision::Admit);
}

#[test]
fn an_expired_trust_root_denies_and_one_that_will_expire_warns() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    world
        .verified
        .push(honest(&set, &world.image.digest().clone()));
    for (time, decision, warned) in [
        ("2026-05-30T00:00:00Z", Decision::Admit, false),
        ("2026-06-01T00:00:00Z", Decision::Admit, true),
        ("2026-06-29T23:59:59Z", Decision::Admit, true),
        ("2026-06-30T00:00:00Z", Decision::Deny, false),
    ] {
        world.time = time.parse().unwrap();
        let verdict = verdict(&set, &world);
        assert_eq!(verdict.decision, decision, "{time}");
        let soon = verdict
            .warnings
            .iter()
            .any(|w| w.code == Code::TrustExpiresSoon);
        assert_eq!(soon, warned, "{time}");
        if decision == Decision::Deny {
            assert_eq!(verdict.policies[0].findings[0].code, Code::TrustExpired);
        }
    }
}

#[test]
fn an_algorithm_that_the_trust_root_forbids_does_not_count() {
    let text = format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec: {{ sigstore: {{ instance: public-good }}, algorithms: [ml-dsa-65] }}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: p }}
spec:
  match: {{ images: ['**'] }}
  signers:
    release:
      keyless: {{ issuer: 'https://issuer.example', identity: '{GOOD}' }}
      trustRoot: forge
  require:
{SIGNED}
"
    );
    let set = compile(&text);
    let mut world = appraisal(image());
    world
        .verified
        .push(honest(&set, &world.image.digest().clone()));
    let denied = verdict(&set, &world);
    assert_eq!(codes(&denied)[0], "key/algorithm-forbidden");
}

#[test]
fn an_image_that_no_policy_matches_is_denied_unless_configured_otherwise_aloud() {
    let set = policy("enforce", "", SIGNED);
    let world = appraisal(index("elsewhere.example/app", &[entry(1, "linux/amd64")]));
    let denied = verdict(&set, &world);
    assert_eq!(denied.decision, Decision::Deny);
    assert_eq!(denied.findings[0].code, Code::PolicyNoMatch);
    let mut lax = set.clone();
    lax.configuration.unmatched = Unmatched::DangerAdmit;
    let admitted = verdict(&lax, &world);
    assert_eq!(admitted.decision, Decision::Admit);
    assert_eq!(admitted.warnings[0].code, Code::PolicyUnmatchedAdmitted);
}

#[test]
fn a_namespaced_policy_can_only_tighten() {
    let both = |cluster: &str| {
        compile(&format!(
            "{cluster}
apiVersion: policy.sovverify.dev/v1alpha1
kind: ImagePolicy
metadata: {{ name: p, namespace: team }}
spec:
  match: {{ images: ['registry.example/**'] }}
  signers: {{ first: {{ trustRoot: none, key: {{ inline: \"{}\" }} }} }}
  require: [ {{ name: s, signature: {{ by: [first] }} }} ]
",
            KEY_A.replace('\n', "\\n")
        ))
    };
    let alone = both("");
    let mut world = appraisal(image());
    world
        .verified
        .push(keyed(&alone, KEY_A, &world.image.digest().clone()));
    let denied = verdict(&alone, &world);
    assert_eq!(denied.decision, Decision::Deny);
    assert_eq!(denied.findings[0].code, Code::PolicyNoMatch);
    assert_eq!(denied.policies[0].decision, Decision::Admit);
}

#[test]
fn warn_and_audit_are_reported_and_deny_nothing() {
    for mode in ["warn", "audit"] {
        let set = policy(mode, "", SIGNED);
        let verdict = verdict(&set, &appraisal(image()));
        assert_eq!(verdict.decision, Decision::Admit);
        assert_eq!(verdict.policies[0].decision, Decision::Deny);
        assert_eq!(codes(&verdict), ["signature/missing"]);
        assert_eq!(verdict.warnings[0].code, Code::PolicyNotEnforced);
    }
}
