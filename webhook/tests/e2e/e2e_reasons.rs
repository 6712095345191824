//! What a user reads: one sentence that says which image, which rule, what was expected and found, and
//! what to do.

use sovverify_testbed::cosign::{Cosign, Reach, Version};
use sovverify_testbed::image::Image;

use crate::support::kubectl::Output;
use crate::support::stage::{Scene, Stage};
use crate::support::webhook::Settings;

/// Runs a pod as a user would.
fn run(scene: &Scene<'_>, name: &str, image: &str) -> Output {
    let image = format!("--image={image}");
    scene.kubectl.run(&["run", name, "-n", scene.name, &image])
}

#[test]
fn kubectl_shows_one_sentence_that_helps() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "sentence", stage.settings());
    let bad = stage.tagged(&stage.bad);
    let output = run(&scene, "app", &bad);
    assert!(!output.success, "{output}");
    println!("{}", output.stderr);
    assert_eq!(output.stderr.trim_end().lines().count(), 1, "{output}");
    for part in [
        "admission webhook \"workloads.sovverify.dev\" denied the request: ",
        &format!("image `{bad}` (spec.containers[0].image)"),
        "rule `signed` of policy `production` (",
        "/policies/policy.yaml:",
        "expected a signature by `release`",
        "found ",
        "[missing: signature/missing]",
    ] {
        assert!(output.stderr.contains(part), "no {part} in: {output}");
    }
}

#[test]
fn a_stranger_an_outage_and_an_unknown_registry_are_told_apart() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "apart", stage.settings());
    let address = stage.registry.address();
    let image = Image::push(&stage.registry, "apps/stranger", "stranger");
    let cosign = Cosign::new(&stage.kit, Version::V3);
    cosign.sign(&stage.stranger, &stage.at(&image), Reach::Index);
    let absent = format!("{address}/apps/absent:v1");
    for (name, image, class) in [
        ("stranger", stage.at(&image), "[invalid: signature/invalid]"),
        ("absent", absent, "[missing: image/not-found]"),
        (
            "elsewhere",
            "elsewhere.example/x:y".to_owned(),
            "[policy: policy/no-match]",
        ),
    ] {
        let output = run(&scene, name, &image);
        assert!(
            output.stderr.contains(class),
            "{name}: no {class} in: {output}"
        );
        assert!(output.stderr.contains(&image), "{name}: {output}");
    }
}

#[test]
fn a_policy_that_warns_is_seen_by_kubectl_and_one_that_audits_is_not() {
    let Some(stage) = Stage::get() else { return };
    let address = stage.registry.address();
    let (bad, good) = (stage.at(&stage.bad), stage.at(&stage.good));
    for (name, mode) in [("warns", "warn"), ("audits", "audit")] {
        let mode = format!("  mode: {mode}\n");
        let policy = stage.policy("rehearsal", &format!("{address}/**"), &mode);
        let settings = Settings::policy(policy).registries(&[address]);
        let scene = Scene::open(stage, name, settings);
        let output = run(&scene, "app", &bad);
        assert!(output.success, "{name}: {output}");
        let warned = output.stderr.starts_with("Warning: ") && output.stderr.contains(&bad);
        if name == "warns" {
            assert!(warned, "{output}");
            assert!(output.stderr.contains("signature/missing"), "{output}");
        } else {
            assert_eq!(output.stderr, "", "{output}");
        }
        let output = run(&scene, "good", &good);
        assert!(
            output.success && !output.stderr.contains("signature"),
            "{output}"
        );
    }
}

#[test]
fn text_by_others_reaches_neither_terminal_nor_log_as_it_is() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "escaped", stage.settings());
    let forged = "x\u{1b}[2J\u{202e}\n{\"level\":\"info\",\"message\":\"admitted\"}";
    let message = scene.pod("app", forged).refused();
    println!("{message}");
    let hostile = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!message.contains(hostile), "{message:?}");
    assert!(message.contains("image/reference-malformed]"), "{message}");
    let log = scene.webhook.process().log();
    let said = log.lines().filter(|line| line.contains("admitted")).count();
    assert!(said > 0, "{log}");
    for line in log.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).expect(line);
        assert_ne!(entry["message"], "admitted", "{line}");
        assert!(!line.contains(hostile), "{line:?}");
    }
}
