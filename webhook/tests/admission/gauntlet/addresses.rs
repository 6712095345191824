//! Row 131: whoever may create a pod names a host, and must not make us ask it.

use std::net::TcpListener;

use sovverify_fetch::config::AllowedRegistries;

use crate::world::{World, policy, review};

/// A place on this machine that nobody may be sent to.
struct Trap(TcpListener);

impl Trap {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn was_visited(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// Every image is somebody's policy's business.
fn everything(world: &World) -> Vec<String> {
    vec![policy(&world.key, ("everything", "**"), "")]
}

#[tokio::test]
async fn gauntlet_131_no_spelling_of_this_machine_or_of_a_metadata_service_is_connected_to() {
    let world = World::new();
    world.apply(&everything(&world));
    let trap = Trap::new();
    let port = trap.port();
    // The registry of this world is on this machine too, and is listed.
    world
        .thrice(&review(&[&world.pinned("team/good")]))
        .await
        .is_allowed();
    let here = [
        "127.0.0.1",
        "127.1",
        "127.9.9.9",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[2001:0:1::80ff:fffe]",
        "0.0.0.0",
        "0",
        "[::]",
        "127.0.0.1%00",
        "127.0.0.1#",
        "127.0.0.1@127.0.0.1",
        "user:password@127.0.0.1",
        "①②⑦.0.0.1",
        "127。0。0。1",
    ];
    for host in here {
        for image in [
            format!("{host}:{port}/x:v1"),
            format!("{host}:{port}/x@sha256:{}", "0".repeat(64)),
        ] {
            is_refused_unasked(&world, &image).await;
        }
        assert!(!trap.was_visited(), "{host}");
    }
    let metadata = [
        "169.254.169.254",
        "169.254.169.254:80",
        "2852039166:80",
        "0xa9fea9fe:80",
        "0251.0376.0251.0376",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[2002:a9fe:a9fe::]",
        "[64:ff9b::a9fe:a9fe]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
    ];
    for host in metadata {
        is_refused_unasked(&world, &format!("{host}/latest/meta-data:v1")).await;
        is_refused_unasked(&world, &format!("{host}/x@sha256:{}", "0".repeat(64))).await;
    }
}

/// Refused by what it is, and not by what happened when it was asked.
async fn is_refused_unasked(world: &World, image: &str) {
    let answered = world.ask(&review(&[image])).await;
    assert!(!answered.allowed(), "{image}: {answered:?}");
    let by = ["registry/host-refused", "image/reference-malformed"];
    let message = answered.message();
    assert!(
        by.iter().any(|code| message.contains(code)),
        "{image}: {message}"
    );
}

#[tokio::test]
async fn gauntlet_131_a_registry_that_is_not_listed_is_not_asked_whatever_its_address() {
    let world = World::new();
    let host = world.registry.host();
    let mut config = world.config();
    config.allowed_registries = AllowedRegistries::Only([host.clone()].into());
    world.apply_as(&everything(&world), Vec::new(), config);
    world
        .thrice(&review(&[&world.pinned("team/good")]))
        .await
        .is_allowed();
    let asked = world.registry.asked().len();
    for image in [
        "registry.example/x:v1",
        "10.0.0.1/x:v1",
        "kubernetes.default.svc/x:v1",
        "docker.io/library/nginx:v1",
        &format!("evil.{host}/x:v1"),
        &format!("{host}1/x:v1"),
    ] {
        let answered = world.thrice(&review(&[image])).await;
        assert!(!answered.allowed(), "{image}: {answered:?}");
        let message = answered.message();
        let codes = ["registry/host-refused", "image/reference-malformed"];
        assert!(
            codes.iter().any(|code| message.contains(code)),
            "{image}: {message}"
        );
    }
    assert_eq!(world.registry.asked().len(), asked);
}

#[tokio::test]
async fn gauntlet_131_what_is_admitted_because_nothing_matches_it_is_not_asked_for() {
    let world = World::new();
    let lax = "apiVersion: policy.sovverify.dev/v1alpha1
kind: Configuration
metadata: { name: process }
spec: { unmatched: admit }
";
    world.apply(&[lax.to_owned(), world.policy("production", "")]);
    let trap = Trap::new();
    let asked = world.registry.asked().len();
    for image in [
        format!("127.0.0.1:{}/x:v1", trap.port()),
        format!("{}/elsewhere/app:v1", world.registry.host()),
        "registry.example/x:v1".to_owned(),
    ] {
        let answered = world.thrice(&review(&[&image])).await;
        answered.is_allowed();
        let warnings = answered.warnings();
        assert!(warnings.contains("policy/unmatched-admitted"), "{warnings}");
    }
    assert!(!trap.was_visited());
    assert_eq!(world.registry.asked().len(), asked);
    // What matches is judged all the same.
    let bad = world.thrice(&review(&[&world.pinned("team/bad")])).await;
    bad.is_denied("signature/missing");
}
