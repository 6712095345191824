//! Images that nobody has asked about: how many round trips to the registry, and what is left.

use std::time::Duration;

use sovverify_forge::Act;

use crate::Effort;
use crate::cached::client_runtime;
use crate::client::{Connection, median};
use crate::process::{Kind, Running};
use crate::world::World;

/// What the registry takes for each answer.
const ROUND_TRIP: Duration = Duration::from_millis(20);

pub(crate) fn run(effort: Effort) {
    let images = match effort {
        Effort::Quick => 10,
        Effort::Full => 200,
    };
    let world = World::with(images, |_| Act::ServeAfter(ROUND_TRIP));
    let took = client_runtime().block_on(async {
        let server = Running::start(Kind::Webhook, &world.files).await;
        let mut connection = Connection::open(server.address, &world.files.client()).await;
        let mut took = Vec::new();
        for review in world.reviews() {
            let answer = connection.post("/validate?timeout=10s", review).await;
            assert!(answer.admits(), "{}", answer.text());
            took.push(answer.took.as_secs_f64() * 1e3);
        }
        took
    });
    let trip = ROUND_TRIP.as_secs_f64() * 1e3;
    let middle = median(took.clone());
    let mut sorted = took;
    sorted.sort_by(f64::total_cmp);
    let slow = sorted[sorted.len() * 99 / 100];
    let requests = world.registry.asked().len() as f64 / images as f64;
    println!("\ncold verdict: {images} images, one after the other, registry at {trip:.0} ms");
    println!("requests to the registry for each image: {requests:.1}");
    println!(
        "median {middle:.1} ms = {:.2} round trips = 4 round trips + {:.1} ms; p99 {slow:.1} ms",
        middle / trip,
        middle - 4.0 * trip
    );
}
