//! The streams of one HTTP/2 connection, run by the task that reads and writes it.
//!
//! Most answers are known at once. Handed to another thread, each of them would have to wake this one, and
//! would leave in a packet of its own; so they are made where their requests were read, and leave together.
//! Whatever takes long (a registry, a verification, a large object) runs elsewhere and is only waited for
//! here.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use hyper::rt::Executor;

/// Where a connection puts the streams that have begun. Its own bound on streams bounds them.
#[derive(Clone, Default)]
pub(super) struct Begun(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Begun {
    fn execute(&self, stream: F) {
        self.lock().push(Box::pin(stream));
    }
}

impl Begun {
    fn lock(&self) -> MutexGuard<'_, Vec<BoxFuture<'static, ()>>> {
        // A push is all that happens under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection with its streams.
pub(super) struct Together<C> {
    connection: Pin<Box<C>>,
    begun: Begun,
    running: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl<C> Together<C> {
    /// A connection that puts its streams into `begun`.
    pub(super) fn new(connection: C, begun: Begun) -> Self {
        Self {
            connection: Box::pin(connection),
            begun,
            running: FuturesUnordered::new(),
        }
    }

    pub(super) fn connection(&mut self) -> Pin<&mut C> {
        self.connection.as_mut()
    }

    /// Takes over what has begun and lets everything that can go on do so; says whether a stream ended.
    fn advance(&mut self, context: &mut Context<'_>) -> bool {
        let begun = std::mem::take(&mut *self.begun.lock());
        self.running.extend(begun);
        let mut ended = false;
        while let Poll::Ready(Some(())) = self.running.poll_next_unpin(context) {
            ended = true;
        }
        ended
    }
}

impl<C: Future> Future for Together<C> {
    type Output = C::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<C::Output> {
        self.advance(context);
        loop {
            // What streams have said leaves here; with the connection they end as well.
            if let Poll::Ready(result) = self.connection.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            if !self.advance(context) {
                return Poll::Pending;
            }
        }
    }
}
