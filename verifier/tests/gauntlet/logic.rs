//! Verdict logic: nothing found is nothing proven, and nobody counts who was not verified.

use serde_json::{Value, json};
use sovverify::evidence::Form;
use sovverify::policy::{PolicySet, Selection};
use sovverify::{Code, Decision, Evidence};
use sovverify_forge::{Bundle, Statement, Version};

use crate::world::{CUSTOM, SCAN, World, codes, evidence, scan};

#[test]
fn gauntlet_024_a_vuln_attestation_alone_does_not_satisfy_a_demand_for_spdx() {
    let world = World::new();
    let scanned = world.attest("release", SCAN, scan(&[]));
    for require in [
        "    - { name: sbom, sbom: { by: [release] } }",
        "    - { name: sbom, attestation: { type: spdx, by: [release] } }",
        r#"    - { name: sbom, attestation: { type: "https://spdx.dev/Document", by: [release] } }"#,
    ] {
        let set = world.policy(require);
        world.denies(&set, &[], Code::AttestationMissing);
        world.denies(
            &set,
            std::slice::from_ref(&scanned),
            Code::AttestationMissing,
        );
        world.admits(&set, &[scanned.clone(), world.spdx()]);
    }
}

#[test]
fn gauntlet_026_a_wrong_or_unreadable_predicate_type_is_an_error_in_every_form() {
    let world = World::new();
    let set = world.policy(r#"    - { name: reviewed, attestation: { type: "https://acme.example/reviewed/v1", by: [release] } }"#);
    let right = world.about(CUSTOM, json!({}));
    let wrong = world.about("https://acme.example/reviewed/v2", json!({}));
    let untyped = String::from_utf8(right.bytes())
        .unwrap()
        .replace("predicateType", "predicatetype");
    let odd = String::from_utf8(right.bytes())
        .unwrap()
        .replace(&format!("\"{CUSTOM}\""), "7");
    let payloads: [(&[u8], Option<Code>); 5] = [
        (&right.bytes(), None),
        (&wrong.bytes(), Some(Code::AttestationMissing)),
        (untyped.as_bytes(), Some(Code::SubjectMalformed)),
        (odd.as_bytes(), Some(Code::SubjectMalformed)),
        (b"not JSON", Some(Code::SubjectMalformed)),
    ];
    for (payload, expected) in payloads {
        for version in [
            Version::V01,
            Version::V02,
            Version::V03,
            Version::V03Parameter,
        ] {
            let signing = world.signing("release").version(version);
            let bundle = signing.envelope(sovverify_forge::IN_TOTO, payload);
            world.expects(&set, world.attached(&bundle), expected);
        }
        let signing = world.signing("release");
        let bundle = signing.envelope(sovverify_forge::IN_TOTO, payload);
        let layer = signing.cosign_layer(&bundle, &[]);
        let mut annotations = layer.annotations;
        // The annotation says what the policy wants to hear.
        annotations.insert("predicateType".to_owned(), CUSTOM.to_owned());
        let older = Form::CosignAttestation {
            envelope: layer.blob,
            annotations,
        };
        world.expects(&set, evidence(world.image.digest(), older), expected);
        // Detached: a bundle in a file, about an artifact.
        let appraisal = world.appraise(&set, &[world.attached(&bundle)]);
        let (subject, time) = (world.image.digest(), appraisal.time);
        let verdict =
            set.evaluate_artifact(subject, &appraisal.verified, &appraisal.rejected, time);
        let admitted = verdict.decision == Decision::Admit;
        assert_eq!(admitted, expected.is_none());
    }
}

#[test]
fn gauntlet_031_the_order_of_two_attestations_of_one_type_decides_nothing() {
    let world = World::new();
    let set = world.policy(r#"    - { name: reviewed, attestation: { type: "https://acme.example/reviewed/v1", by: [release], cel: [{ expression: "predicate.ok" }, { expression: "predicate.deep" }] } }"#);
    let attest =
        |ok: bool, deep: bool| world.attest("release", CUSTOM, json!({ "ok": ok, "deep": deep }));
    let (good, bad, worse) = (attest(true, true), attest(false, true), attest(true, false));
    // One statement that meets every condition is enough, wherever it stands.
    for order in [
        [&good, &bad, &worse],
        [&bad, &good, &worse],
        [&worse, &bad, &good],
    ] {
        world.admits(&set, &order.map(Clone::clone));
    }
    // Two that meet one condition each are none that meets both.
    for order in [[&bad, &worse], [&worse, &bad]] {
        world.denies(&set, &order.map(Clone::clone), Code::ExpressionUnmet);
    }
}

#[test]
fn gauntlet_032_signers_whose_signature_failed_do_not_count() {
    let world = World::new();
    let two = r#"    - { name: reviewed, attestation: { type: "https://acme.example/reviewed/v1", by: [release, first, second], atLeast: 2 } }"#;
    let set = world.policy(two);
    let by = |name: &str| {
        world
            .signing(name)
            .statement(&world.about(CUSTOM, json!({})))
    };
    let broken = |name: &str| by(name).signature_flipped();
    let all = |bundles: &[Bundle]| -> Vec<Evidence> {
        bundles
            .iter()
            .map(|bundle| world.attached(bundle))
            .collect()
    };
    world.admits(&set, &all(&[by("first"), by("second")]));
    world.admits(&set, &all(&[by("first"), broken("second"), by("release")]));
    world.denies(
        &set,
        &all(&[by("first"), broken("second"), broken("release")]),
        Code::AttestationThreshold,
    );
    let none = all(&[broken("first"), broken("second"), broken("release")]);
    let verdict = world.judge(&set, &none);
    assert_eq!(verdict.decision, Decision::Deny);
    // "Nobody" is not "anybody": an empty constraint is refused, whatever its form.
    let signer = |keyless: &str| {
        let text = format!(
            "apiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {{ name: x }}\nspec:\n  match: {{ images: [\"**\"] }}\n  signers:\n    a:\n      keyless: {keyless}\n      trustRoot: forge\n  require:\n    - {{ name: signed, signature: {{ by: [a] }} }}\n---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: TrustRoot\nmetadata: {{ name: forge }}\nspec: {{ sigstore: {{ trustedRoot: {{ file: root.json }} }} }}\n"
        );
        world.documents(&text)
    };
    signer("{ issuer: i, identity: s }").unwrap();
    for lie in [
        "{ issuer: i }",
        "{ identity: s }",
        "{}",
        "null",
        "{ issuer: i, identity: \"\" }",
        "{ issuer: i, identity: [] }",
        "{ issuer: i, identity: null }",
        "{ issuer: i, identity: {} }",
        "{ issuer: \"\", identity: s }",
        "{ issuer: [], identity: s }",
        "{ issuer: null, identity: s }",
        "{ issuer: {}, identity: s }",
        "{ issuer: i, identity: { exact: \"\" } }",
        "{ issuer: i, identity: { glob: \"\" } }",
        "{ issuer: i, identity: { regex: \"\" } }",
        "{ issuer: i, identity: s, claims: {} }",
        "{ issuer: i, identity: s, claims: { sourceRepository: \"\" } }",
        "{ issuer: i, identity: s, claims: { sourceRepository: null } }",
    ] {
        assert!(signer(lie).is_err(), "{lie}");
    }
}

#[test]
fn gauntlet_033_duplicates_count_once_and_unrelated_attestations_not_at_all() {
    let world = World::new();
    let set = world.policy(r#"    - { name: reviewed, attestation: { type: "https://acme.example/reviewed/v1", by: [first, second], atLeast: 2 } }"#);
    let one = world.attest("first", CUSTOM, json!({}));
    let mut mirrored = one.clone();
    mirrored.origin.place = "a mirror".to_owned();
    let again = world.attest("first", CUSTOM, json!({ "again": true }));
    world.admits(
        &set,
        &[one.clone(), world.attest("second", CUSTOM, json!({}))],
    );
    world.denies(
        &set,
        &[one.clone(), one.clone()],
        Code::AttestationThreshold,
    );
    world.denies(
        &set,
        &[one.clone(), mirrored, again],
        Code::AttestationThreshold,
    );
    // Two attestations of a chain are each about the image itself, or they prove nothing.
    let chain = world.policy(
        "    - { name: built, attestation: { type: slsaprovenance1, by: [release] } }
    - { name: reviewed, attestation: { type: \"https://acme.example/reviewed/v1\", by: [first] } }",
    );
    world.admits(&chain, &[world.provenance(), one.clone()]);
    let other = sovverify::Digest::sha256(b"another image").to_string();
    let elsewhere = world.stated("release", &Statement::slsa_v1(&other));
    world.denies(&chain, &[elsewhere, one], Code::SubjectMismatch);
}

#[test]
fn gauntlet_038_a_constraint_and_a_signature_are_met_by_the_same_evidence() {
    let world = World::new();
    let set = world.policy(
        "    - { name: signed, signature: { by: [release], annotations: { env: production } } }",
    );
    let signed = |optional: Value, broken: bool| {
        let payload = json!({
            "critical": {
                "identity": { "docker-reference": "r" },
                "image": { "docker-manifest-digest": world.digest() },
                "type": "cosign container image signature",
            },
            "optional": optional,
        });
        let payload = payload.to_string();
        let signing = world.signing("release");
        let bundle = signing.message(payload.as_bytes());
        let bundle = if broken {
            bundle.signature_flipped()
        } else {
            bundle
        };
        let layer = signing.cosign_layer(&bundle, payload.as_bytes());
        let form = Form::CosignSignature {
            payload: layer.blob,
            annotations: layer.annotations,
        };
        evidence(world.image.digest(), form)
    };
    let env = |value: &str| json!({ "env": value });
    world.admits(&set, &[signed(env("production"), false)]);
    let (bare, lie) = (signed(Value::Null, false), signed(env("production"), true));
    for order in [[bare.clone(), lie.clone()], [lie, bare]] {
        world.denies(&set, &order, Code::SignatureAnnotationMismatch);
    }
    world.denies(
        &set,
        &[signed(env("staging"), false)],
        Code::SignatureAnnotationMismatch,
    );
    // An annotation of the layer is not signed, and is not the signer's.
    let mut unsigned = signed(Value::Null, false);
    if let Form::CosignSignature { annotations, .. } = &mut unsigned.form {
        annotations.insert("env".to_owned(), "production".to_owned());
    }
    world.denies(&set, &[unsigned], Code::SignatureAnnotationMismatch);
}

impl World {
    /// The image is admitted with this evidence alone, or denied with this code.
    #[track_caller]
    fn expects(&self, set: &PolicySet, evidence: Evidence, code: Option<Code>) {
        let appraisal = self.appraise(set, &[evidence]);
        let verdict = set.evaluate(&appraisal, &Selection::default());
        match code {
            None => assert_eq!(verdict.decision, Decision::Admit, "{:?}", codes(&verdict)),
            Some(code) => {
                assert_eq!(verdict.decision, Decision::Deny);
                let codes = codes(&verdict);
                assert!(codes.contains(&code), "{code:?}: {codes:?}");
            }
        }
    }
}
