//! What is shipped, installed as it is on a control plane of its own: it cannot lock itself out, and it works.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use sovverify_testbed::kit::Kit;

use crate::support::api::{Answer, Api};
use crate::support::authority::Identity;
use crate::support::control_plane::ControlPlane;
use crate::support::gate::{wait_for_namespace, wait_until};
use crate::support::install::{self, NAMESPACE};
use crate::support::objects::pod;
use crate::support::patience::until;
use crate::support::programs::Programs;
use crate::support::stage::Stage;
use crate::support::webhook::Webhook;

/// Where pods of a namespace are.
fn pods(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/pods")
}

#[test]
fn what_is_shipped_comes_up_behind_its_own_gate_and_gates_everything_else() {
    let Some(stage) = Stage::get() else { return };
    let (Some(programs), Some(kit)) = (Programs::find(), Kit::find()) else {
        return;
    };
    let plane = ControlPlane::start(programs, kit.folder());
    let (api, kubectl) = (plane.admin(), plane.kubectl());
    for namespace in ["default", "kube-system"] {
        wait_for_namespace(&api, namespace);
    }
    // All at once, the gate with it: the server itself says whether each field is one that it knows.
    let identity = plane.authority.server("shipped");
    let overlay = overlay(&plane, &kit, &identity);
    let output = kubectl.run(&["apply", "--validate=strict", "-k", &overlay]);
    assert!(output.success, "{output}");

    // Nobody stands behind the gate yet. Nothing else gets in, by any hand;
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    wait_until(&api, "default", |answer| !answer.is_ok());
    let answer = api.create(&pods("default"), &pod("early", &good));
    assert_eq!(answer.word(), "no answer", "{answer:?}");
    // what carries the cluster does,
    api.create(&pods("kube-system"), &pod("network", &bad)).ok();
    // and so does the webhook itself.
    until("pods of the webhook", || {
        let pods = api.get(&pods(NAMESPACE)).ok();
        (pods["items"].as_array()?.len() == 2).then_some(())
    });
    // Whoever administers the cluster can always take the gate away, and put it back.
    let output = kubectl.run(&[
        "delete",
        "validatingwebhookconfiguration",
        "sovverify-webhook",
    ]);
    assert!(output.success, "{output}");
    wait_until(&api, "default", Answer::is_ok);
    let output = kubectl.run(&["apply", "-k", &overlay]);
    assert!(output.success, "{output}");
    wait_until(&api, "default", |answer| !answer.is_ok());

    // Then the webhook comes up, at the address of its service, and everything is as it should be.
    let Some(address) = address_of_the_service(&api) else {
        return;
    };
    let mut settings = stage
        .settings()
        .in_cluster(&install::token(&plane, "webhook"));
    settings.address = Some(address);
    let mut webhook = Webhook::prepare(&plane.authority, &stage.folder("shipped"), settings);
    webhook.certify(&identity);
    webhook.run();
    until("a good pod", || {
        let answer = api.create(&pods("default"), &pod("good", &good));
        answer.is_ok().then_some(())
    });
    let message = api.create(&pods("default"), &pod("bad", &bad)).refused();
    assert!(
        message.contains("[missing: signature/missing]"),
        "{message}"
    );
}

/// The overlay, with a certificate that somebody made, beside a copy of the base.
fn overlay(plane: &ControlPlane, kit: &Kit, identity: &Identity) -> String {
    let deploy = kit.folder().join("deploy");
    copy(&install::folder(), &deploy);
    let overlay = deploy.join("overlays/own-certificate");
    for (from, to) in [
        (&identity.certificate, "tls.crt"),
        (&identity.key, "tls.key"),
        (&plane.authority.file(), "ca.crt"),
    ] {
        std::fs::copy(from, overlay.join(to)).unwrap();
    }
    overlay.display().to_string()
}

/// Where the API server looks for the webhook; `None` with the reason printed where nobody may listen there.
fn address_of_the_service(api: &Api) -> Option<SocketAddr> {
    let service = format!("/api/v1/namespaces/{NAMESPACE}/services/sovverify-webhook");
    let service = api.get(&service).ok();
    let address = service["spec"]["clusterIP"].as_str().unwrap();
    let address = SocketAddr::new(address.parse().unwrap(), 443);
    if let Err(error) = TcpListener::bind(address) {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!ci, "cannot listen on {address}, and CI=true: {error}");
        println!("skipped: cannot listen on {address}: {error}");
        return None;
    }
    Some(address)
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
