//! Ten thousand pods of two hundred images at once, while the registry tells half of the requests to
//! come back later.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sovverify_forge::Act;

use crate::Effort;
use crate::cached::client_runtime;
use crate::client::{Connection, load};
use crate::process::{Kind, Running};
use crate::world::World;

const IMAGES: usize = 200;
/// Connections and streams on each: 512 pods wait at once.
const CONNECTIONS: usize = 4;
const STREAMS: usize = 128;
/// What the API server waits.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) fn run(effort: Effort) {
    let pods = match effort {
        Effort::Quick => 1_000,
        Effort::Full => 10_000,
    };
    // The first request for each thing is refused, the second is answered, and so on.
    let world = World::with(IMAGES, |asked| {
        if asked.before % 2 == 0 {
            Act::Refuse(429, Vec::new())
        } else {
            Act::Serve
        }
    });
    let (transient, late) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (idle, (now, most), load, again) = client_runtime().block_on(async {
        let server = Running::start(Kind::Webhook, &world.files).await;
        let idle = server.memory().0;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(server.address, &world.files.client()).await);
        }
        let reviews = world.reviews();
        let review = move |number: usize| reviews[number % IMAGES].clone();
        let (is_transient, is_late) = (Arc::clone(&transient), Arc::clone(&late));
        let load = load(&connections, STREAMS, pods, review, move |_, answer| {
            assert!(
                answer.admits() || answer.is_transient(),
                "{}",
                answer.text()
            );
            if answer.is_transient() {
                is_transient.fetch_add(1, Ordering::Relaxed);
            }
            if answer.took >= TIMEOUT {
                is_late.fetch_add(1, Ordering::Relaxed);
            }
        })
        .await;
        // Whoever was told to come again does so, and finds the verdict.
        let mut again = 0;
        for review in world.reviews() {
            let answer = connections[0].post("/validate?timeout=10s", review).await;
            again += usize::from(answer.admits());
        }
        (idle, server.memory(), load, again)
    });
    let mut paths: BTreeMap<String, usize> = BTreeMap::new();
    for asked in world.registry.asked() {
        *paths.entry(asked.path).or_default() += 1;
    }
    let repeated = paths.values().filter(|count| **count > 2).count();
    println!(
        "\nflood: {pods} pods of {IMAGES} images, 512 at once, half of the registry's answers are 429"
    );
    println!(
        "answered in {:.1} s; p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms; later than {} s: {}",
        load.lasted.as_secs_f64(),
        load.permille(500),
        load.permille(990),
        load.permille(1000),
        TIMEOUT.as_secs(),
        late.load(Ordering::Relaxed)
    );
    println!(
        "told to come again: {}; admitted when they do: {again} of {IMAGES}",
        transient.load(Ordering::Relaxed)
    );
    println!(
        "paths of the registry: {}; asked for more often than one refused and one answered request: {repeated}",
        paths.len()
    );
    println!("memory: {idle:.1} MiB before, {now:.1} MiB after, {most:.1} MiB at most");
}
