//! Many images at once: their bytes on one thread, their cryptography on several.

use std::collections::BTreeMap;
use std::sync::Arc;

use sovverify::report::v1::ArtifactReport;
use sovverify::{Code, EvidenceSet};
use sovverify_fetch::{Discovery, FetchConfig, Location, Request};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::problem::{Stopped, unfetched};

/// Images in work at once: enough to hide round trips, few enough for the memory, because each
/// may hold the evidence of one image (`FetchLimits::total_bytes`).
const IMAGES_AT_ONCE: usize = 8;

/// What becomes of the evidence of one image.
pub(crate) type Judge = dyn Fn(&Location, EvidenceSet) -> ArtifactReport + Send + Sync;

/// Discovers the evidence of every location, has it judged, and returns the results in order.
pub(crate) fn each(
    locations: Vec<Location>,
    request: &Request,
    config: FetchConfig,
    judge: &Arc<Judge>,
) -> Result<Vec<ArtifactReport>, Stopped> {
    let runtime = runtime(&locations)?;
    let discovery = Arc::new(Discovery::new(config)?);
    runtime.block_on(async {
        let at_once = Arc::new(Semaphore::new(IMAGES_AT_ONCE));
        let mut work = JoinSet::new();
        for (number, location) in locations.into_iter().enumerate() {
            let (at_once, discovery) = (Arc::clone(&at_once), Arc::clone(&discovery));
            let (request, judge) = (request.clone(), Arc::clone(judge));
            work.spawn(async move {
                // The semaphore is never closed; without a permit the work is only less bounded.
                let _permit = at_once.acquire_owned().await.ok();
                let evidence = discovery.discover(&location, &request).await;
                let judged = tokio::task::spawn_blocking(move || match evidence {
                    Ok(evidence) => judge(&location, evidence),
                    Err(error) => unfetched(&location, &error),
                });
                judged.await.map(|report| (number, report))
            });
        }
        let mut results = BTreeMap::new();
        while let Some(done) = work.join_next().await {
            let (number, report) = done.and_then(|judged| judged).map_err(|_| lost())?;
            results.insert(number, report);
        }
        Ok(results.into_values().collect())
    })
}

/// A runtime with sockets only where some location needs one: reading a layout opens none.
fn runtime(locations: &[Location]) -> Result<Runtime, Stopped> {
    let mut builder = Builder::new_current_thread();
    if locations
        .iter()
        .any(|location| matches!(location, Location::Registry(_)))
    {
        builder.enable_io();
    }
    builder.enable_time().build().map_err(|error| {
        Stopped::new(Code::SystemFailed, "the system gives no threads or sockets")
            .expected("an event loop")
            .found(error.to_string())
    })
}

/// A worker panicked; the panic itself has been reported by the hook.
fn lost() -> Stopped {
    Stopped::new(Code::SystemFailed, "a worker was lost")
        .expected("every image judged")
        .found("a panic, which is a bug in sovverify")
        .hint("please report it as described in SECURITY.md")
}
