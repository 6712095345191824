//! What admission adds to the creation of a pod, beside what any webhook adds. Told, and never judged: the
//! machine may be busy with something else.

use std::time::{Duration, Instant};

use crate::support::gate;
use crate::support::noop;
use crate::support::objects::pod;
use crate::support::stage::{Scene, Stage};

/// Pods of each kind.
const PODS: usize = 300;

#[test]
fn the_time_that_admission_adds_to_a_pod_is_told_beside_that_of_a_webhook_that_does_nothing() {
    let Some(stage) = Stage::get() else { return };
    let ours = Scene::open(stage, "latency-ours", stage.settings());
    let (api, authority) = (&ours.api, &stage.plane.authority);
    let nothing = noop::Webhook::start(authority);
    let gate = &stage.gate;
    gate::close(api, gate, &authority.pem, nothing.address(), "latency-noop");
    for name in ["latency-none", "latency-noop"] {
        ours.namespace(name, &[(gate::SCENARIO, name)].into());
    }
    gate::wait_until(api, "latency-noop", |_| nothing.asked() > 0);
    let good = stage.at(&stage.good);
    let places = ["latency-none", "latency-noop", "latency-ours"];
    let mut times: [Vec<Duration>; 3] = Default::default();
    // In turns, so that what the machine does otherwise hits all of them.
    for number in 0..PODS {
        for (place, times) in places.iter().zip(&mut times) {
            let path = format!("/api/v1/namespaces/{place}/pods");
            let object = pod(&format!("p{number}"), &good);
            let begin = Instant::now();
            api.create(&path, &object).ok();
            times.push(begin.elapsed());
        }
    }
    let [none, noop, ours] = times.map(median);
    let added = |time: Duration| time.saturating_sub(none).as_secs_f64() * 1e3;
    println!(
        "pod creation, medians of {PODS}: without a webhook {none:?}, beside one that does nothing \
         {noop:?}, beside ours {ours:?}; added {:.2} ms and {:.2} ms, ratio {:.2}",
        added(noop),
        added(ours),
        added(ours) / added(noop)
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
