//! Switches that weaken, verdicts that open, and clocks that are set back.

use sovverify::policy::{PolicySet, Selection, Target};
use sovverify::trust::Danger;
use sovverify::{
    Code, Decision, Evidence, EvidenceSet, Limits, Verdict, VerificationTime, appraise,
};
use sovverify_forge::{Bundle, Identity, Log, Name, RELEASE_WORKFLOW, Statement, WORKFLOW_ISSUER};
use sovverify_forge::{days, minutes};

use crate::identity::{demanding, signed_as};
use crate::world::{IMAGE, SCAN, World, codes, said, scan, warnings};

/// The verdict as a webhook asks for it: by the name first, under the anchors of what matches.
fn at_admission(world: &World, set: &PolicySet, evidence: &[Evidence]) -> Verdict {
    let target = Target {
        namespace: "shop".to_owned(),
        ..Target::default()
    };
    let matching = set.matching(&IMAGE.parse().unwrap(), Some(&target));
    assert_eq!(matching.refusals().len(), 0);
    let found = EvidenceSet {
        image: world.image.clone(),
        evidence: evidence.to_vec(),
        gaps: Vec::new(),
    };
    let (time, limits) = (VerificationTime::at(world.now()), Limits::default());
    let appraisal = appraise(found, &matching.trust_store(), time, &limits);
    let selection = Selection {
        target: Some(target),
        ..Selection::default()
    };
    set.evaluate(&appraisal, &selection)
}

#[test]
fn gauntlet_025_a_type_that_leaves_nothing_is_denied_at_admission_too() {
    let world = World::new();
    let scanned = world.attest("release", SCAN, scan(&[]));
    for require in [
        "    - { name: sbom, sbom: { by: [release] } }",
        "    - { name: sbom, attestation: { type: spdx, by: [release] } }",
        "    - { name: sbom, attestation: { type: cyclonedx, by: [release] } }",
    ] {
        let set = world.policy(require);
        for evidence in [&[][..], std::slice::from_ref(&scanned)] {
            let verdict = at_admission(&world, &set, evidence);
            assert_eq!(verdict.decision, Decision::Deny, "{require}");
            assert!(codes(&verdict).contains(&Code::AttestationMissing));
        }
        let admitted = at_admission(&world, &set, &[scanned.clone(), world.spdx()]);
        let expected = !require.contains("cyclonedx");
        assert_eq!(admitted.decision == Decision::Admit, expected, "{require}");
    }
}

#[test]
fn gauntlet_036_issuer_and_identity_are_both_asked_in_every_way_to_write_them() {
    let world = World::new();
    let by = |name: &str, issuer: &str| {
        let name = Name::Uri(name.to_owned());
        signed_as(&world, Identity::named(name, issuer))
    };
    let written = |text: &str| {
        let regex = text.replace('.', r"\.");
        [
            format!("'{text}'"),
            format!("{{ exact: '{text}' }}"),
            format!("{{ glob: '{text}' }}"),
            format!("{{ regex: '{regex}' }}"),
        ]
    };
    let honest = by(RELEASE_WORKFLOW, WORKFLOW_ISSUER);
    let other_name = by("https://evil.example/x", WORKFLOW_ISSUER);
    let other_issuer = by(RELEASE_WORKFLOW, "https://evil.example");
    let other_both = by("https://evil.example/x", "https://evil.example");
    for issuer in written(WORKFLOW_ISSUER) {
        for identity in written(RELEASE_WORKFLOW) {
            let set = demanding(&world, &format!("issuer: {issuer}, identity: {identity}"));
            world.admits(&set, std::slice::from_ref(&honest));
            for (lie, code) in [
                (&other_name, Code::CertificateIdentityMismatch),
                (&other_issuer, Code::CertificateIssuerMismatch),
                (&other_both, Code::CertificateIssuerMismatch),
            ] {
                world.denies(&set, std::slice::from_ref(lie), code);
            }
            // Two certificates that are right by half are none that is right.
            let halves = [other_name.clone(), other_issuer.clone()];
            world.denies(&set, &halves, Code::CertificateIdentityMismatch);
        }
    }
}

/// A policy with a trust root that asks for this, and a signer by certificate or by key.
fn asking(world: &World, require: &str, signer: &str) -> PolicySet {
    let text = format!(
        r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore: {{ trustedRoot: {{ file: root.json }} }}
  require: {{ {require} }}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: switches }}
spec:
  match: {{ images: ["registry.forge.example/**"] }}
  signers:
    a: {signer}
  require:
    - {{ name: signed, signature: {{ by: [a] }} }}
"#
    );
    world
        .documents(&text)
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A switch that weakens: off, on, whom it is about, the evidence that needs it, and what is said.
struct Switch {
    off: &'static str,
    on: &'static str,
    signer: String,
    honest: Bundle,
    weak: Bundle,
    code: Code,
    danger: Danger,
}

fn switches(world: &World) -> Vec<Switch> {
    let about = Statement::cosign_sign(&world.digest());
    let keyless = format!(
        "{{ keyless: {{ issuer: '{WORKFLOW_ISSUER}', identity: '{RELEASE_WORKFLOW}' }}, trustRoot: forge }}"
    );
    let key = "{ key: { file: first }, trustRoot: forge }".to_owned();
    let release = || world.signing("release");
    let first = || world.signing("first");
    vec![
        Switch {
            off: "log: 1",
            on: "log: 0",
            signer: keyless.clone(),
            honest: release().statement(&about),
            weak: release().unlogged().timestamped(1).statement(&about),
            code: Code::TransparencyMissing,
            danger: Danger::NoLog,
        },
        Switch {
            off: "timestamp: 1",
            on: "timestamp: 0",
            signer: key,
            honest: first().statement(&about),
            weak: first().logged_in(Log::V2).statement(&about),
            code: Code::TimestampMissing,
            danger: Danger::NoTimestamp,
        },
        Switch {
            off: "sct: true",
            on: "sct: false",
            signer: keyless.clone(),
            honest: release().statement(&about),
            weak: release().without_sct().statement(&about),
            code: Code::CertificateSctMissing,
            danger: Danger::NoSct,
        },
        Switch {
            off: "inclusion: proof-unless-legacy",
            on: "inclusion: promise",
            signer: keyless,
            honest: release().statement(&about),
            weak: release()
                .statement(&about)
                .proof_stripped_and_relabelled_v01(),
            code: Code::TransparencyProofMissing,
            danger: Danger::PromiseAlone,
        },
    ]
}

#[test]
fn gauntlet_042_each_switch_that_weakens_is_off_and_is_said_in_the_verdict_when_it_is_on() {
    let world = World::new();
    for switch in switches(&world) {
        let (honest, weak) = (world.attached(&switch.honest), world.attached(&switch.weak));
        // Nothing about it written, and written to be off.
        for require in ["log: 1", switch.off] {
            let set = asking(&world, require, &switch.signer);
            let verdict = world.admits(&set, std::slice::from_ref(&honest));
            assert_eq!(verdict.dangers, [], "{require}");
            world.denies(&set, std::slice::from_ref(&weak), switch.code);
        }
        // On: it is said even where the evidence would not have needed it.
        let set = asking(&world, switch.on, &switch.signer);
        for piece in [&honest, &weak] {
            let verdict = world.admits(&set, std::slice::from_ref(piece));
            assert_eq!(verdict.dangers, [switch.danger], "{}", switch.on);
        }
    }
    // A key alone is a switch of its own.
    let about = Statement::cosign_sign(&world.digest());
    let bare = world.signing("first").unlogged().statement(&about);
    let bare = world.attached(&bare);
    let alone = |root: &str| {
        let signer = format!("{{ key: {{ file: first }}, trustRoot: {root} }}");
        asking(&world, "log: 1", &signer)
    };
    let set = alone("forge");
    world.denies(&set, std::slice::from_ref(&bare), Code::TransparencyMissing);
    let verdict = world.admits(&alone("none"), &[bare]);
    assert_eq!(verdict.dangers, [Danger::NoLog, Danger::NoTimestamp]);
}

#[test]
fn gauntlet_042_an_image_that_nothing_matches_is_denied_unless_that_is_said_aloud() {
    let world = World::new();
    let elsewhere = demanding(&world, "issuer: i, identity: s");
    assert!(elsewhere.warnings().is_empty());
    let policy = |configuration: &str| {
        let text = format!(
            r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: elsewhere }}
spec:
  match: {{ images: ["elsewhere.example/**"] }}
  signers:
    first: {{ key: {{ file: first }}, trustRoot: none }}
  require:
    - {{ name: signed, signature: {{ by: [first] }} }}
{configuration}
"#
        );
        let set = world.documents(&text);
        set.unwrap_or_else(|error| panic!("{error}"))
    };
    let switch = |word: &str| {
        format!(
            "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: {{ name: default }}\nspec: {{ unmatched: {word} }}"
        )
    };
    for off in [String::new(), switch("deny")] {
        world.denies(&policy(&off), &[], Code::PolicyNoMatch);
    }
    let verdict = world.admits(&policy(&switch("admit")), &[]);
    let said = warnings(&verdict);
    assert!(said.contains(&Code::PolicyUnmatchedAdmitted), "{said:?}");
}

#[test]
fn gauntlet_043_proof_is_made_in_two_places_and_no_switch_is_a_yes_or_no() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut made, mut switches, mut files) = (Vec::new(), Vec::new(), 0);
    let mut open = vec![source.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(&source).unwrap().display().to_string();
            let lines = text.lines().map(str::trim);
            for line in lines.filter(|line| !line.starts_with("//")) {
                if line.contains("Verified::assertion(") {
                    made.push(name.clone());
                }
                // What is demanded and what was weakened are enums: see `Danger`.
                let decides = ["trust", "verify", "evidence", "limits"];
                if decides.iter().any(|part| name.starts_with(part))
                    && line.contains("pub ")
                    && line.ends_with(": bool,")
                {
                    switches.push(format!("{name}: {line}"));
                }
            }
        }
    }
    made.sort();
    assert!(files > 100, "{files}");
    assert_eq!(made, ["verify.rs", "verify/judge.rs"]);
    assert_eq!(switches, [""; 0]);
    // That nobody else can make one is a matter of the compiler, asked in a doctest.
    let proof = std::fs::read_to_string(source.join("verify/verified.rs")).unwrap();
    assert!(proof.contains("```compile_fail"));
    assert!(proof.contains("    value: T,"), "the field is private");
    assert!(!proof.contains("pub const fn") && !proof.contains("pub fn"));
}

#[test]
fn gauntlet_045_a_clock_that_is_set_back_lets_nothing_later_count_and_is_in_the_verdict() {
    let world = World::new();
    let set = world.policy(
        "    - { name: signed, signature: { by: [release], maxAge: 2d } }
    - { name: scanned, vulnerabilities: { by: [scanner] } }",
    );
    let evidence = [
        world.attached(
            &world
                .signing("release")
                .statement(&Statement::cosign_sign(&world.digest())),
        ),
        world.attest("scanner", SCAN, scan(&[])),
    ];
    let judged = |when| {
        let appraisal = world.appraise_at(&set, &evidence, when);
        let verdict = set.evaluate(&appraisal, &Selection::default());
        assert_eq!(verdict.time, when, "the verdict says about when it is");
        verdict
    };
    assert_eq!(judged(world.now()).decision, Decision::Admit);
    for when in [minutes(world.time, -1), days(world.time, -400)] {
        let verdict = judged(when);
        assert_eq!(verdict.decision, Decision::Deny);
        let expected = Code::TimestampLaterThanVerification;
        assert!(codes(&verdict).contains(&expected), "{}", said(&verdict));
    }
    // A clock that is set forward makes nothing fresher.
    let verdict = judged(days(world.time, 3));
    assert!(codes(&verdict).contains(&Code::AttestationTooOld));
}

#[test]
fn gauntlet_115_an_old_signature_is_old_whatever_the_tag_points_to() {
    let world = World::new();
    let about = Statement::cosign_sign(&world.digest());
    let signed = |day: i64| {
        let signing = world.signing_at("release", days(world.time, day));
        world.attached(&signing.statement(&about))
    };
    let set = world.policy("    - { name: signed, signature: { by: [release], maxAge: 10d } }");
    world.admits(&set, &[signed(0)]);
    world.denies(&set, &[signed(-20)], Code::AttestationTooOld);
    // Signed with a certificate that had ended by then, and without any proof of when.
    let set = world.policy("    - { name: signed, signature: { by: [release] } }");
    let untimed = world.signing("release").logged_in(Log::V2);
    let untimed = world.attached(&untimed.statement(&about));
    world.denies(&set, &[untimed], Code::TimestampMissing);
    let expired = world.signing("release").certificate_expired_at_signing();
    let expired = world.attached(&expired.statement(&about));
    world.denies(&set, &[expired], Code::CertificateExpired);
}
