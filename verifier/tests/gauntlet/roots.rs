//! Trust roots: files that the operator holds. Nothing is fetched for them, and nothing that evidence brings
//! stands in for them; a broken one is an error, and an old one ends.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sovverify::policy::{Diagnostics, Documents, FileKey, PolicySet, Selection, Source};
use sovverify::trust::{TrustRoot, TrustRootOptions};
use sovverify::{Code, Decision, Digest, Evidence};
use sovverify_forge::{
    Forge, Key, KeyKind, Material, RELEASE_WORKFLOW, Statement, TrustedRoot, Version,
    WORKFLOW_ISSUER, days, minutes,
};

use crate::bounds::pointers;
use crate::world::{POLICY, World, codes, said, warnings};

/// A signature on the image by `name`.
pub(crate) fn signed(world: &World, name: &str) -> Evidence {
    let about = Statement::cosign_sign(&world.digest());
    world.attached(&world.signing(name).statement(&about))
}

/// Documents with this trusted root, of which the operator wrote `more`.
pub(crate) fn under(root: &str, more: &str) -> Result<PolicySet, Diagnostics> {
    let text = format!(
        r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: public }}
spec: {{ sigstore: {{ instance: public-good }} }}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: own }}
spec:
  sigstore: {{ trustedRoot: {{ file: root.json }} }}
{more}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match: {{ images: ["registry.forge.example/**"] }}
  signers:
    release:
      keyless: {{ issuer: "{WORKFLOW_ISSUER}", identity: {{ exact: "{RELEASE_WORKFLOW}" }} }}
      trustRoot: own
  require:
    - {{ name: signed, signature: {{ by: [release] }} }}
"#
    );
    let file = POLICY.to_owned();
    let (document, path) = (file.clone(), "root.json".to_owned());
    let files = BTreeMap::from([(FileKey { document, path }, root.as_bytes().to_vec())]);
    Documents::parse(&[Source { file, text }])?.compile(&files)
}

#[test]
fn gauntlet_125_nothing_that_evidence_brings_is_trust_material() {
    let world = World::new();
    let set = under(&world.forge.trusted_root().text(), "").unwrap();
    world.admits(&set, &[signed(&world, "release")]);
    let stranger = Forge::new(days(world.time, -30));
    let about = Statement::cosign_sign(&world.digest());
    // Everything is in order, and brings its own authorities, up to the root.
    let keyless = stranger.keyless(world.time).timestamped(1);
    let own = keyless.statement(&about);
    world.denies(&set, &[world.attached(&own)], Code::TransparencyUnknownLog);
    let certified = world
        .signing("release")
        .certified_by(&stranger.fulcio)
        .with_sct_of(&stranger.ct_log);
    let certified = world.attached(&certified.statement(&about));
    world.denies(&set, &[certified], Code::CertificateUntrusted);
    let mut chain = keyless.version(Version::V02).statement(&about);
    if let Material::Chain(chain) = &mut chain.material {
        chain.extend(stranger.fulcio.chain());
    }
    world.denies(
        &set,
        &[world.attached(&chain)],
        Code::TransparencyUnknownLog,
    );
    // The same with the trusted root of the stranger at every place where one might look for it.
    let root = stranger.trusted_root().json();
    for place in [
        "",
        "/verificationMaterial",
        "/verificationMaterial/tlogEntries/0",
    ] {
        let mut lie: Value = serde_json::from_slice(&own.bytes()).unwrap();
        let object = lie.pointer_mut(place).unwrap();
        for name in [
            "trustedRoot",
            "tlogs",
            "publicKeys",
            "rekorPublicKey",
            "certificateAuthorities",
        ] {
            object[name] = root.clone();
        }
        let found = world.bytes(lie.to_string().into_bytes());
        let verdict = world.judge(&set, &[found]);
        assert_eq!(verdict.decision, Decision::Deny, "{place}");
    }
    // A genuine signature whose entry is in a log of the stranger's own.
    let genuine = world.signing("release").statement(&about);
    let mut lie = genuine.clone();
    lie.entries = own.entries;
    assert_eq!(
        world.judge(&set, &[world.attached(&lie)]).decision,
        Decision::Deny
    );
    let (name, version) = (lie.entries[0].kind.clone(), lie.entries[0].version.clone());
    let body = genuine.entries[0].body.clone();
    lie.entries = vec![stranger.rekor.add(&name, &version, body, world.time)];
    world.denies(&set, &[world.attached(&lie)], Code::TransparencyUnknownLog);
}

#[test]
fn gauntlet_125_a_key_under_the_hint_of_a_trusted_one_is_another_key() {
    let world = World::new();
    let about = Statement::cosign_sign(&world.digest());
    let set = world.policy("    - { name: signed, signature: { by: [first] } }");
    world.admits(&set, &[signed(&world, "first")]);
    let key = Key::generate(KeyKind::EcdsaP256);
    let mut lie = world.forge.keyed(&key, world.time).statement(&about);
    lie.material = Material::PublicKey(world.key("first").hint());
    let mut json: Value = serde_json::from_slice(&lie.bytes()).unwrap();
    json["verificationMaterial"]["publicKey"]["rawBytes"] =
        json!(sovverify_forge::base64(key.spki()));
    for bytes in [lie.bytes(), json.to_string().into_bytes()] {
        let verdict = world.judge(&set, &[world.bytes(bytes)]);
        assert_eq!(verdict.decision, Decision::Deny, "{}", said(&verdict));
    }
}

#[test]
fn gauntlet_126_a_broken_trust_root_is_an_error_with_its_place_and_no_other_root() {
    let world = World::new();
    let honest = world.forge.trusted_root().text();
    let set = under(&honest, "").unwrap();
    let verdict = world.admits(&set, &[signed(&world, "release")]);
    let used = verdict.trust_roots;
    assert_eq!(used.len(), 1);
    assert_eq!(used[0].name, "own");
    let mut broken = vec![
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "<html>404 not found</html>".to_owned(),
        honest[..honest.len() / 2].to_owned(),
        format!("{honest}{honest}"),
        format!("\u{feff}{honest}"),
        TrustedRoot::default().text(),
    ];
    let document = world.forge.trusted_root().json();
    for pointer in pointers(&document) {
        // Keys and certificates that end early.
        if let Some(text) = document.pointer(&pointer).and_then(Value::as_str)
            && pointer.ends_with("/rawBytes")
        {
            for part in [&text[..text.len() / 8 * 4], "", "AAAA", "!"] {
                let mut lie = document.clone();
                *lie.pointer_mut(&pointer).unwrap() = json!(part);
                broken.push(lie.to_string());
            }
        }
    }
    assert!(broken.len() > 20, "{}", broken.len());
    for text in &broken {
        let start: String = text.chars().take(60).collect();
        let error = under(text, "").unwrap_err();
        let first = error.first();
        assert_eq!(first.code, Code::TrustMalformed, "{start}: {error}");
        assert_eq!(first.position.file, POLICY, "{start}");
        assert!(
            first.position.line > 8,
            "the line that names the file: {error}"
        );
    }
    // The verdict says which root it rests on: another one, or other demands, have another digest.
    let other = Forge::new(days(world.time, -30)).trusted_root().text();
    for (root, more) in [
        (&other, ""),
        (&honest, "  require: { log: 2 }"),
        (&honest, "  expires: 2030-01-01T00:00:00Z"),
    ] {
        let set = under(root, more).unwrap();
        let verdict = world.judge(&set, &[signed(&world, "release")]);
        assert_ne!(verdict.trust_roots, used, "{more}");
    }
    // And the same root has the same digest, however it is written.
    let compact = world.forge.trusted_root().json().to_string();
    let named = under(&compact, "").unwrap().trust_roots();
    assert!(named.contains(&used[0]), "{named:?}");
}

#[test]
fn gauntlet_127_a_trust_root_that_nobody_renews_warns_and_then_ends() {
    let world = World::new();
    let end = days(world.now(), 10);
    let set = under(
        &world.forge.trusted_root().text(),
        &format!("  expires: {end}\n  warnBefore: 3d"),
    );
    let (set, found) = (set.unwrap(), [signed(&world, "release")]);
    let judged = |when| {
        set.evaluate(
            &world.appraise_at(&set, &found, when),
            &Selection::default(),
        )
    };
    for (when, admitted, warned) in [
        (world.now(), true, false),
        (minutes(days(end, -3), -1), true, false),
        (minutes(days(end, -3), 1), true, true),
        (minutes(end, -1), true, true),
        (end, false, false),
        (days(end, 4000), false, false),
    ] {
        let verdict = judged(when);
        assert_eq!(verdict.decision == Decision::Admit, admitted, "{when}");
        assert_eq!(codes(&verdict).contains(&Code::TrustExpired), !admitted);
        let soon = warnings(&verdict).contains(&Code::TrustExpiresSoon);
        assert_eq!(soon, warned, "{when}: {}", said(&verdict));
    }
}

#[test]
fn gauntlet_128_a_policy_or_root_that_was_put_back_is_seen_in_every_verdict() {
    let world = World::new();
    let root = world.forge.trusted_root().text();
    let found = [signed(&world, "release")];
    let named = |set: &PolicySet| {
        let verdict = world.judge(set, &found);
        let policy = verdict.policies[0].digest.clone();
        (policy, verdict.trust_roots, set.digest())
    };
    let versions = [
        "",
        "  expires: 2030-01-01T00:00:00Z",
        "  require: { log: 1, timestamp: 2 }",
    ];
    let all: Vec<_> = versions
        .iter()
        .map(|more| named(&under(&root, more).unwrap()))
        .collect();
    for (n, one) in all.iter().enumerate() {
        for other in &all[n + 1..] {
            assert_ne!(one.1, other.1);
            assert_ne!(one.2, other.2);
        }
        // Put back, it has its old name: a record of what was in force tells the two apart.
        assert_eq!(*one, named(&under(&root, versions[n]).unwrap()));
    }
    let strict = world.policy("    - { name: signed, signature: { by: [release], maxAge: 1h } }");
    let lax = world.policy("    - { name: signed, signature: { by: [release] } }");
    assert_ne!(named(&strict).0, named(&lax).0);
}

#[test]
fn gauntlet_129_a_thousand_verdicts_under_two_roots_at_once_never_cross() {
    const THREADS: usize = 4;
    let worlds = [World::new(), World::new()];
    let [one, other] = worlds.each_ref().map(|world| {
        let root = world.forge.trusted_root().text();
        (under(&root, "").unwrap(), [signed(world, "release")], root)
    });
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (worlds, one, other) = (&worlds, &one, &other);
            scope.spawn(move || {
                for turn in 0..1000 / THREADS {
                    let ((set, own, root), (_, foreign, _)) = match (turn + thread) % 2 {
                        0 => (one, other),
                        _ => (other, one),
                    };
                    let world = &worlds[(turn + thread) % 2];
                    world.admits(set, own);
                    let verdict = world.judge(set, foreign);
                    assert_eq!(verdict.decision, Decision::Deny);
                    // Somebody begins anew in between.
                    if turn % 25 == 0 {
                        world.admits(&under(root, "").unwrap(), own);
                    }
                }
            });
        }
    });
}

#[test]
fn gauntlet_130_missing_and_mistyped_members_of_a_trust_root_are_errors() {
    let world = World::new();
    let document = world.forge.trusted_root().json();
    let read = |document: &str| TrustRoot::from_json("x", document, TrustRootOptions::default());
    let honest = read(&document.to_string()).unwrap();
    let (mut refused, mut tried) = (0, 0);
    let values = [
        Value::Null,
        json!(""),
        json!("x"),
        json!(-1),
        json!(1e300),
        json!(true),
        json!([]),
        json!([null]),
        json!({}),
        json!({ "a": [{}] }),
    ];
    for pointer in pointers(&document) {
        for value in &values {
            let mut lie = document.clone();
            *lie.pointer_mut(&pointer).unwrap() = value.clone();
            tried += 1;
            // Some members may be left out. Then it is another root, unless the member says nothing.
            match read(&lie.to_string()) {
                Err(_) => refused += 1,
                Ok(root) => assert!(
                    root.digest() != honest.digest()
                        || *document.pointer(&pointer).unwrap() == *value,
                    "{pointer}: {value}"
                ),
            }
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut lie = document.clone();
        if let Some(object) = lie.pointer_mut(parent).and_then(Value::as_object_mut) {
            object.remove(name);
            let _ = read(&lie.to_string());
        }
    }
    assert!(tried > 300 && refused > tried / 2, "{refused} of {tried}");
    for (from, to) in [
        ("\"tlogs\":", "\"tlogs\":[],\"tlogs\":"),
        ("\"mediaType\":", "\"mediaType\":\"x\",\"mediaType\":"),
        ("\"rawBytes\":", "\"rawBytes\":\"AAAA\",\"rawBytes\":"),
    ] {
        let text = document.to_string();
        assert!(text.contains(from), "{from}");
        assert!(read(&text.replacen(from, to, 1)).is_err(), "{from}");
    }
    let deep = "[".repeat(100_000);
    for text in [
        deep.clone(),
        format!("{{\"tlogs\":{deep}"),
        " ".repeat(5 << 20),
    ] {
        assert!(read(&text).is_err());
    }
    assert_eq!(honest.digest().algorithm(), Digest::sha256(b"").algorithm());
}
