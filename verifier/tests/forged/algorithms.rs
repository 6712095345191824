//! Algorithms in every role: what evidence rests on is recorded, and each profile judges it by the
//! part that it plays. Each lie has an honest twin under the same trust root's words.

#[path = "algorithms/certificates.rs"]
mod certificates;
#[path = "algorithms/logs.rs"]
mod logs;
#[path = "algorithms/timestamps.rs"]
mod timestamps;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use sovverify::policy::{ArtifactVerdict, Documents, PolicySet, Source};
use sovverify::trust::{AlgorithmUse, Requirements};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Anchor, Code, Decision, Digest, Finding, Limits, VerificationTime};
use sovverify_forge::{
    Bundle, Hash, Key, KeyKind, RELEASE_WORKFLOW, Scheme, WORKFLOW_ISSUER, days,
};

use crate::world::{ARTIFACT, World};

const BSI: &str = "bsi-tr-02102-1-2026-01";
const FIPS: &str = "fips-140-3";

/// A policy of one signer under this trust root with these `algorithms`.
fn policy(trusted_root: &str, signer: &Value, require: &Value, algorithms: &Value) -> PolicySet {
    let root = json!({
        "apiVersion": "policy.sovverify.dev/v1alpha1",
        "kind": "TrustRoot",
        "metadata": { "name": "forge" },
        "spec": {
            "sigstore": { "trustedRoot": { "inline": trusted_root } },
            "require": require,
            "algorithms": algorithms,
        },
    });
    let policy = json!({
        "apiVersion": "policy.sovverify.dev/v1alpha1",
        "kind": "ClusterImagePolicy",
        "metadata": { "name": "p" },
        "spec": {
            "match": { "images": ["**"] },
            "signers": { "release": signer },
            "require": [{ "name": "signed", "signature": { "by": ["release"] } }],
        },
    });
    let text = format!("{root}\n---\n{policy}\n");
    let file = "policy.yaml".to_owned();
    let documents = Documents::parse(&[Source { file, text }]).unwrap();
    documents.compile(&BTreeMap::new()).unwrap()
}

fn keyless() -> Value {
    json!({
        "keyless": { "issuer": WORKFLOW_ISSUER, "identity": RELEASE_WORKFLOW },
        "trustRoot": "forge",
    })
}

fn held(key: &Key) -> Value {
    json!({ "key": { "inline": key.public_pem() }, "trustRoot": "forge" })
}

fn evaluate(set: &PolicySet, bundle: &Bundle, when: Timestamp) -> ArtifactVerdict {
    let time = VerificationTime::at(when);
    let (bytes, limits) = (bundle.bytes(), Limits::default());
    let mut verified = Vec::new();
    let mut rejected = Vec::new();
    for (id, _) in set.trust_store().iter() {
        let artifact = Artifact::Bytes(ARTIFACT);
        match verify_bundle(&bytes, &artifact, set.trust_store(), id, time, &limits) {
            Ok(claim) => verified.push(claim),
            Err(no) => rejected.push(*no),
        }
    }
    set.evaluate_artifact(&Digest::sha256(ARTIFACT), &verified, &rejected, time)
}

/// What stands against the one requirement.
fn findings(verdict: &ArtifactVerdict) -> &[Finding] {
    let policy = verdict.policies.first().unwrap();
    &policy.requirements.first().unwrap().findings
}

/// The code of the leading finding and what it found; an error where the artifact is admitted.
fn refusal(verdict: &ArtifactVerdict) -> Result<(Code, String), &'static str> {
    let finding = findings(verdict).first().ok_or("admitted")?;
    assert_eq!(verdict.decision, Decision::Deny);
    Ok((finding.code, finding.found.clone()))
}

/// What the world's keyless signature, or that of a key, comes to under `algorithms`.
struct Asked<'a> {
    world: &'a World,
    bundle: &'a Bundle,
    trusted_root: String,
    signer: Value,
    require: Value,
}

impl<'a> Asked<'a> {
    fn keyless(world: &'a World, bundle: &'a Bundle) -> Self {
        Self {
            world,
            bundle,
            trusted_root: world.forge.trusted_root().text(),
            signer: keyless(),
            require: json!({ "log": 1 }),
        }
    }

    fn verdict(&self, algorithms: &Value, when: Timestamp) -> ArtifactVerdict {
        let set = policy(&self.trusted_root, &self.signer, &self.require, algorithms);
        evaluate(&set, self.bundle, when)
    }

    fn admitted(&self, algorithms: &Value) {
        let verdict = self.verdict(algorithms, days(self.world.time, 1));
        let findings = findings(&verdict);
        assert_eq!(
            verdict.decision,
            Decision::Admit,
            "{algorithms}: {findings:?}"
        );
        assert!(verdict.warnings.is_empty(), "{:?}", verdict.warnings);
    }

    fn refused(&self, algorithms: &Value, code: Code, found: &str) {
        let verdict = self.verdict(algorithms, days(self.world.time, 1));
        let refusal = refusal(&verdict).map(|(code, text)| (code, text.contains(found), text));
        let (actual, named, text) = refusal.unwrap();
        assert_eq!(actual, code, "{algorithms}: {text}");
        assert!(named, "{algorithms}: expected `{found}` in `{text}`");
    }
}

/// Logged in Rekor v1, with a timestamp.
fn honest(world: &World) -> Bundle {
    let signing = world.forge.keyless(world.time);
    signing.timestamped(1).message(ARTIFACT)
}

fn names(uses: &BTreeSet<AlgorithmUse>) -> Vec<(&str, &str)> {
    uses.iter()
        .map(|used| (used.algorithm.as_str(), used.place.as_str()))
        .collect()
}

#[test]
fn a_claim_says_every_algorithm_that_it_rests_on_and_where() {
    let world = World::new();
    let claim = world.judge(&honest(&world), world.keyless()).unwrap();
    let used = &claim.algorithms;
    assert_eq!(used.signature, "ecdsa-p256-sha256");
    let certificates = names(&used.certificates);
    assert_eq!(
        certificates
            .iter()
            .map(|(algorithm, _)| *algorithm)
            .collect::<Vec<_>>(),
        ["ecdsa-p256", "ecdsa-p384", "ecdsa-p384-sha384"],
        "{certificates:?}"
    );
    assert!(
        certificates[1].1.contains("CN=intermediate"),
        "{certificates:?}"
    );
    let logs = names(&used.logs);
    assert_eq!(logs.len(), 2, "{logs:?}");
    assert!(logs.iter().all(|(name, _)| *name == "ecdsa-p256-sha256"));
    assert!(
        logs.iter()
            .any(|(_, place)| place.starts_with("SCT of log"))
    );
    let stamps: Vec<&str> = names(&used.timestamps)
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let expected = [
        "ecdsa-p256",        // the leaf's key
        "ecdsa-p256-sha256", // the token
        "ecdsa-p384",        // the intermediate's key
        "ecdsa-p384",        // the root's key
        "ecdsa-p384-sha384", // on the leaf
        "ecdsa-p384-sha384", // on the intermediate
        "sha256",            // the imprint
    ];
    assert_eq!(stamps, expected);
}

#[test]
fn what_was_not_verified_is_not_recorded() {
    let world = World::new();
    let key = Key::generate(KeyKind::MlDsa65);
    let bare = world.forge.keyed(&key, world.time).unlogged();
    let anchor = crate::world::key_only(&key);
    let claim = world.judge(&bare.message(ARTIFACT), anchor).unwrap();
    assert_eq!(claim.algorithms.signature, "ml-dsa-65");
    assert!(claim.algorithms.certificates.is_empty());
    assert!(claim.algorithms.logs.is_empty());
    assert!(claim.algorithms.timestamps.is_empty());
    let lax = Requirements {
        sct: sovverify::trust::Sct::DangerNotRequired,
        ..Requirements::default()
    };
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    let anchor = Anchor::Certificates(world.root(lax));
    let claim = world.judge(&bundle, anchor).unwrap();
    let logs = names(&claim.algorithms.logs);
    assert_eq!(logs.len(), 1, "no SCT was asked for: {logs:?}");
}

#[test]
fn an_honest_world_satisfies_every_profile() {
    let world = World::new();
    let bundle = honest(&world);
    let asked = Asked::keyless(&world, &bundle);
    for algorithms in [json!("default"), json!(FIPS), json!(BSI)] {
        asked.admitted(&algorithms);
        asked.admitted(&json!({ "profile": algorithms, "log": ["ecdsa-p256"] }));
    }
    asked.admitted(&json!(["ecdsa-p256", "ecdsa-p384"]));
}

#[test]
fn the_artefact_signature_is_judged_by_its_own_rule() {
    let world = World::new();
    for (kind, scheme, fips, bsi) in [
        (KeyKind::EcdsaP521, Scheme::Ecdsa(Hash::Sha512), true, true),
        (KeyKind::Rsa3072, Scheme::RsaPss(Hash::Sha256), true, true),
        (
            KeyKind::Rsa3072,
            Scheme::RsaPkcs1(Hash::Sha256),
            true,
            false,
        ),
        (KeyKind::Rsa2048, Scheme::RsaPss(Hash::Sha256), true, false),
        (KeyKind::Ed25519, Scheme::Ed25519, true, false),
        (KeyKind::MlDsa44, Scheme::MlDsa, true, false),
        (KeyKind::MlDsa65, Scheme::MlDsa, true, true),
        (KeyKind::MlDsa87, Scheme::MlDsa, true, true),
    ] {
        let key = Key::generate(kind).signing_as(scheme);
        let signing = world.forge.keyed(&key, world.time).unlogged();
        let bundle = signing.timestamped(1).message(ARTIFACT);
        let asked = Asked {
            signer: held(&key),
            require: json!({ "log": 0, "timestamp": 1 }),
            ..Asked::keyless(&world, &bundle)
        };
        for (profile, allowed) in [(FIPS, fips), (BSI, bsi)] {
            if allowed {
                asked.admitted(&json!(profile));
            } else {
                let code = Code::KeyAlgorithmForbidden;
                asked.refused(&json!(profile), code, "");
                asked.admitted(&json!({ "profile": profile, "signature": "default" }));
            }
        }
    }
}

#[test]
fn a_deprecated_algorithm_admits_and_warns_once_for_each_role() {
    let world = World::new();
    let bundle = honest(&world);
    let asked = Asked::keyless(&world, &bundle);
    let later = "2036-01-01T00:00:00Z".parse().unwrap();
    let verdict = asked.verdict(&json!(BSI), later);
    assert_eq!(verdict.decision, Decision::Admit);
    let codes: Vec<Code> = verdict
        .warnings
        .iter()
        .map(|warning| warning.code)
        .collect();
    assert!(
        codes
            .iter()
            .all(|code| *code == Code::KeyAlgorithmDeprecated)
    );
    let found: Vec<&str> = verdict
        .warnings
        .iter()
        .map(|warning| warning.found.as_str())
        .collect();
    // signature: 1, certificate: 3, log: 1, timestamp: 4; hashes are none.
    assert_eq!(found.len(), 9, "{found:#?}");
    assert!(
        found[0].starts_with("ecdsa-p256-sha256, deprecated from 2036-01-01"),
        "{found:#?}"
    );
    assert!(verdict.warnings[0].position.is_some());
    let lenient = asked.verdict(&json!("default"), later);
    assert!(lenient.warnings.is_empty());
    // What admits nothing warns of nothing.
    let denied = asked.verdict(
        &json!({ "profile": BSI, "signature": ["ml-dsa-65"] }),
        later,
    );
    assert_eq!(denied.decision, Decision::Deny);
    assert!(denied.warnings.is_empty());
}

#[test]
fn a_small_rsa_key_is_forbidden_from_its_date_on_unless_it_signed_before() {
    let world = World::new();
    let key = Key::generate(KeyKind::Rsa2048);
    let signing = world.forge.keyed(&key, world.time).unlogged();
    let timed = signing.clone().timestamped(1).message(ARTIFACT);
    let untimed = signing.message(ARTIFACT);
    let asked = |bundle, timestamp: u32| Asked {
        signer: held(&key),
        require: json!({ "log": 0, "timestamp": timestamp }),
        ..Asked::keyless(&world, bundle)
    };
    let (before, after) = ("2030-12-31T00:00:00Z", "2031-01-01T00:00:00Z");
    let (before, after) = (before.parse().unwrap(), after.parse().unwrap());
    let decision = |asked: &Asked<'_>, when| asked.verdict(&json!(FIPS), when).decision;
    assert_eq!(decision(&asked(&timed, 1), before), Decision::Admit);
    let old = asked(&timed, 1).verdict(&json!(FIPS), after);
    assert_eq!(old.decision, Decision::Admit);
    assert_eq!(old.warnings.len(), 1, "{:?}", old.warnings);
    assert_eq!(decision(&asked(&untimed, 0), before), Decision::Admit);
    let refused = asked(&untimed, 0).verdict(&json!(FIPS), after);
    let (code, found) = refusal(&refused).unwrap();
    assert_eq!(code, Code::KeyAlgorithmForbidden);
    assert!(found.contains("forbidden from 2031-01-01"), "{found}");
}
