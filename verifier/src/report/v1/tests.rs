use std::collections::BTreeMap;

use super::*;
use crate::claim::{
    AlgorithmsUsed, AlternativeName, CertificateIdentity, Claim, Content, InclusionEvidence,
    KeyIdentity, Signer, TimeSource, VerifiedLogEntry, VerifiedTime,
};
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::{Gap, Origin, OriginKind};
use crate::image::PinnedImage;
use crate::report::to_json;
use crate::trust::{Anchor, AnchorId, PublicKey, TrustStore};
use crate::verdict;
use crate::verify::{Appraisal, ClaimedKind, Rejection, Unsigned, Verified};

const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwr\n\
    kBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==\n\
    -----END PUBLIC KEY-----\n";

fn time() -> VerificationTime {
    "2026-03-02T11:04:05Z".parse().unwrap()
}

fn image() -> PinnedImage {
    let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;
    let name = "registry.example/app".parse().unwrap();
    PinnedImage::pin(
        "registry.example/app:1".to_owned(),
        Some(name),
        Digest::sha256(bytes),
        bytes,
        None,
    )
    .unwrap()
}

fn store() -> (TrustStore, AnchorId) {
    let mut store = TrustStore::default();
    let key = PublicKey::from_pem(KEY, None).unwrap().into();
    let id = store.add(Anchor::Key { key, root: None });
    (store, id)
}

fn origin(blob: &[u8]) -> Origin {
    Origin {
        kind: OriginKind::Referrers,
        place: "registry.example/app".to_owned(),
        manifest: None,
        blob: Digest::sha256(blob),
    }
}

fn claim(blob: &[u8], anchor: AnchorId, signer: Signer) -> Verified<Claim> {
    Verified::for_tests(Claim {
        subject: image().digest().clone(),
        origin: origin(blob),
        anchor,
        signer,
        content: Content::Artifact,
        times: vec![VerifiedTime {
            time: time().timestamp(),
            source: TimeSource::Log {
                log: "https://log.example".to_owned(),
            },
        }],
        logs: vec![VerifiedLogEntry {
            log: "https://log.example".to_owned(),
            log_key: Digest::sha256(b"log"),
            index: u64::MAX,
            kind: "hashedrekord/0.0.1".to_owned(),
            inclusion: InclusionEvidence::Proven,
        }],
        algorithms: AlgorithmsUsed {
            signature: "ecdsa-p256-sha256".to_owned(),
            ..AlgorithmsUsed::default()
        },
        dangers: vec![crate::trust::Danger::PromiseAlone],
    })
}

fn key_signer() -> Signer {
    Signer::Key(KeyIdentity {
        fingerprint: Digest::sha256(b"key"),
        algorithm: "ecdsa-p256".to_owned(),
    })
}

fn certificate_signer() -> Signer {
    Signer::Certificate(Box::new(CertificateIdentity {
        issuer: Some("https://issuer.example".to_owned()),
        alternative_names: vec![AlternativeName::Uri("https://ci.example/x".to_owned())],
        subject: String::new(),
        extensions: BTreeMap::from([(
            crate::claim::FulcioExtension::SourceRepository,
            "https://ci.example/repo".to_owned(),
        )]),
        not_before: time().timestamp(),
        not_after: time().timestamp(),
        fingerprint: Digest::sha256(b"certificate"),
    }))
}

fn rejection(code: Code, blob: &[u8], anchor: AnchorId) -> Rejection {
    Rejection {
        code,
        subject: image().digest().clone(),
        origin: origin(blob),
        anchor: Some(anchor),
        expected: "a good one".to_owned(),
        found: "a bad one".to_owned(),
        claims_to_be: ClaimedKind::Attestation("https://example/p".to_owned()),
    }
}

fn appraisal(anchor: AnchorId) -> Appraisal {
    Appraisal {
        image: image(),
        time: time(),
        verified: vec![
            claim(b"one", anchor, key_signer()),
            claim(b"two", anchor, certificate_signer()),
        ],
        rejected: vec![
            rejection(Code::SignatureMissing, b"three", anchor),
            rejection(Code::SignatureInvalid, b"four", anchor),
        ],
        unsigned: vec![Unsigned {
            subject: image().digest().clone(),
            origin: origin(b"five"),
            announced: "text/spdx".to_owned(),
        }],
        gaps: vec![Gap {
            code: Code::LimitExceeded,
            place: "registry.example/app".to_owned(),
            expected: "at most 1".to_owned(),
            found: "2".to_owned(),
        }],
    }
}

fn verdict(by: usize) -> verdict::Verdict {
    verdict::Verdict {
        image: image(),
        time: time().timestamp(),
        decision: verdict::Decision::Deny,
        findings: Vec::new(),
        policies: vec![verdict::PolicyVerdict {
            name: "production".to_owned(),
            digest: Digest::sha256(b"policy"),
            mode: verdict::Mode::Enforce,
            decision: verdict::Decision::Deny,
            findings: Vec::new(),
            requirements: vec![verdict::RequirementVerdict {
                name: "signed".to_owned(),
                satisfied: true,
                by: vec![by],
                findings: Vec::new(),
                notes: Vec::new(),
                exception: None,
            }],
        }],
        warnings: Vec::new(),
        dangers: vec![crate::trust::Danger::NoLog],
        trust_roots: Vec::new(),
    }
}

fn report(appraisal: &Appraisal, store: &TrustStore, by: usize) -> Report {
    let image = image();
    let result = ArtifactReport::judged(&Subject::Image(&image), &verdict(by), appraisal, store);
    Report::new(Kind::Verification, time(), vec![result])
}

#[test]
fn a_report_says_what_verdict_and_appraisal_say() {
    let (store, anchor) = store();
    let report = report(&appraisal(anchor), &store, 1);
    assert_eq!(report.exit, ExitClass::Denied.into());
    let result = &report.results[0];
    assert_eq!(result.name.as_deref(), Some("registry.example/app"));
    assert_eq!(result.evidence.len(), 2);
    let by = result.policies[0].requirements[0].by[0];
    assert!(
        matches!(&result.evidence[by].signer, super::Signer::Certificate(c)
            if c.extensions["sourceRepository"] == "https://ci.example/repo")
    );
    let codes: Vec<_> = result.rejected.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["signature/invalid", "signature/missing"]);
    let dangers: Vec<_> = result.dangers.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(dangers, ["no-log"]);
}

#[test]
fn without_a_verdict_every_weakening_in_force_is_said() {
    let (store, anchor) = store();
    let result = ArtifactReport::inspected(&Subject::Image(&image()), &appraisal(anchor), &store);
    let dangers: Vec<_> = result.dangers.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(dangers, ["no-log", "no-timestamp", "promise-alone"]);
    assert_eq!(result.exit_class, ExitClass::Inspected);
    assert_eq!(result.decision, None);
}

#[test]
fn the_order_of_discovery_never_changes_a_byte() {
    let (store, anchor) = store();
    let forward = appraisal(anchor);
    let mut backward = forward.clone();
    backward.verified.reverse();
    backward.rejected.reverse();
    assert_eq!(
        to_json(&report(&forward, &store, 0)).unwrap(),
        to_json(&report(&backward, &store, 1)).unwrap()
    );
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    let (store, anchor) = store();
    let report = report(&appraisal(anchor), &store, 0);
    let bytes = to_json(&report).unwrap();
    assert_eq!(serde_json::from_slice::<Report>(&bytes).unwrap(), report);
}

#[test]
fn nothing_asked_is_never_success() {
    let report = Report::new(Kind::Verification, time(), Vec::new());
    assert_eq!(report.exit.code, 2);
}

#[test]
fn the_worst_result_decides_the_exit() {
    let result = |exit_class| {
        let problem = Problem::new(Code::ImageNotFound, String::new());
        ArtifactReport::failed(&Subject::Unresolved("a"), exit_class, problem)
    };
    let exit = |classes: &[ExitClass]| {
        let results = classes.iter().copied().map(result).collect();
        Report::new(Kind::Verification, time(), results).exit.code
    };
    let (good, unreachable) = (ExitClass::Admitted, ExitClass::Surroundings);
    let (lie, typo) = (ExitClass::Denied, ExitClass::Input);
    assert_eq!(exit(&[good, good]), 0);
    assert_eq!(exit(&[good, unreachable]), 3);
    assert_eq!(exit(&[unreachable, lie, good]), 1);
    assert_eq!(exit(&[unreachable, typo, good]), 2);
    assert_eq!(exit(&[unreachable, lie, typo]), 1);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the shipped schema is a file of the repository"
)]
fn the_shipped_schema_is_generated_from_these_types() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/json/report-v1.schema.json"
    );
    let generated = to_json(&schema()).unwrap();
    if std::env::var_os("SOVVERIFY_BLESS").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let shipped = std::fs::read(path).unwrap();
    assert!(
        shipped == generated,
        "{path} differs from the types: run this test with SOVVERIFY_BLESS=1"
    );
}
