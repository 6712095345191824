//! The registry fails in every way: what is known stays admitted, what is not known is refused in time and
//! with the class that says that trying again helps, and a lie is never an outage.

use std::time::{Duration, Instant};

use crate::support::gate;
use crate::support::patience::until;
use crate::support::stage::{Scene, Stage};
use crate::support::weather::{Outpost, Weather};
use crate::support::webhook::Settings;

/// Bounds under which an outage is noticed soon. The scenario of a silent registry has the real ones.
const SOON: &str = "  limits: { idleTime: 1s, totalTime: 3s, attempts: 2 }\n";

/// What the API server waits for us, as shipped.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A scene whose images are all fetched through the weather.
fn scene<'a>(stage: &'a Stage, outpost: &Outpost, name: &'static str, more: &str) -> Scene<'a> {
    let address = outpost.address();
    let policy = stage.policy("production", &format!("{address}/**"), "");
    let settings = Settings::policy(policy).registries(&[address]);
    Scene::open(stage, name, settings.configured(more))
}

#[test]
fn an_outage_refuses_the_unknown_as_transient_and_leaves_the_known_alone() {
    let Some(stage) = Stage::get() else { return };
    let outpost = Outpost::before(&stage.registry);
    let scene = scene(stage, &outpost, "outage", SOON);
    let known = stage.good.at(outpost.address());
    scene.pod("known", &known).ok();
    for (number, (weather, code)) in [
        (Weather::Down, "registry/unreachable"),
        (Weather::Broken, "registry/server-error"),
        (Weather::TooMany, "registry/rate-limited"),
        (Weather::Silent, "registry/timeout"),
    ]
    .into_iter()
    .enumerate()
    {
        let image = stage.signed(&format!("outage/app-{number}"));
        let unknown = image.at(outpost.address());
        outpost.set(weather);
        let begin = Instant::now();
        let message = scene.pod(&format!("unknown-{number}"), &unknown).refused();
        let took = begin.elapsed();
        println!("{weather:?} after {took:?}: {message}");
        assert!(took < TIMEOUT, "{weather:?}: {took:?}");
        let class = format!("[transient: {code}]");
        assert!(
            message.contains(&class),
            "{weather:?}: no {class} in: {message}"
        );
        scene.pod(&format!("known-{number}"), &known).ok();
        // An outage is not remembered for longer than it takes to try again.
        outpost.set(Weather::Fair);
        until("the registry to be asked again", || {
            let answer = scene.pod(&format!("unknown-{number}"), &unknown);
            answer.is_ok().then_some(())
        });
    }
}

#[test]
fn a_registry_that_lies_is_no_outage_and_admits_nothing() {
    let Some(stage) = Stage::get() else { return };
    let outpost = Outpost::before(&stage.registry);
    let scene = scene(stage, &outpost, "lying", SOON);
    let known = stage.good.at(outpost.address());
    scene.pod("known", &known).ok();
    let image = stage.signed("lying/app").at(outpost.address());
    outpost.set(Weather::Lying);
    let message = scene.pod("app", &image).refused();
    assert!(
        message.contains("[invalid: image/digest-mismatch]"),
        "{message}"
    );
    scene.pod("known-again", &known).ok();
}

#[test]
fn a_registry_that_says_nothing_is_answered_for_before_the_api_server_gives_up() {
    let Some(stage) = Stage::get() else { return };
    let outpost = Outpost::before(&stage.registry);
    let scene = scene(stage, &outpost, "silent", "");
    let image = stage.signed("silent/app").at(outpost.address());
    outpost.set(Weather::Silent);
    let begin = Instant::now();
    let message = scene.pod("app", &image).refused();
    let took = begin.elapsed();
    println!("{took:?}: {message}");
    assert!(took < TIMEOUT, "{took:?}");
    assert!(message.contains("[transient: "), "{message}");
}

#[test]
fn what_takes_too_long_goes_on_and_is_known_at_the_next_try() {
    let Some(stage) = Stage::get() else { return };
    let outpost = Outpost::before(&stage.registry);
    let address = outpost.address();
    let policy = stage.policy("production", &format!("{address}/**"), "");
    let settings = Settings::policy(policy).registries(&[address]);
    let scene = Scene::ungated(stage, "slow", settings);
    // The rules as shipped, with less patience: an operator may do that.
    let mut gate = gate::shipped(&scene.kubectl);
    gate["webhooks"][0]["timeoutSeconds"] = 2.into();
    scene.close_by(&gate);
    let image = stage.signed("slow/app").at(address);
    outpost.set(Weather::Slow(Duration::from_millis(700)));
    let message = scene.pod("app", &image).refused();
    assert!(
        message.contains("[transient: admission/timeout]"),
        "{message}"
    );
    until("the verification to end", || {
        let ended = scene
            .webhook
            .metric("sovverify_webhook_verifications_background_total", "");
        (ended > 0.0).then_some(())
    });
    let asked = outpost.asked();
    scene.pod("app", &image).ok();
    assert_eq!(outpost.asked(), asked);
}

#[test]
fn an_address_of_the_machine_that_is_no_registry_is_never_asked() {
    let Some(stage) = Stage::get() else { return };
    let outpost = Outpost::before(&stage.registry);
    let port = outpost.address().port();
    // The policy is about everything, and the registry is one that answers. It is not in the configuration.
    let settings = Settings::policy(stage.policy("everything", "**", ""));
    let scene = Scene::open(
        stage,
        "addresses",
        settings.registries(&[stage.registry.address()]),
    );
    for host in [
        format!("127.0.0.1:{port}"),
        format!("127.1.2.3:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("2130706433:{port}"),
        format!("0.0.0.0:{port}"),
        "169.254.169.254".to_owned(),
        "[fd00:ec2::254]".to_owned(),
    ] {
        let message = scene.pod("app", &format!("{host}/apps/good:v1")).refused();
        println!("{host}: {message}");
        let codes = [
            "registry/host-refused",
            "registry/unresolvable",
            "image/reference-malformed",
        ];
        assert!(
            codes.iter().any(|code| message.contains(code)),
            "{host}: {message}"
        );
    }
    assert_eq!(outpost.asked(), 0);
    scene.pod("good", &stage.at(&stage.good)).ok();
}
