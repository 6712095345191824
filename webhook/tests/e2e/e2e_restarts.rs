//! What it stands on goes away and comes back under load: the process, the API server, the certificate,
//! the policy. Nothing wrong is admitted, and nothing good is forgotten.

use std::sync::Arc;

use reqwest::Method;
use sovverify_testbed::kit::Kit;

use crate::support::api::{Api, RUNTIME, client};
use crate::support::control_plane::ControlPlane;
use crate::support::install;
use crate::support::load::Load;
use crate::support::objects::pod;
use crate::support::patience::until;
use crate::support::programs::Programs;
use crate::support::review;
use crate::support::stage::{Scene, Stage};
use crate::support::weather::{Outpost, Weather};
use crate::support::webhook::Settings;

/// Requests at once.
const AT_ONCE: u64 = 4;

#[test]
fn killed_under_load_it_admits_nothing_wrong_and_still_knows_what_is_good() {
    let Some(stage) = Stage::get() else { return };
    let outpost = Outpost::before(&stage.registry);
    let address = outpost.address();
    let file = stage.folder("verdicts").join("verdicts");
    let policy = stage.policy("production", &format!("{address}/**"), "");
    let settings = Settings::policy(policy)
        .registries(&[address])
        .configured("  limits: { idleTime: 1s, totalTime: 3s, attempts: 1 }\n")
        .flag(format!("--cache-file={}", file.display()));
    let mut scene = Scene::open(stage, "killed", settings);
    let images = [stage.good.at(address), stage.bad.at(address)];
    scene.pod("known", &images[0]).ok();
    scene.pod("unknown", &images[1]).refused();
    until("the verdict to be written down", || {
        file.metadata()
            .is_ok_and(|meta| meta.len() > 0)
            .then_some(())
    });
    // From here on the registry cannot help.
    outpost.set(Weather::Down);
    let load = good_and_bad(scene.api.clone(), scene.pods(), images);
    load.wait_for(40);
    for _ in 0..3 {
        scene.webhook.kill();
        load.wait_for(20);
        scene.webhook.start_again();
        load.wait_for(40);
    }
    let outcomes = load.end();
    println!("{outcomes:?}");
    for expected in ["good: done", "good: no answer", "bad: no answer"] {
        assert!(outcomes.contains_key(expected), "{expected}: {outcomes:?}");
    }
    // A service sends nothing to who says that it is not ready. Here there is none, so we see what is said
    // before policies are loaded.
    let not_ready = "good: refused [transient: admission/not-ready]";
    for outcome in outcomes.keys().map(String::as_str) {
        let good = ["good: done", "good: no answer", not_ready].contains(&outcome);
        let bad = outcome == "bad: no answer" || outcome.starts_with("bad: refused [");
        assert!(good || bad, "{outcome}: {outcomes:?}");
    }
    scene.pod("at-the-end", &stage.good.at(address)).ok();
}

#[test]
fn a_certificate_is_replaced_under_load_and_no_review_fails() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "certificate", stage.settings());
    let authority = &stage.plane.authority;
    let good = stage.at(&stage.good);
    scene.pod("warm", &good).ok();
    let body = Arc::new(review::of_pod(scene.name, &pod("app", &good)));
    let url = format!("https://{}/validate?timeout=10s", scene.webhook.address());
    // Half of them keep their connections, half make a new one each time.
    let kept = client(authority).build().unwrap();
    let fresh = client(authority).pool_max_idle_per_host(0).build().unwrap();
    let load = Load::begin(AT_ONCE, move |number| {
        let client = if number % 2 == 0 { &kept } else { &fresh };
        let request = client.post(&url).header("content-type", "application/json");
        let sent = request.body(body.to_string()).send();
        async move {
            let answer = async { sent.await?.error_for_status()?.text().await };
            match answer.await {
                Ok(text) if text.contains("\"allowed\":true") => "allowed".to_owned(),
                Ok(text) => text,
                Err(error) => format!("{error:?}"),
            }
        }
    });
    let served = || {
        let client = client(authority).tls_info(true).build().unwrap();
        let url = format!("https://{}/healthz", scene.webhook.address());
        let sent = async { client.get(url).send().await };
        let response = RUNTIME.block_on(sent).ok()?;
        let info = response.extensions().get::<reqwest::tls::TlsInfo>()?;
        info.peer_certificate().map(<[u8]>::to_vec)
    };
    for number in 0..5 {
        load.wait_for(50);
        let before = served();
        let identity = authority.server(&format!("rotated-{number}"));
        scene.webhook.certify(&identity);
        until("the new certificate", || (served() != before).then_some(()));
        scene.pod(&format!("after-{number}"), &good).ok();
    }
    load.wait_for(50);
    let outcomes = load.end();
    println!("{outcomes:?}");
    assert_eq!(outcomes.keys().collect::<Vec<_>>(), ["allowed"]);
}

#[test]
fn a_broken_policy_changes_nothing_until_it_is_repaired() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "broken", stage.settings());
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    let images = format!("{}/**", stage.registry.address());
    let policy = stage.policy("production", &images, "");
    let failed = || {
        scene
            .webhook
            .metric("sovverify_webhook_reloads_total", "fail")
    };
    let broken = [
        policy.replace("signature:", "signatures:"),
        policy.replace("by: [release]", "by: [nobody]"),
        "{".to_owned(),
        String::new(),
    ];
    for (number, text) in broken.iter().enumerate() {
        let before = failed();
        scene.webhook.write_policy(text);
        until("the broken policy to be seen", || {
            (failed() > before).then_some(())
        });
        scene.pod(&format!("good-{number}"), &good).ok();
        let message = scene.pod("bad", &bad).refused();
        assert!(
            message.contains("[missing: signature/missing]"),
            "{message}"
        );
    }
    // Repaired, and stricter.
    let demand =
        "    - name: provenance\n      attestation: { type: slsa-provenance, by: [release] }\n";
    scene.webhook.write_policy(&format!("{policy}{demand}"));
    let message = until("the repaired policy to be obeyed", || {
        let answer = scene.try_pod(&good);
        (!answer.is_ok()).then(|| answer.refused())
    });
    assert!(message.contains("rule `provenance`"), "{message}");
}

#[test]
fn the_api_server_restarts_and_finds_the_gate_closed_and_the_webhook_finds_it_again() {
    let Some(stage) = Stage::get() else { return };
    let (Some(programs), Some(kit)) = (Programs::find(), Kit::find()) else {
        return;
    };
    let mut plane = ControlPlane::start(programs, kit.folder());
    install::all_but_the_gate(&plane);
    let address = stage.registry.address();
    let policy = stage.policy("production", &format!("{address}/**"), "");
    let settings = Settings::default().registries(&[address]);
    let settings = settings.in_cluster(&install::token(&plane, "restart"));
    let scene = Scene::ungated_on(stage, &plane, "restart", settings);
    scene.close();
    scene.kubectl.apply(&policy);
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    until("the policy to be obeyed", || {
        scene.try_pod(&good).is_ok().then_some(())
    });
    let load = good_and_bad(scene.api.clone(), scene.pods(), [good.clone(), bad.clone()]);
    load.wait_for(20);
    plane.restart_api_server();
    load.wait_for(40);
    let outcomes = load.end();
    println!("{outcomes:?}");
    assert!(!outcomes.contains_key("bad: done"), "{outcomes:?}");
    assert!(outcomes.contains_key("good: done"), "{outcomes:?}");
    assert!(outcomes.contains_key("good: no API server"), "{outcomes:?}");
    scene.pod("bad", &bad).refused();
    scene.pod("after", &good).ok();
    // What is written now is read: the webhook watches again.
    let demand =
        "    - name: provenance\n      attestation: { type: slsa-provenance, by: [release] }\n";
    scene.kubectl.apply(&format!("{policy}{demand}"));
    let message = until("the stricter policy to be obeyed", || {
        let answer = scene.try_pod(&good);
        (!answer.is_ok()).then(|| answer.refused())
    });
    assert!(message.contains("rule `provenance`"), "{message}");
}

/// Creates pods, good and bad ones in turns, as fast as they are answered.
fn good_and_bad(api: Api, pods: String, images: [String; 2]) -> Load {
    Load::begin(AT_ONCE, move |number| {
        let (api, pods) = (api.clone(), pods.clone());
        let bad = number % 2 == 1;
        let object = pod(&format!("load-{number}"), &images[usize::from(bad)]);
        async move {
            let body = Some(("application/json", &object));
            let answer = api.send(&Method::POST, &pods, body).await;
            let word = answer.map_or_else(|_| "no API server".to_owned(), |a| a.word());
            format!("{}: {word}", if bad { "bad" } else { "good" })
        }
    })
}
