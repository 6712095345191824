//! What depends on how an image is written: by tag or by digest.

use super::*;
use crate::Code;

#[test]
fn a_tag_is_a_finding_a_warning_or_nothing_as_the_policy_says() {
    let with = |demand: &str, mode: &str| compile(&policy_text(mode, demand, SIGNED));
    let tagged = "registry.example/app:v1";
    let by_digest = |set: &PolicySet, reference: &str| {
        let pinned = index("registry.example/app", &[entry(1, "linux/amd64")]);
        let mut world = appraisal(pinned.written_as(reference.to_owned()));
        let digest = world.image.digest().clone();
        world.verified.push(honest(set, &digest));
        verdict_in(set, &world, None)
    };
    let digest = index("registry.example/app", &[entry(1, "linux/amd64")])
        .digest()
        .clone();
    let set = with("requireDigest: deny", "enforce");
    for reference in [tagged, "registry.example/app"] {
        let verdict = by_digest(&set, reference);
        assert_eq!(verdict.decision, Decision::Deny, "{reference}");
        let finding = &verdict.policies[0].findings[0];
        assert_eq!(finding.code, Code::ImageDigestRequired);
        assert_eq!(finding.found, format!("`{reference}`"));
        let hint = finding.hint.as_ref().unwrap();
        assert!(hint.contains(&format!("registry.example/app@{digest}")));
        assert!(finding.position.as_ref().unwrap().source.contains("deny"));
    }
    for reference in [
        format!("registry.example/app@{digest}"),
        format!("{tagged}@{digest}"),
    ] {
        assert_eq!(by_digest(&set, &reference).decision, Decision::Admit);
    }
    // It follows the mode of its policy.
    let observed = by_digest(&with("requireDigest: deny", "warn"), tagged);
    assert_eq!(observed.decision, Decision::Admit);
    assert_eq!(observed.policies[0].decision, Decision::Deny);
    let warned = by_digest(&with("requireDigest: warn", "enforce"), tagged);
    assert_eq!(warned.decision, Decision::Admit);
    assert_eq!(codes_of(&warned.warnings), ["image/digest-required"]);
    let silent = by_digest(&with("", "enforce"), tagged);
    assert!(silent.warnings.is_empty() && silent.decision == Decision::Admit);
    // A layout has no tag that could move in a registry.
    let layout = by_digest(&set, "oci:images/app:v1");
    assert_eq!(layout.decision, Decision::Admit);
}

#[test]
fn what_depends_on_how_an_image_is_written_is_known() {
    let image = name("registry.example/app");
    let asks = |text: &str| {
        let set = compile(text);
        let matching = set.matching(&image, None);
        matching.asks_how_it_is_written()
    };
    let condition = |expression: &str| {
        policy_text(
            "enforce",
            "",
            &format!(
                "    - {{ name: s, signature: {{ by: [release], cel: [{{ expression: \"{expression}\" }}] }} }}"
            ),
        )
    };
    assert!(!asks(&base()));
    assert!(!asks(&condition("signature.kind == 'key'")));
    assert!(asks(&condition("image.reference.endsWith(':v1')")));
    assert!(asks(&policy_text("warn", "requireDigest: warn", SIGNED)));
    // Only of policies that match.
    let elsewhere = condition("image.name == 'x'").replace("registry.example/**", "x.example/**");
    assert!(!asks(&elsewhere));
}
