//! The bytes that were signed are the bytes that are read, once and in one way.

use std::collections::BTreeMap;

use serde_json::json;
use sovverify::evidence::Form;
use sovverify::verify::ClaimedKind;
use sovverify::{Code, Decision};
use sovverify_forge::{Content, IN_TOTO};

use crate::world::{CUSTOM, World, codes, evidence};

const REVIEWED: &str = r#"    - { name: reviewed, attestation: { type: "https://acme.example/reviewed/v1", by: [release], cel: [{ expression: "predicate.ok" }] } }"#;

#[test]
fn gauntlet_019_a_name_that_stands_twice_in_signed_bytes_is_refused_at_any_depth() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let hex = world.image.digest().hex();
    let subject = format!(r#""subject":[{{"digest":{{"sha256":"{hex}"}}}}]"#);
    let statement = |middle: &str, predicate: &str| {
        format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{CUSTOM}",{middle},"predicate":{predicate}}}"#
        )
    };
    let judged = |payload: &str| world.judge(&set, &[world.payload("release", payload.as_bytes())]);
    let honest = statement(&subject, r#"{"ok":true}"#);
    assert_eq!(judged(&honest).decision, Decision::Admit);
    // The order of members is the signer's, and white space is too.
    let turned = format!(
        "{{ \"predicate\": {{\"ok\":true}},\n{subject}, \"predicateType\":\"{CUSTOM}\",\"_type\":\"https://in-toto.io/Statement/v1\" }}\n"
    );
    assert_eq!(judged(&turned).decision, Decision::Admit);
    let twice = |member: &str| statement(&format!("{subject},{member}"), r#"{"ok":true}"#);
    for lie in [
        twice(&subject),
        twice(r#""subject":[]"#),
        twice(r#""_type":"https://in-toto.io/Statement/v0.1""#),
        twice(&format!(r#""predicateType":"{CUSTOM}""#)),
        twice(r#""predicate":{"ok":false}"#),
        // The same name, written with an escape.
        twice(r#""pr\u0065dicate":{"ok":false}"#),
        twice(r#""unknown":1,"unknown":2"#),
        statement(
            &format!(r#""subject":[{{"digest":{{"sha256":"00","sha256":"{hex}"}}}}]"#),
            r#"{"ok":true}"#,
        ),
        statement(
            &format!(r#""subject":[{{"digest":{{}},"digest":{{"sha256":"{hex}"}}}}]"#),
            r#"{"ok":true}"#,
        ),
        statement(&subject, r#"{"ok":false,"ok":true}"#),
        statement(&subject, r#"{"ok":true,"deep":[{"x":[{"a":1,"a":1}]}]}"#),
        format!("\u{feff}{honest}"),
        format!("{honest}{honest}"),
        format!("{honest} trailing"),
        format!("{honest}\0"),
        honest.trim_end_matches('}').to_owned(),
        honest.replace("true", "NaN"),
        honest.replace("true", "true,"),
        honest.replace("true", "'true'"),
    ] {
        let verdict = judged(&lie);
        assert_eq!(verdict.decision, Decision::Deny, "{lie}");
        assert!(
            codes(&verdict).contains(&Code::SubjectMalformed),
            "{lie}: {:?}",
            codes(&verdict)
        );
    }
}

#[test]
fn gauntlet_019_a_name_that_stands_twice_in_an_envelope_or_bundle_is_refused() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let bundle = world
        .signing("release")
        .statement(&world.about(CUSTOM, json!({ "ok": true })));
    let honest = String::from_utf8(bundle.bytes()).unwrap();
    let judged = |text: &str| world.judge(&set, &[world.bytes(text.as_bytes().to_vec())]);
    assert_eq!(judged(&honest).decision, Decision::Admit);
    let Content::Dsse(envelope) = &bundle.content else {
        panic!("an attestation is an envelope");
    };
    let envelope = envelope.json();
    let mut lies = vec![format!("\u{feff}{honest}"), format!("{honest}{honest}")];
    for name in ["payload", "payloadType", "signatures"] {
        let member = format!("\"{name}\":{}", envelope[name]);
        assert!(honest.contains(&member), "{name}");
        lies.push(honest.replacen(&member, &format!("{member},{member}"), 1));
    }
    for name in ["mediaType", "dsseEnvelope", "verificationMaterial"] {
        let member = format!("\"{name}\":{}", bundle.json()[name]);
        assert!(honest.contains(&member), "{name}");
        lies.push(honest.replacen(&member, &format!("{member},{member}"), 1));
    }
    for lie in lies {
        let verdict = judged(&lie);
        assert_eq!(verdict.decision, Decision::Deny, "{lie}");
        assert!(
            codes(&verdict).contains(&Code::BundleMalformed),
            "{:?}",
            codes(&verdict)
        );
    }
    // The older form, an envelope with annotations beside it.
    let layer = world
        .signing("release")
        .cosign_attestation(&world.about(CUSTOM, json!({ "ok": true })));
    let older = |envelope: &[u8]| {
        let form = Form::CosignAttestation {
            envelope: envelope.to_vec(),
            annotations: layer.annotations.clone(),
        };
        world.judge(&set, &[evidence(world.image.digest(), form)])
    };
    assert_eq!(older(&layer.blob).decision, Decision::Admit);
    let text = String::from_utf8(layer.blob.clone()).unwrap();
    for name in ["payload", "payloadType", "signatures"] {
        let lie = text.replacen('{', &format!("{{\"{name}\":{},", envelope[name]), 1);
        let verdict = older(lie.as_bytes());
        assert_eq!(verdict.decision, Decision::Deny, "{lie}");
        assert!(
            codes(&verdict).contains(&Code::BundleMalformed),
            "{:?}",
            codes(&verdict)
        );
    }
}

#[test]
fn gauntlet_019_an_annotation_that_stands_twice_in_a_simple_signature_is_refused() {
    let world = World::new();
    let set = world.policy(
        "    - { name: signed, signature: { by: [release], annotations: { env: production } } }",
    );
    let judged = |optional: &str| {
        let digest = world.digest();
        let payload = format!(
            r#"{{"critical":{{"identity":{{"docker-reference":"r"}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":{optional}}}"#
        );
        let layer = world
            .signing("release")
            .cosign_signature_over(payload.as_bytes());
        let form = Form::CosignSignature {
            payload: layer.blob,
            annotations: layer.annotations,
        };
        world.judge(&set, &[evidence(world.image.digest(), form)])
    };
    assert_eq!(judged(r#"{"env":"production"}"#).decision, Decision::Admit);
    for lie in [
        r#"{"env":"staging","env":"production"}"#,
        r#"{"env":"production","env":"staging"}"#,
        r#"{"env":"production","x":{"a":1,"a":2}}"#,
    ] {
        let verdict = judged(lie);
        assert_eq!(verdict.decision, Decision::Deny, "{lie}");
        assert!(
            codes(&verdict).contains(&Code::SubjectMalformed),
            "{lie}: {:?}",
            codes(&verdict)
        );
    }
}

#[test]
fn gauntlet_020_only_one_payload_type_holds_statements() {
    let world = World::new();
    let set = world.policy(REVIEWED);
    let payload = world.about(CUSTOM, json!({ "ok": true })).bytes();
    let signing = world.signing("release");
    let honest = signing.envelope(IN_TOTO, &payload);
    world.admits(&set, &[world.attached(&honest)]);
    for kind in [
        "",
        "application/json",
        "application/vnd.in-toto",
        "application/vnd.in-toto+JSON",
        "APPLICATION/VND.IN-TOTO+JSON",
        "application/vnd.in-toto+json ",
        "application/vnd.in-toto+json;charset=utf-8",
        "application/vnd.in-toto.provenance+json",
        "application/vnd.dev.cosign.simplesigning.v1+json",
        "x/y",
    ] {
        // Signed under another type.
        let signed = signing.envelope(kind, &payload);
        let verdict = world.judge(&set, &[world.attached(&signed)]);
        assert_eq!(verdict.decision, Decision::Deny, "{kind:?}");
        // Signed as a statement, and renamed; signed under another type, and made one.
        for (lie, what) in [
            (honest.clone().payload_type_changed(kind), "renamed"),
            (signed.payload_type_changed(IN_TOTO), "made one"),
        ] {
            let verdict = world.judge(&set, &[world.attached(&lie)]);
            assert_eq!(verdict.decision, Decision::Deny, "{what}: {kind:?}");
        }
    }
    // A statement that was signed as a mere file is no attestation: no type was signed with it.
    let message = world.signing("release").message(&payload);
    let mut posing = honest.clone();
    if let (Content::Dsse(envelope), Content::Message { signature, .. }) =
        (&mut posing.content, &message.content)
    {
        envelope.signatures[0].1.clone_from(signature);
    }
    posing.material = message.material;
    posing.entries = message.entries;
    world.denies(&set, &[world.attached(&posing)], Code::SignatureInvalid);
    // Nor does an envelope with a simple-signing payload sign the image.
    let signed = world.policy("    - { name: signed, signature: { by: [release] } }");
    let simple = sovverify_forge::simple_signing("r", &world.digest());
    let envelope = world
        .signing("release")
        .envelope(sovverify_forge::SIMPLE_SIGNING, &simple);
    let verdict = world.judge(&signed, &[world.attached(&envelope)]);
    assert_eq!(verdict.decision, Decision::Deny);
    let layer = world
        .signing("release")
        .cosign_signature("r", &world.digest());
    let (payload, annotations): (_, BTreeMap<_, _>) = (layer.blob, layer.annotations);
    let form = Form::CosignSignature {
        payload,
        annotations,
    };
    world.admits(&signed, &[evidence(world.image.digest(), form)]);
}

#[test]
fn a_signature_of_cosigns_tags_is_called_one_however_broken_it_is() {
    let world = World::new();
    let set = world.policy("    - { name: signed, signature: { by: [release] } }");
    let layer = world
        .signing("release")
        .cosign_signature("r", &world.digest());
    let whole: BTreeMap<_, _> = layer.annotations;
    for (payload, annotations) in [
        // Nothing that could be read, and the signature of another payload.
        (layer.blob, BTreeMap::new()),
        (b"no JSON".to_vec(), whole),
    ] {
        let form = Form::CosignSignature {
            payload,
            annotations,
        };
        let appraisal = world.appraise(&set, &[evidence(world.image.digest(), form)]);
        assert!(!appraisal.rejected.is_empty());
        let claimed = appraisal
            .rejected
            .iter()
            .map(|rejected| &rejected.claims_to_be);
        assert!(
            claimed
                .into_iter()
                .all(|kind| *kind == ClaimedKind::Signature)
        );
    }
}
