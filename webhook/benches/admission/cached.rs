//! Reviews whose verdict is known: what is left is reading, answering, and the bounds.

use hyper::body::Bytes;
use sovverify_forge::Act;

use crate::Effort;
use crate::client::{Connection, load, median};
use crate::process::{Kind, Running};
use crate::world::World;

/// Requests at once, all on one connection.
const STREAMS: usize = 16;

/// What one server did in one round.
struct Sample {
    per_second: f64,
    half: f64,
    slowest: f64,
    /// Microseconds of processor time for each review, of the server alone.
    work: f64,
}

pub(crate) fn run(effort: Effort) {
    let (rounds, count) = match effort {
        Effort::Quick => (3, 2_000),
        Effort::Full => (15, 30_000),
    };
    let world = World::with(20, |_| Act::Serve);
    let runtime = client_runtime();
    let samples = runtime.block_on(async {
        let mut servers = Vec::new();
        for kind in Kind::ALL {
            let server = Running::start(kind, &world.files).await;
            let mut connection = Connection::open(server.address, &world.files.client()).await;
            // A connection that asks for nothing is cut off, and the others are measured first.
            assert_eq!(connection.get("/readyz").await.status, 200);
            servers.push((server, connection, Vec::new()));
        }
        let reviews = world.reviews();
        // The first round makes the verdicts known, and is not counted.
        for round in 0..=rounds {
            for (server, connection, samples) in &mut servers {
                let sample = measure(server, connection, reviews.clone(), count).await;
                if round > 0 {
                    samples.push(sample);
                }
            }
        }
        servers
            .into_iter()
            .map(|(server, _, samples)| (server.kind, samples))
            .collect::<Vec<_>>()
    });
    print(&samples, world.review(0).len());
}

async fn measure(
    server: &Running,
    connection: &Connection,
    reviews: Vec<Bytes>,
    count: usize,
) -> Sample {
    let before = server.worked();
    let review = move |number: usize| reviews[number % reviews.len()].clone();
    let connections = [connection.clone()];
    let load = load(&connections, STREAMS, count, review, |_, answer| {
        assert!(answer.admits(), "{}", answer.text());
    })
    .await;
    Sample {
        per_second: load.per_second(),
        half: load.permille(500),
        slowest: load.permille(990),
        work: (server.worked() - before) * 1e6 / count as f64,
    }
}

/// One thread sends: with more, client and server would take each other's processors in turn.
pub(crate) fn client_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Ratios are taken within each round, and their median is printed.
fn print(samples: &[(Kind, Vec<Sample>)], bytes: usize) {
    println!(
        "\ncached verdict: reviews of {bytes} bytes, one HTTP/2 connection, {STREAMS} streams, {} rounds",
        samples[0].1.len()
    );
    println!(
        "{:<10} {:>10} {:>10} {:>10} {:>12} {:>12} {:>12} {:>12}",
        "", "reviews/s", "p50", "p99", "server cpu", "/bare", "p99 /bare", "cpu /bare"
    );
    let bare = &samples[0].1;
    for (kind, samples) in samples {
        let of = |field: fn(&Sample) -> f64| median(samples.iter().map(field).collect());
        let ratio = |field: fn(&Sample) -> f64| {
            let pairs = samples.iter().zip(bare);
            median(
                pairs
                    .map(|(ours, bare)| field(ours) / field(bare))
                    .collect(),
            )
        };
        println!(
            "{:<10} {:>10.0} {:>7.2} ms {:>7.2} ms {:>9.1} µs {:>11.2}x {:>11.2}x {:>11.2}x",
            kind.name(),
            of(|sample| sample.per_second),
            of(|sample| sample.half),
            of(|sample| sample.slowest),
            of(|sample| sample.work),
            ratio(|sample| sample.per_second),
            ratio(|sample| sample.slowest),
            ratio(|sample| sample.work),
        );
    }
}
