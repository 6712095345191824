//! Algorithms in every role: what evidence rests on is recorded, and each profile judges it by the
//! part that it plays. Each lie has an honest twin under the same trust root's words.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use sovverify::policy::{ArtifactVerdict, Documents, PolicySet, Source};
use sovverify::trust::{AlgorithmUse, Requirements};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Anchor, Code, Decision, Digest, Finding, Limits, VerificationTime};
use sovverify_forge::{
    Authority, Bundle, Hash, Identity, Imprint, Key, KeyKind, Log, Name, RELEASE_WORKFLOW, RekorV1,
    Scheme, Timestamper, TrustedAuthority, TrustedLog, Usage, WORKFLOW_ISSUER, Window, days,
    trusted,
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

fn with_fulcio(kind: KeyKind, scheme: Scheme) -> World {
    let mut world = World::new();
    let validity = world.forge.fulcio.validity;
    let keys = (kind, scheme);
    let usage = Usage::CodeSigning;
    world.forge.fulcio = Authority::signing_as("fulcio.forge.example", usage, keys, validity);
    world
}

fn with_timestamper(authority: KeyKind, leaf: KeyKind) -> World {
    let mut world = World::new();
    let validity = world.forge.fulcio.validity;
    let authority = Authority::new("tsa.example", Usage::TimeStamping, authority, validity);
    world.forge.timestamper = Timestamper::under(authority, &Key::generate(leaf));
    world
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
fn the_keys_and_signatures_of_certificates_are_judged() {
    for (kind, scheme, found, fips, bsi) in [
        (
            KeyKind::Rsa2048,
            Scheme::RsaPkcs1(Hash::Sha256),
            "rsa-2048",
            true,
            false,
        ),
        (
            KeyKind::Rsa2048,
            Scheme::RsaPss(Hash::Sha256),
            "rsa-2048",
            true,
            false,
        ),
        (
            KeyKind::Rsa3072,
            Scheme::RsaPkcs1(Hash::Sha384),
            "rsa-3072-pkcs1-sha384 (signature on the signer's certificate)",
            true,
            false,
        ),
        (
            KeyKind::Rsa3072,
            Scheme::RsaPss(Hash::Sha384),
            "",
            true,
            true,
        ),
        (
            KeyKind::EcdsaP256,
            Scheme::Ecdsa(Hash::Sha256),
            "",
            true,
            true,
        ),
        (KeyKind::Ed25519, Scheme::Ed25519, "ed25519", true, false),
    ] {
        let world = with_fulcio(kind, scheme);
        let bundle = world.forge.keyless(world.time).message(ARTIFACT);
        let asked = Asked::keyless(&world, &bundle);
        for (profile, allowed) in [(FIPS, fips), (BSI, bsi)] {
            if allowed {
                asked.admitted(&json!(profile));
            } else {
                let code = Code::CertificateAlgorithmForbidden;
                asked.refused(&json!(profile), code, found);
                asked.admitted(&json!({ "profile": profile, "certificate": FIPS }));
            }
        }
        asked.admitted(&json!("default"));
    }
}

#[test]
fn a_p521_authority_is_judged_by_its_curve() {
    let world = with_fulcio(KeyKind::EcdsaP521, Scheme::Ecdsa(Hash::Sha512));
    let signing = world.forge.keyless(world.time).without_sct().unlogged();
    let bundle = signing.message(ARTIFACT);
    let asked = Asked {
        signer: json!({
            "certificate": { "identity": RELEASE_WORKFLOW },
            "trustRoot": "forge",
        }),
        require: json!({ "log": 0, "timestamp": 0, "sct": false }),
        ..Asked::keyless(&world, &bundle)
    };
    let decision = |algorithms: &Value| asked.verdict(algorithms, world.time).decision;
    assert_eq!(decision(&json!(BSI)), Decision::Admit);
    assert_eq!(
        decision(&json!({ "certificate": ["ecdsa-p256", "ecdsa-p521"] })),
        Decision::Admit
    );
    let refused = asked.verdict(&json!({ "certificate": ["ecdsa-p256"] }), world.time);
    let (code, found) = refusal(&refused).unwrap();
    assert_eq!(code, Code::CertificateAlgorithmForbidden);
    assert!(found.starts_with("ecdsa-p521"), "{found}");
}

#[test]
fn a_signers_certified_key_and_every_intermediate_are_part_of_the_path() {
    let mut world = World::new();
    let validity = Window::decade(days(world.time, -30));
    let pki = Authority::new(
        "pki.example",
        Usage::CodeSigning,
        KeyKind::Rsa2048,
        validity,
    );
    // Only the root is trusted, so the intermediate comes with the evidence and is on the path.
    let mut root: TrustedAuthority = trusted(&pki);
    root.chain.remove(0);
    world.forge.fulcio = pki.clone();
    let name = Name::Email("release@gov.example".to_owned());
    let identity = Identity::own_pki("release", name);
    let signing = world.forge.keyless(world.time);
    let signing = signing
        .key_kind(KeyKind::EcdsaP256)
        .own_pki(&pki, identity, validity)
        .version(sovverify_forge::Version::V02);
    let bundle = signing.message(ARTIFACT);
    let mut trusted_root = world.forge.trusted_root();
    trusted_root.certificate_authorities = vec![root];
    let options = sovverify::trust::TrustRootOptions {
        requirements: Requirements {
            sct: sovverify::trust::Sct::DangerNotRequired,
            ..Requirements::default()
        },
        expires: None,
    };
    let root = sovverify::TrustRoot::from_json("forge", &trusted_root.text(), options).unwrap();
    let claim = world
        .judge(&bundle, Anchor::Certificates(std::sync::Arc::new(root)))
        .unwrap();
    let certificates = names(&claim.algorithms.certificates);
    let on = |what: &str| {
        certificates
            .iter()
            .filter(|(_, place)| place.contains(what))
            .count()
    };
    assert_eq!(on("signer's certificate"), 2, "{certificates:?}");
    assert_eq!(on("CN=intermediate"), 2, "{certificates:?}");
    assert_eq!(on("CN=root"), 1, "the anchor is a key: {certificates:?}");
    let signature = "rsa-2048-pkcs1-sha256";
    let signatures = certificates.iter().filter(|(name, _)| *name == signature);
    assert_eq!(signatures.count(), 2, "{certificates:?}");
}

#[test]
fn a_weak_key_in_the_signers_certificate_is_found_though_the_authority_is_strong() {
    let world = World::new();
    let signing = world.forge.keyless(world.time).key_kind(KeyKind::Rsa2048);
    let bundle = signing.message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    asked.admitted(&json!(FIPS));
    let only_certificates = json!({ "certificate": BSI });
    let found = "rsa-2048 (key of the signer's certificate)";
    asked.refused(
        &only_certificates,
        Code::CertificateAlgorithmForbidden,
        found,
    );
    asked.admitted(&json!({ "log": BSI, "timestamp": BSI }));
}

#[test]
fn the_key_of_a_log_is_judged_ed25519_included() {
    let world = World::new();
    let signing = world.forge.keyless(world.time).logged_in(Log::V2);
    let bundle = signing.timestamped(1).message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    asked.admitted(&json!("default"));
    asked.admitted(&json!(FIPS));
    let code = Code::TransparencyAlgorithmForbidden;
    let log = "ed25519 (log `https://log2026.rekor.forge.example`)";
    asked.refused(&json!(BSI), code, log);
    asked.refused(&json!({ "log": BSI }), code, log);
    asked.admitted(&json!({ "profile": BSI, "log": ["ed25519", "ecdsa-p256"] }));
    // The certificate transparency log is a log too.
    let sct = "ecdsa-p256-sha256 (SCT of log";
    asked.refused(&json!({ "profile": BSI, "log": ["ed25519"] }), code, sct);
}

#[test]
fn a_log_with_a_small_rsa_key_is_found_in_promise_checkpoint_and_sct() {
    let mut world = World::new();
    world.forge.rekor.key = Key::generate(KeyKind::Rsa2048);
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    let code = Code::TransparencyAlgorithmForbidden;
    let log = "rsa-2048-pkcs1-sha256 (log `https://rekor.forge.example`)";
    asked.admitted(&json!(FIPS));
    asked.refused(&json!(BSI), code, log);

    let mut world = World::new();
    world.forge.ct_log.key = Key::generate(KeyKind::Rsa2048);
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    asked.admitted(&json!(FIPS));
    asked.refused(&json!(BSI), code, "rsa-2048-pkcs1-sha256 (SCT of log");

    let mut world = World::new();
    world.forge.ct_log.key = Key::generate(KeyKind::EcdsaP384);
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    Asked::keyless(&world, &bundle).admitted(&json!(BSI));
}

#[test]
fn one_forbidden_log_is_enough_though_another_is_allowed() {
    let world = World::new();
    let mut second = RekorV1::new("second.forge.example");
    second.key = Key::generate(KeyKind::Rsa2048);
    let signing = world.forge.keyless(world.time);
    let one = signing.message(ARTIFACT);
    let both = signing.also_logged_in(&second, one.clone());
    let mut root = world.forge.trusted_root();
    root.logs.push(TrustedLog {
        host: second.host.clone(),
        key: second.key.clone(),
        id: second.id(),
        validity: root.logs[0].validity,
    });
    let asked = |bundle| Asked {
        trusted_root: root.text(),
        ..Asked::keyless(&world, bundle)
    };
    asked(&one).admitted(&json!(BSI));
    asked(&both).admitted(&json!(FIPS));
    let log = "(log `https://second.forge.example`)";
    asked(&both).refused(&json!(BSI), Code::TransparencyAlgorithmForbidden, log);
}

#[test]
fn the_chain_and_the_token_of_a_timestamp_are_judged() {
    for (authority, leaf, found, fips, bsi) in [
        (
            KeyKind::Rsa2048,
            KeyKind::EcdsaP256,
            "rsa-2048",
            true,
            false,
        ),
        (
            KeyKind::Rsa4096,
            KeyKind::EcdsaP384,
            "rsa-4096-pkcs1-sha256 (signature on certificate `",
            true,
            false,
        ),
        (KeyKind::Ed25519, KeyKind::EcdsaP256, "ed25519", true, false),
        (KeyKind::EcdsaP256, KeyKind::EcdsaP384, "", true, true),
    ] {
        let world = with_timestamper(authority, leaf);
        let bundle = honest(&world);
        let asked = Asked::keyless(&world, &bundle);
        for (profile, allowed) in [(FIPS, fips), (BSI, bsi)] {
            if allowed {
                asked.admitted(&json!(profile));
            } else {
                let code = Code::TimestampAlgorithmForbidden;
                asked.refused(&json!(profile), code, found);
                asked.refused(&json!({ "timestamp": profile }), code, found);
                asked.admitted(&json!({ "profile": profile, "timestamp": FIPS }));
            }
        }
    }
    // The token's own signature, where its chain is allowed.
    let world = with_timestamper(KeyKind::EcdsaP384, KeyKind::EcdsaP256);
    let bundle = honest(&world);
    let asked = Asked::keyless(&world, &bundle);
    let code = Code::TimestampAlgorithmForbidden;
    asked.refused(&json!({ "timestamp": ["ecdsa-p384"] }), code, "ecdsa-p256");
}

#[test]
fn the_hashes_of_a_token_are_those_that_it_was_made_with() {
    for hash in [Hash::Sha256, Hash::Sha384] {
        let mut world = World::new();
        world.forge.timestamper.hash = hash;
        let claim = world.judge(&honest(&world), world.keyless()).unwrap();
        let stamps = names(&claim.algorithms.timestamps);
        let token = format!("ecdsa-p256-{}", hash.name());
        assert!(stamps.iter().any(|(name, _)| *name == token), "{stamps:?}");
        let imprint = stamps.iter().find(|(_, place)| place.contains("imprint"));
        assert_eq!(imprint.unwrap().0, hash.name());
    }
}

#[test]
fn an_imprint_of_sha1_is_refused_whatever_the_trust_root_says() {
    let mut world = World::new();
    world.forge.timestamper.imprint = Imprint::Sha1;
    let refused = world.judge(&honest(&world), world.keyless());
    assert_eq!(refused.unwrap_err(), Code::TimestampAlgorithmForbidden);
    world.forge.timestamper.imprint = Imprint::Same;
    assert!(world.judge(&honest(&world), world.keyless()).is_ok());
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
