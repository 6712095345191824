//! When to end: what the system says, in two steps.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether the server should go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// It should.
    #[default]
    No,
    /// It should end in good order: be unready, wait until nobody comes any more, finish what began.
    Drain,
    /// The same, without waiting for callers to notice.
    Hurry,
}

/// Listens to SIGTERM and SIGINT: the first one means [`Stop::Drain`], the second [`Stop::Hurry`].
///
/// # Errors
///
/// The system refuses to install the handlers.
pub fn on_signals() -> std::io::Result<watch::Receiver<Stop>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (tell, stop) = watch::channel(Stop::No);
    tokio::spawn(async move {
        for next in [Stop::Drain, Stop::Hurry] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tell.send_replace(next);
        }
        // Dropping the sender would look like news to whoever waits for a change.
        tell.closed().await;
    });
    Ok(stop)
}

/// Waits until the server should be `at_least` so far. A sender that is gone will never say more.
pub(super) async fn reached(stop: &mut watch::Receiver<Stop>, at_least: Stop) {
    if stop.wait_for(|now| *now >= at_least).await.is_err() {
        std::future::pending::<()>().await;
    }
}
