//! Decisions: honest worlds first, then one lie or gap at a time.

use std::collections::BTreeMap;

use super::*;
use crate::claim::{
    AlternativeName, CertificateIdentity, Claim, Content, FulcioExtension, KeyIdentity, Signer,
    SimpleSigning, Statement, TimeSource, VerifiedTime,
};
use crate::digest::Digest;
use crate::evidence::{Gap, Origin, OriginKind};
use crate::image::{ImageName, PinnedImage, Platform};
use crate::limits::Limits;
use crate::policy::{Documents, FileKey, Source};
use crate::trust::{Anchor, AnchorId};
use crate::verify::{ClaimedKind, Rejection, Verified};

const KEY_A: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----";
const KEY_B: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=
-----END PUBLIC KEY-----";

/// The policy of most tests; `require` is the tail of the document.
fn policy(mode: &str, platforms: &str, require: &str) -> PolicySet {
    let key = |pem: &str| pem.replace('\n', "\n          ");
    let text = format!(
        r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore: {{ instance: public-good }}
  expires: 2026-06-30T00:00:00Z
  warnBefore: 30d
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match: {{ images: ["registry.example/**"] }}
  mode: {mode}
  {platforms}
  signers:
    release:
      keyless:
        issuer: https://issuer.example
        identity: {{ glob: "https://ci.example/*/release@v*" }}
        claims: {{ sourceRepository: "https://git.example/app" }}
      trustRoot: forge
    anybody:
      keyless:
        issuer: https://issuer.example
        identity: {{ regex: "https://ci\\.example/.*" }}
      trustRoot: forge
    first:
      key:
        inline: |
          {a}
      trustRoot: none
    second:
      key:
        inline: |
          {b}
      trustRoot: none
  require:
{require}
"#,
        a = key(KEY_A),
        b = key(KEY_B),
    );
    compile(&text)
}

fn compile(text: &str) -> PolicySet {
    let file = "policy.yaml".to_owned();
    let text = text.to_owned();
    let documents = Documents::parse(&[Source { file, text }]).unwrap_or_else(|e| panic!("{e}"));
    documents
        .compile(&BTreeMap::<FileKey, Vec<u8>>::new())
        .unwrap_or_else(|e| panic!("{e}"))
}

const SIGNED: &str = "    - { name: signed, signature: { by: [release] } }";
const TWO: &str = "    - { name: two, signature: { by: [first, second, release], atLeast: 2 } }";

fn entry(number: u8, platform: &str) -> String {
    let (os, architecture) = platform.split_once('/').unwrap();
    format!(
        r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"{}","platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#,
        Digest::sha256(&[number]),
    )
}

fn index(reference: &str, entries: &[String]) -> PinnedImage {
    let bytes = format!(
        r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
        entries.join(",")
    );
    let digest = Digest::sha256(bytes.as_bytes());
    let name: Option<ImageName> = reference.parse().ok();
    PinnedImage::pin(reference.into(), name, digest, bytes.as_bytes(), None).unwrap()
}

fn image() -> PinnedImage {
    index(
        "registry.example/app",
        &[entry(1, "linux/amd64"), entry(2, "linux/arm64")],
    )
}

fn appraisal(image: PinnedImage) -> Appraisal {
    Appraisal {
        image,
        time: "2026-03-03T00:00:00Z".parse().unwrap(),
        verified: Vec::new(),
        rejected: Vec::new(),
        unsigned: Vec::new(),
        gaps: Vec::new(),
    }
}

fn anchor(set: &PolicySet, pem: Option<&str>) -> AnchorId {
    let key = pem.map(|pem| crate::PublicKey::from_pem(pem, None).unwrap());
    let found = set
        .trust_store()
        .iter()
        .find(|(_, anchor)| match (anchor, &key) {
            (Anchor::Key { key, .. }, Some(wanted)) => **key == *wanted,
            (Anchor::Certificates(_), None) => true,
            _ => false,
        });
    found.unwrap().0
}

fn origin(tag: &str) -> Origin {
    Origin {
        kind: OriginKind::Referrers,
        place: format!("place-{tag}"),
        manifest: None,
        blob: Digest::sha256(tag.as_bytes()),
    }
}

fn claim(subject: &Digest, anchor: AnchorId, signer: Signer, content: Content) -> Verified<Claim> {
    Verified::for_tests(Claim {
        subject: subject.clone(),
        origin: origin(&format!("{signer}-{subject}")),
        anchor,
        signer,
        content,
        times: vec![VerifiedTime {
            time: "2026-03-02T11:04:05Z".parse().unwrap(),
            source: TimeSource::Log { log: "log".into() },
        }],
        logs: Vec::new(),
        algorithm: "ecdsa-p256-sha256".into(),
        dangers: Vec::new(),
    })
}

fn holder(issuer: &str, identity: &str, repository: Option<&str>) -> Signer {
    let time = "2026-03-02T11:00:00Z".parse().unwrap();
    let extensions = repository.map(|r| (FulcioExtension::SourceRepository, r.to_owned()));
    Signer::Certificate(Box::new(CertificateIdentity {
        issuer: Some(issuer.into()),
        alternative_names: vec![AlternativeName::Uri(identity.into())],
        subject: String::new(),
        extensions: extensions.into_iter().collect(),
        not_before: time,
        not_after: time,
        fingerprint: Digest::sha256(identity.as_bytes()),
    }))
}

const GOOD: &str = "https://ci.example/acme/release@v1";

fn honest(set: &PolicySet, subject: &Digest) -> Verified<Claim> {
    let signer = holder(
        "https://issuer.example",
        GOOD,
        Some("https://git.example/app"),
    );
    claim(subject, anchor(set, None), signer, Content::Artifact)
}

fn keyed(set: &PolicySet, pem: &str, subject: &Digest) -> Verified<Claim> {
    let key = crate::PublicKey::from_pem(pem, None).unwrap();
    let signer = Signer::Key(KeyIdentity {
        fingerprint: key.fingerprint().clone(),
        algorithm: "ed25519".into(),
    });
    claim(subject, anchor(set, Some(pem)), signer, Content::Artifact)
}

fn statement(predicate: &str, subject: &Digest) -> Content {
    let text = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{predicate}","subject":[{{"digest":{{"sha256":"{}"}}}}],"predicate":{{}}}}"#,
        subject.hex()
    );
    Content::Statement(Statement::parse(text.as_bytes(), &Limits::default()).unwrap())
}

fn rejection(code: Code, subject: &Digest, anchor: Option<AnchorId>, tag: &str) -> Rejection {
    Rejection {
        code,
        subject: subject.clone(),
        origin: origin(tag),
        anchor,
        expected: "expected".into(),
        found: tag.to_owned(),
        claims_to_be: ClaimedKind::Signature,
    }
}

fn verdict(set: &PolicySet, appraisal: &Appraisal) -> Verdict {
    set.evaluate(appraisal, &Selection::default())
}

/// The codes of the findings of the first requirement, the leading one first.
fn codes(verdict: &Verdict) -> Vec<&'static str> {
    let requirement = &verdict.policies[0].requirements[0];
    requirement
        .findings
        .iter()
        .map(|finding| finding.code.name())
        .collect()
}

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
fn the_most_specific_reason_leads() {
    let set = policy("enforce", "", SIGNED);
    let base = appraisal(image());
    let root = base.image.digest().clone();
    let certificates = anchor(&set, None);
    let with = |issuer: &str, identity: &str, repository: Option<&str>| {
        let mut world = base.clone();
        let signer = holder(issuer, identity, repository);
        world
            .verified
            .push(claim(&root, certificates, signer, Content::Artifact));
        verdict(&set, &world)
    };
    let repository = Some("https://git.example/app");
    for (verdict, code, found) in [
        (
            with(
                "https://issuer.example",
                "https://ci.example/a/nightly@main",
                repository,
            ),
            "certificate/identity-mismatch",
            "nightly",
        ),
        (
            with("https://issuer.example.evil", GOOD, repository),
            "certificate/issuer-mismatch",
            "evil",
        ),
        (
            with(
                "https://issuer.example",
                GOOD,
                Some("https://git.example/fork"),
            ),
            "certificate/claim-mismatch",
            "fork",
        ),
        (
            with("https://issuer.example", GOOD, None),
            "certificate/claim-mismatch",
            "nothing of that kind",
        ),
        (
            with("https://issuer.example", &format!("{GOOD}/x"), repository),
            "certificate/identity-mismatch",
            "/x",
        ),
    ] {
        assert_eq!(verdict.decision, Decision::Deny);
        assert_eq!(codes(&verdict)[0], code);
        let finding = &verdict.policies[0].requirements[0].findings[0];
        assert!(finding.found.contains(found), "{}", finding.found);
        assert!(
            finding.found.contains("2026-03-02T11:04:05Z"),
            "{}",
            finding.found
        );
        assert!(
            finding
                .position
                .as_ref()
                .unwrap()
                .source
                .contains("https://")
        );
        assert_eq!(finding.because.len(), 1);
    }
    let mut world = base.clone();
    for (code, anchor) in [
        (Code::KeyMismatch, Some(certificates)),
        (Code::TransparencyProofInvalid, Some(certificates)),
        (Code::BundleMalformed, None),
        // Another anchor's rejection is no news about this rule.
        (Code::LimitExceeded, Some(anchor(&set, Some(KEY_A)))),
    ] {
        world
            .rejected
            .push(rejection(code, &root, anchor, code.name()));
    }
    let verdict = verdict(&set, &world);
    assert_eq!(codes(&verdict)[0], "transparency/proof-invalid");
    let because = &verdict.policies[0].requirements[0].findings[0].because;
    let listed: Vec<&str> = because.iter().map(|r| r.code.name()).collect();
    assert_eq!(
        listed,
        [
            "transparency/proof-invalid",
            "key/mismatch",
            "bundle/malformed"
        ]
    );
}

#[test]
fn a_constraint_is_never_met_by_two_claims_together() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let certificates = anchor(&set, None);
    for signer in [
        holder("https://issuer.example", GOOD, None),
        holder(
            "https://issuer.example",
            "https://ci.example/x",
            Some("https://git.example/app"),
        ),
        holder(
            "https://other.example",
            GOOD,
            Some("https://git.example/app"),
        ),
    ] {
        world
            .verified
            .push(claim(&root, certificates, signer, Content::Artifact));
    }
    assert_eq!(verdict(&set, &world).decision, Decision::Deny);
}

#[test]
fn an_outage_does_not_look_like_a_missing_signature() {
    let set = policy("enforce", "", SIGNED);
    let mut world = appraisal(image());
    assert_eq!(codes(&verdict(&set, &world)), ["signature/missing"]);
    world.gaps.push(Gap {
        code: Code::LimitExceeded,
        place: "registry.example/app:sha256-00.sig".into(),
        expected: "an answer".into(),
        found: "429".into(),
    });
    let gap = verdict(&set, &world);
    assert_eq!(gap.decision, Decision::Deny);
    assert_eq!(codes(&gap)[0], "limit/exceeded");
    // Behind a gap or not: what is there and enough, is enough.
    world
        .verified
        .push(honest(&set, &world.image.digest().clone()));
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
    let signer = || {
        holder(
            "https://issuer.example",
            GOOD,
            Some("https://git.example/app"),
        )
    };
    let certificates = anchor(&set, None);
    world.verified.push(honest(&set, &root));
    let attest =
        |predicate: &str| claim(&root, certificates, signer(), statement(predicate, &root));
    world.verified.push(attest("https://spdx.dev/Document"));
    let missing = verdict(&set, &world);
    assert_eq!(codes(&missing), ["attestation/missing"]);
    let found = &missing.policies[0].requirements[0].findings[0].found;
    assert!(found.contains("https://spdx.dev/Document"), "{found}");
    for predicate in [
        "https://slsa.dev/provenance/v1",
        "https://slsa.dev/provenance/v0.2",
    ] {
        let mut world = world.clone();
        world.verified.push(attest(predicate));
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

/// A generator of small numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        // Knuth's MMIX constants; the low bits are weak, so the high ones are used.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

/// What does not depend on the order of evidence.
fn essence(verdict: &Verdict, world: &Appraisal) -> String {
    let mut text = format!("{:?} {:?}\n", verdict.decision, verdict.dangers);
    for requirement in verdict
        .policies
        .iter()
        .flat_map(|policy| &policy.requirements)
    {
        let mut by: Vec<String> = requirement
            .by
            .iter()
            .map(|index| world.verified[*index].origin.place.clone())
            .collect();
        by.sort();
        text.push_str(&format!(
            "{} {by:?} {:?}\n",
            requirement.satisfied, requirement.findings
        ));
    }
    text
}

#[test]
fn order_never_matters_bad_evidence_never_helps_and_less_never_admits() {
    let rules = format!(
        "{TWO}\n    - {{ name: p, on: platform, attestation: {{ type: spdx, by: [anybody, first] }} }}\n{SIGNED}"
    );
    let set = policy("enforce", "", &rules);
    let base = appraisal(image());
    let places = [
        base.image.digest().clone(),
        Digest::sha256(&[1]),
        Digest::sha256(&[2]),
    ];
    let certificates = anchor(&set, None);
    let mut numbers = Numbers(1);
    let mut admitted = 0;
    for _ in 0..2_000 {
        let mut world = base.clone();
        for _ in 0..numbers.next(14) {
            let place = &places[numbers.next(3)];
            let identity = [
                "https://ci.example/a/release@v1",
                "https://ci.example/b",
                "x",
            ][numbers.next(3)];
            let signer = holder(
                "https://issuer.example",
                identity,
                Some("https://git.example/app"),
            );
            let made = match numbers.next(5) {
                0 => keyed(&set, KEY_A, place),
                1 => keyed(&set, KEY_B, place),
                2 => claim(place, certificates, signer, Content::Artifact),
                3 => claim(
                    place,
                    certificates,
                    signer,
                    statement("https://spdx.dev/Document", place),
                ),
                _ => honest(&set, place),
            };
            world.verified.push(made);
        }
        if numbers.next(3) == 0 {
            for place in &places[1..] {
                let signer = holder("https://issuer.example", "https://ci.example/b", None);
                let content = statement("https://spdx.dev/Document", place);
                world
                    .verified
                    .push(claim(place, certificates, signer, content));
            }
        }
        let first = verdict(&set, &world);
        let bad = rejection(
            Code::ALL[numbers.next(Code::ALL.len())],
            &places[numbers.next(3)],
            [None, Some(certificates)][numbers.next(2)],
            "bad",
        );
        let mut worse = world.clone();
        worse.rejected.push(bad);
        assert_eq!(verdict(&set, &worse).decision, first.decision);

        let mut turned = worse.clone();
        turned.verified.reverse();
        turned.rejected.reverse();
        let length = turned.verified.len().max(1);
        turned
            .verified
            .rotate_left(numbers.next(length) % length.max(1));
        let (straight, other) = (verdict(&set, &worse), verdict(&set, &turned));
        assert_eq!(essence(&straight, &worse), essence(&other, &turned));

        if first.decision == Decision::Admit {
            admitted += 1;
        } else if !world.verified.is_empty() {
            let mut less = world.clone();
            less.verified.remove(numbers.next(less.verified.len()));
            assert_eq!(verdict(&set, &less).decision, Decision::Deny);
        }
    }
    assert!(
        admitted > 20,
        "the generator must make worlds of both kinds: {admitted}"
    );
}
