//! Bodies, read within bounds.
//!
//! Bytes are counted as they come, so that a sender who announces much and sends little holds little. The
//! first bytes of each body and the rest are counted apart: whoever sends large bodies keeps only others who
//! do so waiting. The count lasts as long as the bytes do, wherever they go.

use std::sync::Arc;
use std::time::Instant;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::ServerLimits;

/// Memory for bodies.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

/// Why a body was not read to its end, and what came until then.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) why: Why,
    /// The first bytes: they may say which request this was.
    pub(super) beginning: Vec<u8>,
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It has more bytes than any honest one.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// It ended before its end.
    Incomplete,
    /// There is no memory for it now.
    NoMemory,
}

impl Memory {
    pub(super) fn new(limits: &ServerLimits) -> Self {
        Self {
            small: Arc::new(Semaphore::new(limits.small_bodies_bytes)),
            large: Arc::new(Semaphore::new(limits.large_bodies_bytes)),
        }
    }

    /// Reads a body to its end, until `deadline` at most.
    pub(super) async fn read<B>(
        &self,
        body: B,
        limits: &ServerLimits,
        deadline: Instant,
    ) -> Result<Bytes, Unread>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let mut reading = Reading::of(self, limits);
        let whole = tokio::time::timeout_at(deadline.into(), reading.read(body));
        let result = match whole.await {
            Ok(result) => result,
            Err(_) => Err(reading.meanwhile),
        };
        match result {
            Ok(()) => Ok(reading.finish()),
            Err(why) => Err(Unread {
                why,
                beginning: reading.beginning(),
            }),
        }
    }
}

/// A body on its way.
struct Reading<'a> {
    memory: &'a Memory,
    limits: &'a ServerLimits,
    /// The one piece of which most bodies consist.
    first: Bytes,
    /// All pieces, once there is a second one.
    all: Vec<u8>,
    counted: Counted,
    length: usize,
    /// What is wrong when the time is over now.
    meanwhile: Why,
}

/// What a body has taken of the memory for all.
#[derive(Debug, Default)]
struct Counted {
    small: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
}

impl<'a> Reading<'a> {
    fn of(memory: &'a Memory, limits: &'a ServerLimits) -> Self {
        Self {
            memory,
            limits,
            first: Bytes::new(),
            all: Vec::new(),
            counted: Counted::default(),
            length: 0,
            meanwhile: Why::TooSlow,
        }
    }

    async fn read<B>(&mut self, mut body: B) -> Result<(), Why>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let limit = self.limits.body_bytes;
        // Where the sender says so itself, there is no need to read on to learn it; only the beginning is
        // of use.
        let announced = body.size_hint().lower();
        let too_large = usize::try_from(announced).map_or(true, |length| length > limit);
        while let Some(piece) = self.piece(&mut body).await? {
            if self.length.saturating_add(piece.len()) > limit {
                let beginning = piece.len().min(self.limits.small_body_bytes);
                self.keep(piece.slice(..beginning));
                return self.discard(body).await;
            }
            self.count(piece.len()).await?;
            self.keep(piece);
            if too_large {
                return self.discard(body).await;
            }
        }
        Ok(())
    }

    /// Takes what comes, up to the size of one more body, and keeps none of it: over HTTP/1.1, a sender that
    /// is still sending when its connection closes never reads the answer.
    async fn discard<B>(&mut self, mut body: B) -> Result<(), Why>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        self.meanwhile = Why::TooLarge;
        let mut discarded: usize = 0;
        while let Ok(Some(piece)) = self.piece(&mut body).await {
            discarded = discarded.saturating_add(piece.len());
            if discarded > self.limits.body_bytes {
                break;
            }
        }
        Err(Why::TooLarge)
    }

    /// The next piece of data; nothing at the end.
    async fn piece<B>(&mut self, body: &mut B) -> Result<Option<Bytes>, Why>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        loop {
            if body.is_end_stream() {
                return Ok(None);
            }
            let frame = tokio::time::timeout(self.limits.body_idle_time, body.frame());
            match frame.await {
                Err(_) => return Err(Why::TooSlow),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(Why::Incomplete),
                // Trailers say nothing that counts.
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Ok(Some(data)),
                    Err(_) => {}
                },
            }
        }
    }

    /// Takes memory for `length` more bytes, and waits for it where others have it.
    async fn count(&mut self, length: usize) -> Result<(), Why> {
        let small_left = self.limits.small_body_bytes.saturating_sub(self.length);
        let small = length.min(small_left);
        self.meanwhile = Why::NoMemory;
        take(&self.memory.small, small, &mut self.counted.small).await?;
        take(&self.memory.large, length - small, &mut self.counted.large).await?;
        self.meanwhile = Why::TooSlow;
        Ok(())
    }

    fn keep(&mut self, piece: Bytes) {
        let before = self.length;
        self.length = before.saturating_add(piece.len());
        if before == 0 {
            self.first = piece;
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.all.extend_from_slice(&piece);
    }

    fn finish(self) -> Bytes {
        let bytes = if self.all.is_empty() {
            self.first
        } else {
            Bytes::from(self.all)
        };
        if bytes.is_empty() {
            return bytes;
        }
        Bytes::from_owner(Owner {
            bytes,
            _counted: self.counted,
        })
    }

    fn beginning(&self) -> Vec<u8> {
        let bytes = if self.all.is_empty() {
            &self.first[..]
        } else {
            &self.all[..]
        };
        bytes
            .get(..self.limits.small_body_bytes)
            .unwrap_or(bytes)
            .to_vec()
    }
}

async fn take(
    semaphore: &Arc<Semaphore>,
    length: usize,
    held: &mut Option<OwnedSemaphorePermit>,
) -> Result<(), Why> {
    if length == 0 {
        return Ok(());
    }
    let length = u32::try_from(length).map_err(|_| Why::TooLarge)?;
    let more = Arc::clone(semaphore)
        .acquire_many_owned(length)
        .await
        .map_err(|_| Why::NoMemory)?;
    match held {
        Some(held) => held.merge(more),
        None => *held = Some(more),
    }
    Ok(())
}

/// Bytes with what they have taken of the memory for all.
struct Owner {
    bytes: Bytes,
    _counted: Counted,
}

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests;
