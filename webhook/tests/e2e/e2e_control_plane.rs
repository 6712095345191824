//! The control plane itself: without a webhook it runs what it is given, and its controllers work.

use serde_json::json;
use sovverify_testbed::kit::Kit;

use crate::support::control_plane::ControlPlane;
use crate::support::patience::until;
use crate::support::programs::Programs;

#[test]
fn a_control_plane_starts_and_its_controllers_make_pods() {
    let (Some(programs), Some(kit)) = (Programs::find(), Kit::find()) else {
        return;
    };
    let begin = std::time::Instant::now();
    let plane = ControlPlane::start(programs, kit.folder());
    println!("ready after {:?}", begin.elapsed());
    let api = plane.admin();
    until("the default service account", || {
        api.get("/api/v1/namespaces/default/serviceaccounts/default")
            .is_ok()
            .then_some(())
    });
    println!("service account after {:?}", begin.elapsed());
    let output = plane
        .kubectl()
        .run(&["create", "deployment", "d", "--image=x.example/y:z"]);
    assert!(output.success, "{output}");
    let pod = until("a pod of the deployment", || {
        let pods = api.get("/api/v1/namespaces/default/pods").ok();
        pods["items"].as_array().unwrap().first().cloned()
    });
    assert_eq!(
        pod["spec"]["containers"][0]["image"],
        json!("x.example/y:z")
    );
    println!("pod after {:?}", begin.elapsed());
}
