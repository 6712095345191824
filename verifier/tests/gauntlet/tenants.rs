//! Several hands write policies of one cluster: what one of them writes changes nothing for the others.

use std::collections::BTreeMap;

use serde_json::json;
use sovverify::policy::{PolicySet, Selection, Target};
use sovverify::{
    Code, Decision, Digest, Evidence, EvidenceSet, Limits, Verdict, VerificationTime, appraise,
};
use sovverify_forge::{Key, KeyKind, Statement};

use crate::world::{CUSTOM, IMAGE, World, codes};

/// A policy of this kind with the signers of the world.
fn document(kind: &str, metadata: &str, about: &str, by: &str) -> String {
    format!(
        r#"
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: {kind}
metadata: {{ {metadata} }}
spec:
  match: {{ {about} }}
  signers:
    first: {{ key: {{ file: first }}, trustRoot: none }}
    second: {{ key: {{ file: second }}, trustRoot: none }}
    vendor: {{ key: {{ file: vendor }}, trustRoot: none }}
  require:
    - {{ name: signed, attestation: {{ type: "{CUSTOM}", by: [{by}] }} }}
"#
    )
}

/// The same with other signers: one that nobody else names.
fn foreign(kind: &str, metadata: &str, about: &str) -> String {
    let key = |name: &str| format!("    {name}: {{ key: {{ file: {name} }}, trustRoot: none }}\n");
    let text = document(kind, metadata, about, "scanner");
    ["first", "second", "vendor"]
        .into_iter()
        .fold(text, |text, name| text.replace(&key(name), ""))
        .replace("  signers:\n", &format!("  signers:\n{}", key("scanner")))
}

const EVERYTHING: &str = r#"images: ["**"]"#;

fn in_namespace(namespace: &str, labels: &[(&str, &str)]) -> Target {
    let labels = labels.iter();
    Target {
        namespace: namespace.to_owned(),
        namespace_labels: BTreeMap::new(),
        object_labels: labels
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

/// The verdict as a webhook asks for it: under the anchors of the policies that match.
fn judged(world: &World, set: &PolicySet, evidence: &[Evidence], target: &Target) -> Verdict {
    let matching = set.matching(&IMAGE.parse().unwrap(), Some(target));
    let found = EvidenceSet {
        image: world.image.clone(),
        evidence: evidence.to_vec(),
        gaps: Vec::new(),
    };
    let time = VerificationTime::at(world.now());
    let (store, limits) = (matching.trust_store(), Limits::default());
    let selection = Selection {
        target: Some(target.clone()),
        ..Selection::default()
    };
    let narrow = set.evaluate(&appraise(found.clone(), &store, time, &limits), &selection);
    let whole = appraise(found, set.trust_store(), time, &limits);
    assert_eq!(set.evaluate(&whole, &selection).decision, narrow.decision);
    narrow
}

fn signed(world: &World, name: &str) -> Evidence {
    world.attest(name, CUSTOM, json!({}))
}

#[test]
fn gauntlet_149_a_key_that_a_tenant_adds_counts_for_nobody_else_and_admits_nothing() {
    let world = World::new();
    let own = document("ClusterImagePolicy", "name: all", EVERYTHING, "first");
    let tenant = foreign("ImagePolicy", "name: own, namespace: team", EVERYTHING);
    let set = world.documents(&format!("{own}{tenant}")).unwrap();
    let alone = world.documents(&own).unwrap();
    let (team, other) = (in_namespace("team", &[]), in_namespace("other", &[]));
    let (by_admin, by_tenant) = (signed(&world, "first"), signed(&world, "scanner"));
    for (evidence, in_team, elsewhere) in [
        (vec![], Decision::Deny, Decision::Deny),
        (vec![by_tenant.clone()], Decision::Deny, Decision::Deny),
        (vec![by_admin.clone()], Decision::Deny, Decision::Admit),
        (vec![by_admin, by_tenant], Decision::Admit, Decision::Admit),
    ] {
        assert_eq!(judged(&world, &set, &evidence, &team).decision, in_team);
        let there = judged(&world, &set, &evidence, &other);
        assert_eq!(there.decision, elsewhere);
        // Elsewhere it is as if the tenant had written nothing, down to every word.
        let without = judged(&world, &alone, &evidence, &other);
        let words = |verdict: &Verdict| {
            let Verdict {
                findings,
                policies,
                warnings,
                ..
            } = verdict;
            format!("{findings:?} {policies:?} {warnings:?}")
        };
        assert_eq!(words(&there), words(&without));
    }
}

#[test]
fn gauntlet_075_a_label_that_a_tenant_writes_leads_to_another_policy_or_a_denial_and_never_past_all()
 {
    let world = World::new();
    let strict = document(
        "ClusterImagePolicy",
        "name: strict",
        r#"images: ["**"], objects: { matchExpressions: [{ key: exempt, operator: DoesNotExist }] }"#,
        "first",
    );
    let set = world.documents(&strict).unwrap();
    let honest = in_namespace("team", &[]);
    let evading = in_namespace("team", &[("exempt", "true")]);
    let decided = |set: &PolicySet, by: &str, target: &Target| {
        judged(&world, set, &[signed(&world, by)], target)
    };
    assert_eq!(decided(&set, "first", &honest).decision, Decision::Admit);
    let evaded = decided(&set, "first", &evading);
    assert_eq!(evaded.decision, Decision::Deny);
    assert_eq!(evaded.findings[0].code, Code::PolicyNoMatch);
    assert!(set.warnings().is_empty());
    // With a laxer policy beside it, the label decides which one counts, and lint says so.
    let lax = document("ClusterImagePolicy", "name: lax", EVERYTHING, "second");
    let set = world.documents(&format!("{strict}{lax}")).unwrap();
    assert_eq!(decided(&set, "second", &honest).decision, Decision::Deny);
    assert_eq!(decided(&set, "second", &evading).decision, Decision::Admit);
    let warnings: Vec<Code> = set.warnings().iter().map(|warning| warning.code).collect();
    assert_eq!(warnings, [Code::PolicyEvadableSelector]);
}

#[test]
fn evidence_of_every_kind_is_judged_alike_under_the_anchors_that_matter_and_under_all() {
    let world = World::new();
    let root = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: TrustRoot\nmetadata: { name: forge }\nspec: { sigstore: { trustedRoot: { file: root.json } } }\n";
    let elsewhere = r#"images: ["other.example/**"]"#;
    let text = format!(
        "{root}{}{}{}",
        document(
            "ClusterImagePolicy",
            "name: all",
            EVERYTHING,
            "first, second"
        ),
        foreign("ClusterImagePolicy", "name: other", elsewhere).replace("none", "forge"),
        document(
            "ImagePolicy",
            "name: own, namespace: team",
            EVERYTHING,
            "second"
        ),
    );
    let set = world.documents(&text).unwrap();
    let stranger = Key::generate(KeyKind::Ed25519);
    let about = Statement::new(CUSTOM, &world.digest(), json!({}));
    let by_stranger = world.forge.keyed(&stranger, world.time).statement(&about);
    let another = Digest::sha256(b"another").to_string();
    let about_another = Statement::new(CUSTOM, &another, json!({}));
    let pool = [
        signed(&world, "first"),
        signed(&world, "second"),
        signed(&world, "vendor"),
        signed(&world, "scanner"),
        signed(&world, "release"),
        world.attached(&by_stranger),
        world.stated("first", &about_another),
        world.bytes(b"{}".to_vec()),
    ];
    let (mut admitted, mut denied) = (0, 0);
    for part in 0_u32..1 << pool.len() {
        let numbered = pool.iter().enumerate();
        let chosen = numbered.filter(|(number, _)| part & (1 << number) != 0);
        let evidence: Vec<Evidence> = chosen.map(|(_, piece)| piece.clone()).collect();
        for target in [in_namespace("team", &[]), in_namespace("other", &[])] {
            let verdict = judged(&world, &set, &evidence, &target);
            if verdict.decision == Decision::Admit {
                admitted += 1;
            } else {
                assert!(!codes(&verdict).is_empty());
                denied += 1;
            }
        }
    }
    assert!(admitted > 50 && denied > 50, "{admitted} {denied}");
}
